# SPDX-License-Identifier: Apache-2.0
"""What the injector is told: the layout of `order` in injector.hpp."""
import mmap
import struct

# As enum `function`, and what a refusal has to name when it fails; `memory` is what `new` gives.
FUNCTIONS = ("thread", "socket", "accept", "bind", "listen", "connect", "epoll_create", "epoll_ctl", "eventfd",
             "timerfd_create", "timerfd_settime", "receive", "send", "mmap", "open", "getaddrinfo", "memory")
NOTHING = 0xFFFFFFFF
HEAD = struct.Struct("=IiqQ")
COUNTS = struct.Struct(f"={len(FUNCTIONS)}Q")


class Order:
    """A file that a server is started with (`environment`), and the test's hand on it."""

    def __init__(self, path):
        self.path = str(path)
        with open(self.path, "w+b") as f:
            f.truncate(HEAD.size + COUNTS.size)
            self.memory = mmap.mmap(f.fileno(), 0)
        self.nothing()

    def nothing(self):
        """No call fails from now on."""
        struct.pack_into("=I", self.memory, 0, NOTHING)

    def fail(self, function, nth, times=1):
        """The `nth` call of `function` from now on fails, and `times - 1` after it."""
        self.nothing()
        HEAD.pack_into(self.memory, 0, NOTHING, times, nth, 0)
        struct.pack_into("=I", self.memory, 0, FUNCTIONS.index(function))

    @property
    def failed(self):
        """How many calls were made to fail since fail()."""
        return HEAD.unpack_from(self.memory, 0)[3]

    def calls(self):
        """function -> how often it was called so far."""
        return dict(zip(FUNCTIONS, COUNTS.unpack_from(self.memory, HEAD.size)))
