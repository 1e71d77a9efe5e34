# SPDX-License-Identifier: Apache-2.0
"""Packets of the other files with octets changed, cut and repeated at random: whatever comes back must be a response to what
was sent, at most one, and the server goes on."""
import random
import struct

import compliance
import malformed
from client import KNOWN_NAME, known_answer, known_query, udp_socket
from packets import A, Malformed, header, opt, question, read

COUNT, BURST = 10_000, 50


def mutated(source, seeds):
    packet = bytearray(source.choice(seeds))
    for _ in range(source.randint(1, 4)):
        what = source.randrange(4)
        at = source.randrange(len(packet)) if packet else 0
        if what == 0 and packet:
            packet[at] = source.choice((0, 1, 0x3F, 0x40, 0xC0, 0xFF, source.randrange(256)))
        elif what == 1 and packet:
            packet[at] ^= 1 << source.randrange(8)
        elif what == 2:
            del packet[at:]
        else:
            packet[at:at] = packet[at:at + source.randrange(40)]
    return bytes(packet)


def burst(server, packets):
    """Sends all, then a question whose answer is known; "" or what is wrong with what came back."""
    with udp_socket(server.address) as s:
        s.settimeout(5)
        for i, packet in enumerate(packets):
            s.send(struct.pack("!H", 0x8000 + i) + packet[2:])
        identity, marker = known_query()
        s.send(marker)
        seen = set()
        while True:
            wire = s.recv(65535)
            try:
                m = read(wire)
            except Malformed as e:
                return f"malformed reply: {e}"
            if m.identity == identity:
                return "" if known_answer(wire) else "the known question was answered wrongly"
            if m.identity in seen or not 0x8000 <= m.identity < 0x8000 + len(packets) or not m.flags & 0x8000:
                return "a reply to nothing that was sent"
            seen.add(m.identity)


def run(server, seed=None):
    seed = random.randrange(1 << 32) if seed is None else seed
    source = random.Random(seed)
    seeds = [c.packet for c in [*compliance.cases(), *malformed.cases()] if len(c.packet) < 1500]
    seeds += [header(ar=1) + question(KNOWN_NAME, A) + opt()] * 20
    for done in range(0, COUNT, BURST):
        packets = [mutated(source, seeds) for _ in range(BURST)]
        try:
            wrong = burst(server, packets)
        except OSError as e:
            wrong = f"{type(e).__name__}: {e}"
        if not server.alive():
            wrong = "the server is dead"
        if wrong:
            hexadecimal = " ".join(p.hex() for p in packets)
            return f"{wrong}; seed {seed}, packets {done} to {done + BURST}: {hexadecimal[:4000]}"
    return ""
