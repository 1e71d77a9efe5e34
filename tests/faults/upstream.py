# SPDX-License-Identifier: Apache-2.0
"""Another resolver, as `forward` sees it: knows names that begin with a letter and a number, `l17.live.example`, and
counts what it is asked."""
import ctypes
import heapq
import multiprocessing
import signal
import socket
import struct
import time

from server import before_others, free_port

NAMES = 1_000       # of each zone below
LIVE, CACHED = "live.example", "cached.example"
SLOW = "s0.slow.example"
SLOW_SECONDS = 0.3  # that an answer about it takes
TTL = 5             # CoreDNS's least, so that entries of the cache come and go
ANSWER = bytes.fromhex("c00c00010001") + struct.pack("!IH", TTL, 4)


def address_of(number):
    return f"198.18.{number >> 8}.{number & 255}"


def external_names():
    """(name, address) of those that pass by the cache, and of those that do not."""
    return [(f"{zone[0]}{n}.{zone}", address_of(n)) for zone in (LIVE, CACHED) for n in range(NAMES)]


class Upstream:
    """A process of its own, so that it can be killed. Use as a context."""

    def __init__(self):
        self.counts = multiprocessing.RawArray(ctypes.c_uint64, 2)  # all questions, those for SLOW
        self.port, self.ends = free_port(), 0
        self.begin()

    def begin(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        s.bind(("127.0.0.1", self.port))
        self.process = multiprocessing.get_context("fork").Process(target=serve, args=(s, self.counts), daemon=True)
        self.process.start()
        s.close()

    def end(self):
        """As a machine that loses its power: nothing more, and the socket is closed."""
        self.process.kill()
        self.process.join()
        self.ends += 1

    asked = property(lambda self: self.counts[0])
    asked_slow = property(lambda self: self.counts[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def serve(s, counts):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    before_others()
    waiting = []  # (when, answer, to)
    while True:
        s.settimeout(max(0.001, waiting[0][0] - time.monotonic()) if waiting else None)
        try:
            packet, client = s.recvfrom(2048)
        except TimeoutError:
            packet = None
        while waiting and waiting[0][0] <= time.monotonic():
            _, answer, to = heapq.heappop(waiting)
            s.sendto(answer, to)
        if packet is None:
            continue
        end = packet.index(0, 12) + 5
        try:
            number = int(packet[14:13 + packet[12]] or 0)  # 0: of a probe, for the root
        except ValueError:
            continue  # from a stranger on this machine, for whoever had the port before
        counts[0] += 1
        answer = (packet[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + packet[12:end] + ANSWER
                  + bytes((198, 18, number >> 8, number & 255)))
        if packet[13:14].lower() == b"s":
            counts[1] += 1
            heapq.heappush(waiting, (time.monotonic() + SLOW_SECONDS, answer, client))
        else:
            s.sendto(answer, client)
