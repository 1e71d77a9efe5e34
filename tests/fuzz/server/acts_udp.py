# SPDX-License-Identifier: Apache-2.0
"""Datagrams from several addresses of this host; whatever comes back must be the one answer to one of them."""
import asked
import socket

from paths import Finding

SOCKETS = 24
BURST = 60          # packets at most in one act
CHANGED = 0.02      # share of acts after which a socket is closed, with what was to come to it


class Udp:
    def __init__(self, subject, rng):
        self.address, self.strict = ("127.0.0.1", subject.port), 0
        self.sockets = [self.opened(rng) for _ in range(SOCKETS)]

    def opened(self, rng):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((f"127.0.0.{rng.randrange(1, 9)}", 0))
        s.connect(self.address)
        s.setblocking(False)
        return [s, 0, {}]  # the next ID, and ID -> what was sent with it and whether it is valid; None once it is answered

    def send(self, rng, make, valid, most):
        at = rng.randrange(SOCKETS)
        if rng.random() < CHANGED:
            self.sockets[at][0].close()
            self.sockets[at] = self.opened(rng)
        one = self.sockets[at]
        for _ in range(rng.randint(1, most)):
            packet = make(rng, one[1])
            one[2][one[1]] = (packet, valid)
            one[1] = (one[1] + 1) % 65536
            try:
                one[0].send(packet)
            except OSError:
                pass  # no room in the socket, or a port that is closed in between

    def ask(self, rng):
        self.send(rng, asked.question, True, 8)

    def ask_for_transfer(self, rng):
        self.send(rng, asked.transfer, True, 2)

    def burst(self, rng):
        self.send(rng, asked.question, True, BURST)

    def send_nonsense(self, rng):
        self.send(rng, asked.nonsense, False, BURST)

    def send_nothing(self, rng):
        self.send(rng, lambda r, _: r.randbytes(r.randrange(12)), False, 3)

    def collect(self):
        """Reads what came, and raises a Finding if it should not have come."""
        for s, _, sent in self.sockets:
            while True:
                try:
                    wire = s.recv(65535)
                except OSError:
                    break
                self.take(sent, wire)

    def take(self, sent, wire):
        identity = int.from_bytes(wire[:2], "big")
        if identity not in sent:
            raise Finding(f"UDP: a reply to nothing that was sent: {wire[:600].hex()}")
        if sent[identity] is None:
            raise Finding(f"UDP: a second reply: {wire[:600].hex()}")
        packet, valid = sent[identity]
        sent[identity] = None
        wrong = asked.judge(packet, wire, valid, False)
        if wrong:
            raise Finding(f"UDP: {wrong}: asked {packet.hex()}, got {wire.hex()[:3000]}")
        self.strict += valid

    ACTS = ((20, ask), (4, burst), (10, send_nonsense), (2, ask_for_transfer), (1, send_nothing))

    def close(self):
        for s, *_ in self.sockets:
            s.close()
