# SPDX-License-Identifier: Apache-2.0
"""Questions that a client may send, each valid, and what an answer to one must keep whatever the server was told."""
import struct

import compliance
import malformed
import names
import packets
from expect import header_rules
from mutations import mutated
from packets import A, AAAA, ANY, AXFR, IXFR, NS, SOA, SRV, TXT

ORDINARY = (A, A, A, AAAA, SRV, TXT, NS, SOA, 12, 5, 15, 33, 64, 65, ANY)
TRANSFERS = (AXFR, IXFR)
ZONES = ("cluster.local", "torture.local", "other.local", "api.local", "ext.test", "good.test", "example",
         "in-addr.arpa", "ip6.arpa", "")
SERVICES = ("backend", "big", "canary", "absent", "service-1", "service-7", "client-2")
NAMESPACES = ("default", "one", "two", "team-00", "team-01", "nowhere")
LEAST_SIZE = 512
SEEDS = [c.packet for c in [*compliance.cases(), *malformed.cases()] if len(c.packet) < 1500]


def name(rng):
    """Wire form."""
    kind, zone = rng.randrange(10), rng.choice(ZONES)
    service, space = rng.choice((*SERVICES, f"{rng.choice(names.WORDS)}-{rng.randrange(60):05}")), rng.choice(NAMESPACES)
    if kind < 4:
        text = f"{service}.{space}.svc.{zone}"
    elif kind == 4:  # as a resolver with a search list asks
        text = f"{service}.{space}.svc.cluster.local.{space}.svc.cluster.local"
    elif kind == 5:
        text = f"_http._tcp.{service}.{space}.svc.{zone}"
    elif kind == 6:
        text = f"10.{rng.randrange(256)}.{rng.choice((0, 96, 244))}.{rng.choice((10, 127))}.in-addr.arpa"
    elif kind == 7:
        text = rng.choice((zone, f"dns-version.{zone}", f"svc.{zone}", f"{space}.svc.{zone}", f"ns.dns.{zone}",
                           "version.bind", f"10-244-0-1.{space}.pod.{zone}", f"127-0-0-2.{service}.{space}.svc.{zone}",
                           f"{service}.{space}.{zone}"))
    elif kind == 8:  # new every time: no cache knows it
        text = f"w{rng.randrange(1 << 30):x}.{zone}"
    else:
        labels = [rng.randbytes(rng.randint(1, 20)) for _ in range(rng.randint(1, 5))]
        return b"".join(bytes([len(label)]) + label for label in labels) + packets.name(zone)
    if rng.random() < 0.2:
        text = "".join(c.upper() if rng.random() < 0.5 else c for c in text)
    return packets.name(text)


def edns(rng):
    options = (b"", packets.option(3), packets.option(10, b"c" * 8), packets.option(8, bytes.fromhex("000118007f0000")),
               packets.option(rng.randrange(20, 65536), rng.randbytes(rng.randrange(40))),
               packets.option(12, bytes(rng.randrange(300))))
    size = rng.choice((0, 512, 1232, 4096, 65535, rng.randrange(65536)))
    return packets.opt(rng.choice(options), size, 0, rng.choice((0, 0x8000)))


def question(rng, identity, types=ORDINARY):
    """A valid one."""
    qtype = rng.choice(types) if rng.random() < 0.9 else rng.choice(compliance.TYPES)
    qclass = 1 if rng.random() < 0.95 else rng.choice((0, 3, 4, 254, 255, rng.randrange(65536)))
    flags = rng.choice((0x100, 0x100, 0x100, 0, 0x120, 0x110, 0x130))
    tail = edns(rng) if rng.random() < 0.6 else b""
    return packets.header(flags, ar=bool(tail), identity=identity) + packets.question(name(rng), qtype, qclass) + tail


def transfer(rng, identity):
    zone = packets.name(rng.choice(ZONES))
    if rng.random() < 0.6:
        return packets.header(0, identity=identity) + packets.question(zone, AXFR)
    soa = packets.name("ns.dns.cluster.local") * 2 + struct.pack("!5I", rng.randrange(1 << 32), 2, 3, 4, 5)
    return packets.header(0, ns=1, identity=identity) + packets.question(zone, IXFR) + packets.record(zone, SOA, soa)


def nonsense(rng, identity):
    """Any octets that begin with this ID, more often than not nearly a question."""
    packet = mutated(rng, [*rng.sample(SEEDS, 3), question(rng, identity), transfer(rng, identity)])
    return struct.pack("!H", identity) + packet[2:]


def judge(packet, wire, valid, tcp):
    """"" or what is wrong with `wire` as the answer to `packet`."""
    try:
        m = packets.read(wire)
    except packets.Malformed as e:
        return f"malformed reply: {e}"
    if not m.flags & packets.QR:
        return "QR not set"
    if not valid:
        return ""
    asked = packets.read(packet)
    most = 65535 if tcp else max(LEAST_SIZE, asked.opts[0].rclass if asked.opts else 0)
    if m.size > most:
        return f"{m.size} octets, {most} allowed"
    if m.question != asked.question and (m.question or m.rcode not in (packets.FORMERR, packets.NOTIMP)):
        return "another question"
    return header_rules(packet, m)
