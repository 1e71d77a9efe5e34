# SPDX-License-Identifier: Apache-2.0
"""P1 to P42: packets that are broken, lie, or go to a limit. Q is a question for the apex's SOA."""
import struct

from cases import Case
from expect import reply, silence
from packets import (A, AD, AXFR, BADVERS, FORMERR, ID, IXFR, NOERROR, NOTAUTH, NOTIMP, NXDOMAIN, OPT, REFUSED, SOA, TC, header, name,
                     opt, option, question, record, tsig)
from wire_server import BIG_NAME

Q = question()
END = struct.pack("!2H", SOA, 1)
FORM = reply(FORMERR, aa=False, empty=True)
SERVED = reply(NOERROR, soa=True)
H = bytes.fromhex


def headers_and_counts():
    yield Case("P1 no octet", b"", silence)
    yield Case("P2 one octet", H("41"), silence)
    yield Case("P3 two octets", H("4142"), silence)
    yield Case("P4 11 octets", header()[:11], silence)
    yield Case("P5 header only", header(), FORM)
    yield Case("P6 QDCOUNT 0", header(qd=0), FORM)
    yield Case("P6 QDCOUNT 0 with a question", header(qd=0) + Q, FORM)
    yield Case("P6 QDCOUNT 0 with AD", header(AD, qd=0), reply(FORMERR, aa=False, empty=True, also=not_authentic))
    yield Case("P7 two questions", header(qd=2) + Q + Q, FORM)
    yield Case("P8 QDCOUNT ffff", header(qd=0xFFFF) + Q, FORM)
    yield Case("P9 all counts ffff", header(0, *[0xFFFF] * 4) + Q, FORM)
    yield Case("P9 all but QDCOUNT ffff", header(0, 1, *[0xFFFF] * 3) + Q, FORM)
    yield Case("P10 answer absent", header(an=1) + Q, FORM)
    yield Case("P11 additional absent", header(ar=1) + Q, FORM)
    yield Case("P12 a response", header(0x8000) + Q, silence)
    yield Case("P12 a response, AA, RA", header(0x8580) + Q, silence)
    yield Case("P13 512 times ff", b"\xff" * 512, silence)
    yield Case("P14 512 times 00", b"\0" * 512, FORM)
    # Honoured would mean OPT in the answer; serving without it and FORMERR both are right.
    for what, behind in (("00", b"\0"), ("400 times a5", b"\xa5" * 400), ("an OPT nobody counted", opt())):
        yield Case(f"P28 {what} behind the question", header() + Q + behind, reply(NOERROR, FORMERR, opt=False))


def names():
    def broken(what, wire):
        return Case(what, header() + wire + END, FORM)

    yield broken("P15 label type 40", b"\x40" + b"a" * 64 + b"\0")
    yield broken("P16 label type 80", H("8061626300"))
    yield broken("P17 bit-string label", H("4108ff00"))
    yield broken("P18 pointer to itself", H("c00c"))
    yield broken("P19 two pointers in a ring", H("c00ec00c"))
    yield broken("P20 label, pointer to its start", H("03616263c00c"))
    yield broken("P21 pointer forward", H("c010"))
    yield broken("P21 pointer past the end", H("ffff"))
    yield broken("P21 pointer into the header", H("c000"))
    yield broken("P22 256 octets", (b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"a" * 62 + b"\0")
    yield broken("P22 1000 octets", (b"\x3f" + b"a" * 63) * 15 + b"\x26" + b"a" * 38 + b"\0")
    yield broken("P22 128 labels", b"\1a" * 128 + b"\0")
    yield Case("P23 label longer than the packet", header() + H("3f616263"), FORM)
    yield Case("P24 half a pointer", header() + H("c0"), FORM)
    yield Case("P25 no QTYPE", header() + name("cluster.local"), FORM)
    yield Case("P25 half a QCLASS", header() + name("cluster.local") + H("000600"), FORM)
    zone = name("cluster.local")
    longest = (b"\x3f" + b"a" * 63) * 3 + bytes([254 - 3 * 64 - len(zone)]) + b"b" * (254 - 3 * 64 - len(zone)) + zone
    q = question(longest, A)
    yield Case("P26 255 octets, labels of 63", header() + q, reply(NXDOMAIN, aa=True, question=q))
    q = question(b"\1a" * 120 + zone, A)
    yield Case("P26 122 labels", header() + q, reply(NXDOMAIN, aa=True, question=q))
    q = question(H("042e00ff5c") + name("default.svc.cluster.local"), A)
    yield Case("P27 label of dot, 00, ff, backslash", header() + q, reply(NXDOMAIN, aa=True, question=q))
    q = question(b"\x08BaCkEnD\n" + name("Default.SVC.Cluster.LOCAL"), A)
    yield Case("P27 line feed in a label", header() + q, reply(NXDOMAIN, aa=True, question=q))
    q = question("BaCkEnD.Default.SVC.cluster.LOCAL", A)
    yield Case("mixed case comes back as sent", header() + q, reply(NOERROR, question=q))


def edns():
    def one(what, options, expected=SERVED, **of_opt):
        return Case(what, header(ar=1) + Q + opt(options, **of_opt), expected)

    bad_version = reply(BADVERS, soa=False, aa=None)
    yield Case("P29 two OPT", header(ar=2) + Q + opt() + opt(), FORM)
    yield Case("P30 OPT in the answer", header(an=1) + Q + opt(), FORM)
    yield Case("P30 OPT in the authority", header(ns=1) + Q + opt(), FORM)
    yield Case("P30 OPT of x", header(ar=1) + Q + H("0178") + opt(), FORM)
    yield Case("P31 100 octets of options promised, none there", header(ar=1) + Q + opt()[:-2] + H("0064"), FORM)
    yield one("P31 option longer than OPT", H("000300ff0000"), FORM)
    yield one("P31 three octets of an option", H("000300"), FORM)
    for version in (1, 255):
        yield one(f"P32 version {version}", b"", bad_version, version=version)
    for size in (1, 7, 9, 15, 41):
        yield one(f"P33 cookie of {size}", option(10, b"c" * size), FORM)
    # BADCOOKIE is for servers that make cookies; what they send back is held against RFC 7873 in compliance.py.
    yield one("P33 two cookies", option(10, b"c" * 8) + option(10, b"d" * 8), reply(NOERROR, 23))
    yield one("P33 forged server part", option(10, b"c" * 24), reply(NOERROR, 23))
    yield one("P34 family 63", option(8, H("00630000")), FORM)
    yield one("P34 prefix 33", option(8, H("00012100c000020100")), FORM)
    yield one("P34 stray bits", option(8, H("00011900c00002ff")), FORM)
    yield one("P34 three octets", option(8, H("000118")), FORM)
    yield one("P35 30 NSID and padding", option(3) * 30 + option(12, bytes(200)))
    yield one("P35 an empty extended error", option(15))
    yield one("P35 300 unknown options", b"".join(option(1000 + i, b"x" * (i % 4)) for i in range(300)))
    for size in (0, 1, 65535):
        yield one(f"P36 size {size}", b"", size=size)
    for size in (1232, 1233, 65535):
        yield Case(f"P36 an answer of 6.4 kB for {size}", header(ar=1) + question(BIG_NAME, A) + opt(size=size),
                   reply(NOERROR, tc=True, at_most=1232, also=truncated), ("udp",))


def not_authentic(case, m):
    return "AD set over nothing" if m.flags & AD else ""


def truncated(case, m):
    return "" if m.flags & TC else "TC not set"


def opcodes():
    not_implemented = reply(NOTIMP, aa=False, empty=True)
    for opcode in range(1, 16):
        yield Case(f"P37 opcode {opcode}", header(opcode << 11, qd=0), not_implemented)
        yield Case(f"P37 opcode {opcode} with a question", header(opcode << 11) + Q, not_implemented)
    added = "added.default.svc.cluster.local"
    update = header(5 << 11, ns=1) + Q + record(added, A, bytes(4), ttl=60)
    yield Case("P38 UPDATE", update, reply(NOTIMP, REFUSED, aa=False, empty=True))
    yield Case("P38 UPDATE had no effect", header() + question(added, A), reply(NXDOMAIN, aa=True))


def types_and_classes():
    no_question = reply(FORMERR, NOTIMP, REFUSED, aa=False, empty=True)
    no_transfer = reply(REFUSED, aa=False, empty=True)
    for qtype, expected in ((0, reply(NOERROR, FORMERR)), (41, no_question), (249, no_question), (250, no_question),
                            (251, no_transfer), (252, no_transfer), (253, reply(NOERROR, NOTIMP)),
                            (254, reply(NOERROR, NOTIMP)), (255, reply(NOERROR)), (65535, reply(NOERROR))):
        yield Case(f"P39 QTYPE {qtype}", header() + question(qtype=qtype), expected)
    yield Case("P39 QCLASS 255", header() + question(qclass=255), reply(NOERROR, soa=True))
    for qclass in (0, 3, 4, 254, 1234):
        yield Case(f"P39 QCLASS {qclass}", header() + question(qclass=qclass), reply(REFUSED, aa=False, empty=True))
    yield Case("P40 AXFR", header() + question(qtype=AXFR), no_transfer)
    soa = name("ns.dns.cluster.local") * 2 + struct.pack("!5I", 1, 2, 3, 4, 5)
    yield Case("P40 IXFR", header(ns=1) + question(qtype=IXFR) + record("cluster.local", SOA, soa), no_transfer)


def signed():
    yield Case("P41 unknown key", header(ar=1) + Q + tsig(), reply(NOTAUTH, aa=False, also=bad_key))
    yield Case("P41 TSIG not last", header(ar=2) + Q + tsig() + opt(), FORM)
    yield Case("P41 TSIG without data", header(ar=1) + Q + tsig(rdata=b""), FORM)


def bad_key(case, m):
    """RFC 8945 section 5.3.2: an unsigned TSIG that says BADKEY."""
    found = [r for r in m.sections[2] if r.rtype == 250]
    if not found:
        return "no TSIG in the answer"
    mac_size, identity, error, _ = struct.unpack("!4H", found[0].data[-8:])
    return "" if (mac_size, identity, error) == (0, ID, 17) else "TSIG does not say BADKEY without MAC"


def large():
    big = reply(NOERROR, FORMERR, opt=False, or_silence=True)
    yield Case("P42 60,000 octets", header() + Q + bytes(60000 - 12 - len(Q)), big)
    yield Case("P42 60,000 octets of ff", header() + b"\xff" * 59988, reply(FORMERR, aa=False, or_silence=True))


def cases():
    for group in (headers_and_counts, names, edns, opcodes, types_and_classes, signed, large):
        yield from group()
