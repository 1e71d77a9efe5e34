# SPDX-License-Identifier: Apache-2.0
"""An upstream that does what the first label of a question's name says: `u3-wrong-id.example`."""
import contextlib
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable

import packets
from server import free_port


@dataclass
class Query:
    """One that came, and how to speak to who sent it."""
    packet: bytes
    tcp: bool
    tries: int       # packets about this name before it
    say: Callable    # sends octets; b"" closes a TCP connection
    stranger: Any    # a socket that is not the upstream's, and
    client: Any      # where it came from

    @property
    def question(self):
        return self.packet[12:packets.read_name(self.packet, 12)[1] + 4]

    @property
    def has_edns(self):
        return self.packet[11] != 0

    def reply(self, answer=(), authority=(), additional=(), flags=0, identity=None, question=None):
        identity = int.from_bytes(self.packet[:2], "big") if identity is None else identity
        flags |= packets.QR | packets.RD | packets.RA
        return (packets.header(flags, 1, len(answer), len(authority), len(additional), identity)
                + (question or self.question) + b"".join((*answer, *authority, *additional)))

    def good(self, **how):
        return self.reply([address(b"\xc0\x0c", GOOD)], **how)

    def later(self, seconds, wire):
        timer = threading.Timer(seconds, self.say, (wire,))
        timer.daemon = True
        timer.start()


GOOD, FORGED = bytes((192, 0, 2, 1)), bytes((6, 6, 6, 6))


def address(owner, data, ttl=30):
    return packets.record(owner, packets.A, data, ttl=ttl)


class Hostile:
    """Use as a context. `behaviours`: label -> function of a Query; others, and probes, get a good reply. `seen`: label
    -> packets. `packets`: all of them, in order."""

    def __init__(self, behaviours, tcp=True):
        self.behaviours, self.seen, self.packets = behaviours, Counter(), []
        self.udp, self.stranger = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.port = free_port()
        self.udp.bind(("127.0.0.1", self.port))
        self.stranger.bind(("127.0.0.1", 0))
        threading.Thread(target=self.serve_udp, daemon=True).start()
        self.listening = None
        if tcp:
            self.listening = socket.create_server(("127.0.0.1", self.port), backlog=100)
            threading.Thread(target=self.serve_tcp, daemon=True).start()

    def take(self, packet, tcp, say, client):
        label = packet[13:13 + packet[12]].decode(errors="replace").lower()
        query = Query(packet, tcp, self.seen[label], say, self.stranger, client)
        self.seen[label] += 1
        self.packets.append(packet)
        self.behaviours.get(label, lambda q: q.say(q.good()))(query)

    def serve_udp(self):
        while True:
            try:
                packet, client = self.udp.recvfrom(4096)
            except OSError:
                return
            if not packet:
                return  # closed
            self.take(packet, False, lambda wire, to=client: self.udp.sendto(wire, to), client)

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def serve_connection(self, connection):
        def say(wire):
            if wire:
                connection.sendall(struct.pack("!H", len(wire)) + wire)
            else:
                connection.close()
        try:
            while len(size := connection.recv(2, socket.MSG_WAITALL)) == 2:
                self.take(connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL), True, say, None)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in (self.udp, self.stranger, self.listening):
            if s:
                with contextlib.suppress(OSError):
                    s.shutdown(socket.SHUT_RDWR)  # wakes who reads
                s.close()
