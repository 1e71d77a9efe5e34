# SPDX-License-Identifier: Apache-2.0
"""Packets put together octet by octet, and a strict reader of responses. Knows nothing of the server's own code."""
import struct
from dataclasses import dataclass, field

A, NS, SOA, TXT, AAAA, SRV, OPT, DNSKEY, TSIG, IXFR, AXFR, ANY = 1, 2, 6, 16, 28, 33, 41, 48, 250, 251, 252, 255
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH, BADVERS, BADCOOKIE = 0, 1, 2, 3, 4, 5, 9, 16, 23
ID = 0x4142


def name(text):
    """Wire form of a name without escapes."""
    labels = [label.encode() for label in text.strip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def header(flags=0, qd=1, an=0, ns=0, ar=0, identity=ID):
    return struct.pack("!6H", identity, flags, qd, an, ns, ar)


def question(text="cluster.local", qtype=SOA, qclass=1):
    wire = text if isinstance(text, bytes) else name(text)
    return wire + struct.pack("!2H", qtype, qclass)


def record(owner, rtype, data=b"", rclass=1, ttl=0):
    wire = owner if isinstance(owner, bytes) else name(owner)
    return wire + struct.pack("!2HIH", rtype, rclass, ttl, len(data)) + data


def option(code, data=b""):
    return struct.pack("!2H", code, len(data)) + data


def opt(options=b"", size=4096, version=0, flags=0):
    return b"\0" + struct.pack("!2H2BHH", OPT, size, 0, version, flags, len(options)) + options


def tsig(key="key.example", rdata=None, identity=ID):
    if rdata is None:
        rdata = name("hmac-sha256") + bytes(4) + b"\x65\0\x01\x2c" + struct.pack("!H", 32) + bytes(32)
        rdata += struct.pack("!3H", identity, 0, 0)
    return record(key, TSIG, rdata, 255)


class Malformed(Exception):
    pass


@dataclass
class Record:
    owner: bytes
    rtype: int
    rclass: int
    ttl: int
    data: bytes
    at: int  # offset of the data in the message


@dataclass
class Message:
    identity: int = 0
    flags: int = 0
    rcode: int = 0  # with the bits from OPT
    question: bytes = b""  # the whole section as it stands
    sections: list = field(default_factory=lambda: [[], [], []])
    opts: list = field(default_factory=list)
    size: int = 0

    @property
    def opcode(self):
        return self.flags >> 11 & 15

    def has(self, section, rtype):
        return any(r.rtype == rtype for r in self.sections[section])


def read_name(wire, at):
    """The name at `at`, lower-cased wire form, and the offset behind it."""
    labels, behind, limit = b"", 0, at
    while True:
        if at >= len(wire):
            raise Malformed("name runs past the end")
        length = wire[at]
        if length >= 0xC0:
            if at + 2 > len(wire):
                raise Malformed("half a pointer")
            target = struct.unpack_from("!H", wire, at)[0] & 0x3FFF
            if target >= limit or target < 12:
                raise Malformed("pointer that does not lead backwards")
            behind = behind or at + 2
            at = limit = target
            continue
        if length > 63 or at + 1 + length > len(wire):
            raise Malformed("label of an unknown type or past the end")
        labels += wire[at:at + 1 + length].lower()
        at += 1 + length
        if len(labels) > 255:
            raise Malformed("name longer than 255 octets")
        if length == 0:
            return labels, behind or at


def read(wire):
    """A message, or Malformed. Nothing may be left over."""
    if len(wire) < 12:
        raise Malformed("shorter than a header")
    m = Message(size=len(wire))
    m.identity, m.flags, qd, *counts = struct.unpack_from("!6H", wire)
    m.rcode = m.flags & 15
    at = 12
    for _ in range(qd):
        at = read_name(wire, at)[1] + 4
    if at > len(wire):
        raise Malformed("question cut short")
    m.question = wire[12:at]
    for section, count in enumerate(counts):
        for _ in range(count):
            owner, at = read_name(wire, at)
            if at + 10 > len(wire):
                raise Malformed("record cut short")
            rtype, rclass, ttl, length = struct.unpack_from("!2HIH", wire, at)
            at += 10
            if at + length > len(wire):
                raise Malformed("record data past the end")
            r = Record(owner, rtype, rclass, ttl, wire[at:at + length], at)
            at += length
            if rtype == OPT:
                if section != 2 or owner != b"\0":
                    raise Malformed("OPT in the wrong place")
                m.opts.append(r)
            else:
                m.sections[section].append(r)
    if at != len(wire):
        raise Malformed(f"{len(wire) - at} octets left over")
    if m.opts:
        m.rcode |= m.opts[0].ttl >> 24 << 4
    return m
