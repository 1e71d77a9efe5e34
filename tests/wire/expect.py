# SPDX-License-Identifier: Apache-2.0
"""What an answer must look like. A check takes (case, transport, replies) and returns "" or what is wrong."""
import struct

from packets import AA, AD, ANY, CD, FORMERR, NOERROR, OPT, QR, RA, RD, SOA, TC, Z, Malformed, read

RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH",
          16: "BADVERS", 23: "BADCOOKIE"}


def silence(case, transport, replies):
    return f"{len(replies)} replies, none wanted" if replies else ""


def header_rules(query, m):
    """Rules for every response (RFC 1035 4.1.1, RFC 6891 6.1, RFC 4035 3.1.6, 3.2.2; genreport's common checks)."""
    identity, flags = struct.unpack_from("!2H", query)
    dnssec_ok = edns_of(query) is not None and edns_of(query) & 0x8000
    rules = [
        (m.identity != identity, "another ID"),
        (not m.flags & QR, "QR not set"),
        (m.opcode != flags >> 11 & 15, "opcode not echoed"),
        (m.flags & Z, "Z set"),
        (m.flags & RD and not flags & RD, "RD set though not sent"),
        (m.flags & CD and not flags & CD, "CD set though not sent"),
        (m.flags & AD and not (flags & AD or dnssec_ok), "AD set though neither AD nor DO was sent"),
        (len(m.opts) > 1, "more than one OPT"),
        (m.opts and m.opts[0].ttl >> 16 & 0xFF, "OPT version is not 0"),
        (m.opts and m.opts[0].ttl & 0x7FFF, "reserved OPT flags set"),
        (m.opts and edns_of(query) is None, "OPT though the query had none"),
    ]
    return next((what for broken, what in rules if broken), "")


def edns_of(query):
    """Flags of the counted OPT of a well-formed query, else None; `has_opt` in a case overrides it."""
    try:
        m = read(query)
    except Malformed:
        return 0 if b"\0\0\x29" in query[12:] and query[11:12] != b"\0" else None
    return m.opts[0].ttl & 0xFFFF if m.opts else None


def reply(*rcodes, aa=None, soa=None, opt=None, tc=False, empty=False, header_only=False, question=None, at_most=None,
          also=None, or_silence=False):
    """One reply with one of `rcodes` that keeps all rules and: AA (None: as NOERROR wants it), an SOA in the answer, OPT
    there or not (None: as in the query), TC allowed, no records at all, no question either, size, a further check."""

    def check(case, transport, replies):
        if not replies and or_silence:
            return ""
        if len(replies) != 1:
            return f"{len(replies)} replies, one wanted"
        try:
            m = read(replies[0])
        except Malformed as e:
            return f"malformed reply: {e}"
        wrong = header_rules(case.packet, m)
        if wrong:
            return wrong
        if m.rcode not in rcodes:
            wanted = "/".join(RCODES.get(r, str(r)) for r in rcodes)
            return f"{RCODES.get(m.rcode, m.rcode)}, wanted {wanted}"
        wants_aa = m.rcode == NOERROR if aa is None else aa
        wants_opt = opt if opt is not None else edns_of(case.packet) is not None if m.rcode != FORMERR else None
        records = sum(len(s) for s in m.sections)
        rules = [
            (wants_aa and not m.flags & AA, "AA not set"),
            (aa is False and m.flags & AA, "AA set"),
            (m.flags & TC and not tc, "TC set"),
            (soa is True and not m.has(0, SOA), "no SOA in the answer"),
            (soa is False and m.has(0, SOA), "SOA in the answer"),
            (wants_opt is True and not m.opts, "no OPT"),
            (wants_opt is False and m.opts, "OPT not wanted"),
            (empty and records, f"{records} records, none wanted"),
            (header_only and (records or m.question or m.opts), "more than a header"),
            (header_only and m.flags & (AA | TC | RD | RA | AD | CD), "flags set"),
            (question is not None and m.question != question, "question not echoed as sent"),
            (at_most and m.size > at_most, f"{m.size} octets, {at_most} allowed"),
            (m.rcode == NOERROR and m.question and not case.packet[12:].startswith(m.question), "another question"),
            (m.opts and any(code == 100 for code, _ in options(m)), "unknown option echoed"),
        ]
        wrong = next((what for broken, what in rules if broken), "")
        return wrong or (also(case, m) if also else "")

    return check


def options(m):
    data, found = m.opts[0].data, []
    while len(data) >= 4:
        code, length = struct.unpack_from("!2H", data)
        found.append((code, data[4:4 + length]))
        data = data[4 + length:]
    return found


def cookie_rule(client):
    """RFC 7873: whoever sends a cookie back sends ours first and a server part of 8 to 32 octets."""

    def check(case, m):
        for code, data in options(m) if m.opts else []:
            if code == 10 and not (16 <= len(data) <= 40 and data[:8] == client):
                return "cookie without a server part, or not ours"
        return ""

    return check
