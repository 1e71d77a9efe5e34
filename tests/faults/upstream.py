# SPDX-License-Identifier: Apache-2.0
"""Another resolver, as `forward` sees it, by UDP or with TLS: knows names that begin with a letter and a number,
`l17.live.example`, and counts what it is asked."""
import asyncio
import ctypes
import heapq
import multiprocessing
import signal
import socket
import ssl
import struct
import time

from server import before_others, free_port

NAMES = 1_000       # of each zone below
LIVE, CACHED = "live.example", "cached.example"
FEW_NAMES = 300     # of each of those that follow: asked by TLS, and in a zone of the server's own
SECRET, ZONED = "tls.example", "zoned.example"
SLOW = "s0.slow.example"
SLOW_SECONDS = 0.3  # that an answer about it takes
TTL = 5             # CoreDNS's least, so that entries of the cache come and go
ANSWER = bytes.fromhex("c00c00010001") + struct.pack("!IH", TTL, 4)


def address_of(number):
    return f"198.18.{number >> 8}.{number & 255}"


def external_names():
    """(name, address) of those that pass by the cache, and of those that do not."""
    return [(f"{zone[0]}{n}.{zone}", address_of(n)) for zone in (LIVE, CACHED) for n in range(NAMES)]


def secret_names():
    return [(f"t{n}.{SECRET}", address_of(n)) for n in range(FEW_NAMES)]


def zoned_names():
    return [(f"z{n}.{ZONED}", address_of(n)) for n in range(FEW_NAMES)]


def secret_lines(upstreams, authority):
    """Of a server block: TLS upstreams whose certificates are that authority's, and the zone beside the Corefile."""
    to = " ".join(f"tls://127.0.0.1:{each.port}" for each in upstreams)
    return f"  file zoned.db {ZONED} {{\n    reload 1s\n  }}\n  forward {SECRET} {to} {{\n    tls {authority}\n  }}\n"


def zone_text():
    return f"$TTL {TTL}\n@ SOA ns admin 1 3600 600 86400 {TTL}\n@ NS ns\nns A 192.0.2.1\n" + "".join(
        f"{name.split('.')[0]} A {address}\n" for name, address in zoned_names())


class Upstream:
    """A process of its own, so that it can be killed. Use as a context."""

    def __init__(self):
        self.counts = multiprocessing.RawArray(ctypes.c_uint64, 2)  # all questions, those for SLOW
        self.port, self.ends = free_port(), 0
        self.begin()

    def begin(self):
        s = self.listen()
        self.process = multiprocessing.get_context("fork").Process(target=self.serve, args=(s,), daemon=True)
        self.process.start()
        s.close()

    def listen(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        s.bind(("127.0.0.1", self.port))
        return s

    def serve(self, s):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        before_others()
        serve_datagrams(s, self.counts)

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


class TlsUpstream(Upstream):
    """The same with TLS. `certificate`, `key`: paths."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        super().__init__()

    def listen(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", self.port))
        s.listen(64)
        return s

    def serve(self, s):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        before_others()
        asyncio.run(self.serve_streams(s))

    async def serve_streams(self, s):
        async with await asyncio.start_server(self.converse, sock=s, ssl=self.context) as server:
            await server.serve_forever()

    async def converse(self, reader, writer):
        try:
            while True:
                packet = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                answer = answer_to(packet)
                self.counts[0] += 1
                writer.write(len(answer).to_bytes(2, "big") + answer)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()


def answer_to(packet):
    number = int(packet[14:13 + packet[12]] or 0)  # 0: of a probe, for the root
    return (packet[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + packet[12:packet.index(0, 12) + 5] + ANSWER
            + bytes((198, 18, number >> 8, number & 255)))


def serve_datagrams(s, counts):
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
        try:
            answer = answer_to(packet)
        except ValueError:
            continue  # from a stranger on this machine, for whoever had the port before
        counts[0] += 1
        if packet[13:14].lower() == b"s":
            counts[1] += 1
            heapq.heappush(waiting, (time.monotonic() + SLOW_SECONDS, answer, client))
        else:
            s.sendto(answer, client)
