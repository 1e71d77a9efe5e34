# SPDX-License-Identifier: Apache-2.0
"""Upstreams that are silent, slow or verbose, and clients who ask for names that only they know. Victims ask for names of
another upstream, which is well, at the same port."""
import multiprocessing
import selectors
import socket
import struct
import time

import packets
from server import before_others, free_port, question
from upstream import LIVE, Upstream, external_names
from watch import Watch, held

SECONDS = 8
FEW_DESCRIPTORS = ("prlimit", "--nofile=1024:1024")
LIVING = [each for each in external_names() if each[0].endswith(LIVE)]
MOST_CONNECTIONS = 256      # to one upstream, of net/upstream_link.hpp
TXT = 16
CACHES, BIG_ANSWERS = 8, 4_000
BIG_TEXTS = 215            # of 255 octets in an answer: 57 kB


def _flood(port, zone, rate, seconds, big):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.connect(("127.0.0.1", port))
    s.setblocking(False)
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            wire = question([f"n{sent}", *zone.split(".")], sent & 0xffff)
            if big:
                wire = wire[:11] + b"\1" + wire[12:-4] + struct.pack("!2HBHHIH", TXT, 1, 0, 41, 4096, 0, 0)
            s.send(wire)
            sent += 1
        try:
            while True:
                s.recv(65535)
        except BlockingIOError:
            time.sleep(0.001)


def flood(port, zone, rate, seconds=SECONDS, big=False):
    """A name each time, from a process of its own; `big`: whatever text there is, with room for 4,096 octets."""
    process = multiprocessing.get_context("fork").Process(target=_flood, args=(port, zone, rate, seconds, big), daemon=True)
    process.start()
    process.join(seconds + 10)


class Hole:
    """Takes questions and never answers. Use as a context."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()


def _drip(listening, most, total):
    """Answers everything that comes, an octet every tenth of a second."""
    waiting, taken = selectors.DefaultSelector(), {}
    waiting.register(listening, selectors.EVENT_READ)
    due = time.monotonic()
    while True:
        for key, _ in waiting.select(0.02):
            if key.fileobj is listening:
                peer = listening.accept()[0]
                peer.setblocking(False)
                taken[peer] = True
                total.value += 1
                most.value = max(most.value, len(taken))
                waiting.register(peer, selectors.EVENT_READ)
                continue
            try:
                gone = not key.fileobj.recv(65535)
            except OSError:
                gone = True
            if gone:
                waiting.unregister(key.fileobj)
                del taken[key.fileobj]
                key.fileobj.close()
        if time.monotonic() >= due:
            due += 0.1
            for peer in taken:
                try:
                    peer.send(b"\0")
                except OSError:
                    pass


def _say_much(udp, listening):
    """By UDP that it is too much, by TCP all of it."""
    def reply(wire, flags, records):
        end = packets.read_name(wire, 12)[1] + 4
        return (wire[:2] + struct.pack("!5H", packets.QR | packets.RA | flags, 1, len(records), 0, 0) + wire[12:end]
                + b"".join(records))

    records = [packets.record(b"\xc0\x0c", TXT, bytes((255, n)) + bytes(254), ttl=3600) for n in range(BIG_TEXTS)]
    waiting, parts = selectors.DefaultSelector(), {}
    for s in (udp, listening):
        waiting.register(s, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            s = key.fileobj
            if s is udp:
                wire, client = udp.recvfrom(2048)
                udp.sendto(reply(wire, packets.TC if wire[12] else 0, []), client)
            elif s is listening:
                peer = listening.accept()[0]
                parts[peer] = b""
                waiting.register(peer, selectors.EVENT_READ)
            else:
                try:
                    came = s.recv(65535)
                except OSError:
                    came = b""
                if not came:
                    waiting.unregister(s)
                    s.close()
                    continue
                parts[s] += came
                while len(parts[s]) >= 2 and len(parts[s]) - 2 >= (size := int.from_bytes(parts[s][:2], "big")):
                    wire, parts[s] = parts[s][2:2 + size], parts[s][2 + size:]
                    whole = reply(wire, 0, records)
                    s.sendall(struct.pack("!H", len(whole)) + whole)


class Played:
    """An upstream in a process of its own; `target` gets its sockets and `more`. Use as a context."""

    def __init__(self, target, *more, udp=False):
        self.port = free_port()
        sockets = [socket.create_server(("127.0.0.1", self.port), backlog=1000)]
        if udp:
            sockets.insert(0, socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sockets[0].bind(("127.0.0.1", self.port))
        self.process = multiprocessing.get_context("fork").Process(target=target, args=(*sockets, *more), daemon=True)
        self.process.start()
        for s in sockets:
            s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def block(port, zone, upstream, options="", more=""):
    return f"{zone}:{port} {{\n  bind 127.0.0.1\n{more}  forward . 127.0.0.1:{upstream.port} {{\n    max_fails 2\n{options}  }}\n}}\n"


def attacked(report, title, world, more, attack, **how):
    """`more`: a function of the port, for the Corefile; `attack`: of the server. Victims ask the living upstream."""
    with Upstream() as living:
        port = free_port()
        with world.server(port=port, upstreams=[living], more=more(port), **how) as server:
            with Watch(server, LIVING) as watch:
                attack(server)
            held(report, title, watch)


def silence_with_few_descriptors(report, world):
    """Each question to an upstream that is silent has a socket for two seconds: the others and the pages keep theirs."""
    with Hole() as hole:
        attacked(report, "3,000 q/s into a black hole at 1,024 descriptors", world, lambda port: block(port, "hole.test", hole),
                 lambda server: flood(server.port, "hole.test", 3_000), prefix=FEW_DESCRIPTORS)


def silence_fills_what_may_wait(report, world):
    """What waits for one `forward` leaves room for what waits for another at the same socket."""
    with Hole() as hole:
        attacked(report, "5,000 q/s into one forward's black hole", world, lambda port: block(port, "hole.test", hole),
                 lambda server: flood(server.port, "hole.test", 5_000), loops=1)


def silence_behind_a_cache(report, world):
    with Hole() as hole:
        attacked(report, "the same behind a cache", world, lambda port: block(port, "hole.test", hole, more="  cache 30\n"),
                 lambda server: flood(server.port, "hole.test", 5_000), loops=1)


def dripping(report, world):
    most, total = multiprocessing.Value("Q"), multiprocessing.Value("Q")
    with Played(_drip, most, total) as slow:
        attacked(report, "TCP to an upstream that drips", world, lambda port: block(port, "slow.test", slow, "    force_tcp\n"),
                 lambda server: flood(server.port, "slow.test", 2_000), prefix=FEW_DESCRIPTORS)
    report("bounded connections to it", 0 < most.value <= MOST_CONNECTIONS + 4, f"{most.value} at once, {total.value} in all")


def big_answers(report, world):
    """Many caches, and somebody fills all of them with the largest answers: memory does not grow with the Corefile."""
    def ask_all(server):
        for n in range(CACHES):
            flood(server.port, f"big{n}.test", BIG_ANSWERS / CACHES / 1.2, 1.2, big=True)

    with Played(_say_much, udp=True) as verbose:
        attacked(report, f"{BIG_ANSWERS} answers of 57 kB in {CACHES} caches", world,
                 lambda port: "".join(block(port, f"big{n}.test", verbose, more="  cache 3600\n") for n in range(CACHES)), ask_all)


ATTACKS = [silence_with_few_descriptors, silence_fills_what_may_wait, silence_behind_a_cache, dripping, big_answers]
