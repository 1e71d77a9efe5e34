# SPDX-License-Identifier: Apache-2.0
"""Connections that are held open, written to and read from bit by bit, and ended in all ways there are."""
import contextlib
import errno
import socket
import struct

READ_AT_ONCE = 1 << 18   # octets of one connection between two acts
UNREAD = (None, 0, 1, 500)  # octets that a slow reader takes at a time; None: all there is


class Connection:
    """`reads`: octets at a time, None for all, 0 for nobody who reads. `waiting`: octets not written yet."""

    def __init__(self, address, source, reads, small):
        self.reads, self.waiting, self.got, self.over = reads, b"", b"", False
        self.s = socket.socket()
        self.s.setblocking(False)
        if small:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.s.bind((source, 0))
        if self.s.connect_ex(address) not in (0, errno.EINPROGRESS):
            self.over = True

    def pump(self, written):
        """Writes at most `written` octets of what waits, reads what it reads; what was read is in `got`."""
        try:
            if self.waiting:
                self.waiting = self.waiting[self.s.send(self.waiting[:written]):]
        except BlockingIOError:
            pass
        except OSError as e:
            self.over = e.errno != errno.ENOTCONN
        if self.reads == 0:
            return
        with contextlib.suppress(BlockingIOError):
            try:
                octets = self.s.recv(self.reads or READ_AT_ONCE)
                self.got += octets
                self.over |= not octets
            except OSError as e:
                if isinstance(e, BlockingIOError):
                    raise
                self.over |= e.errno != errno.ENOTCONN

    def end(self, how):
        with contextlib.suppress(OSError):
            if how == "reset":
                self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if how == "half":
                self.s.shutdown(socket.SHUT_WR)
                return
        self.s.close()
        self.over = True


class Held:
    """At most `most` of them; the oldest goes first. `judge(connection)` is called with each that got something."""

    def __init__(self, most, judge):
        self.most, self.judge, self.all = most, judge, []

    def open(self, rng, address, kind=Connection, readers=UNREAD):
        one = kind(address, f"127.0.0.{rng.randrange(1, 9)}", rng.choice(readers), rng.random() < 0.3)
        self.all.append(one)
        if len(self.all) > self.most:
            self.all.pop(0).end("close")
        return one

    def any(self, rng):
        at = rng.random()
        return self.all[int(at * len(self.all))] if self.all else None

    def collect(self, rng):
        for one in self.all:
            one.pump(rng.choice((1, 7, 100_000)))
            if one.got:
                self.judge(one)
            if one.over:
                one.s.close()
        self.all = [one for one in self.all if not one.over]

    def close(self):
        for one in self.all:
            one.end("close")
