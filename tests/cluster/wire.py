# SPDX-License-Identifier: Apache-2.0
"""DNS messages as bytes: questions are encoded once, answers become values that can be compared.

Two answers are equal when rcode, the flags, the question, the three sections as multisets (owner with its case, type,
class, TTL, data with all names expanded) and the OPT record are equal. One thing is left out: the SOA serial, which in
CoreDNS is the wall-clock second at which the last change arrived and so differs between any two servers."""
import re
import socket
import struct
from collections import Counter, namedtuple

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "NULL": 10, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "LOC": 29,
         "SRV": 33, "NAPTR": 35, "DNAME": 39, "ISDN": 20, "OPT": 41, "DS": 43, "SSHFP": 44, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "TLSA": 52,
         "SVCB": 64, "HTTPS": 65, "SPF": 99, "IXFR": 251, "AXFR": 252, "MAILB": 253, "ANY": 255, "CAA": 257, "TYPE65280": 65280,
         "TYPE65535": 65535}
CLASSES = {"IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255, "CLASS4711": 4711}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 16: "BADVERS"}
FLAGS = {"qr": 0x8000, "aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "ad": 0x0020, "cd": 0x0010}
SECTIONS = ("answer", "authority", "additional")
MAX_POINTERS = 64
ONE_NAME = {2, 3, 4, 5, 7, 8, 9, 12}  # types whose data is a name that may be compressed (RFC 3597 section 4)
NAMES_IN_DATA = {TYPES[name] for name in ("NS", "CNAME", "SOA", "PTR", "MX", "SRV")}

# A record's data is bytes, with names expanded. `ttl` in seconds; for OPT the class and TTL fields keep their EDNS meaning.
Record = namedtuple("Record", "owner type rclass ttl data")
Message = namedtuple("Message", "rcode flags question answer authority additional opt")


class Malformed(Exception):
    """An answer that is not a DNS message."""


DECIMAL = re.compile(r"\\(\d{3})")


def encode_name(text):
    """Labels divided by dots; `\\DDD` is an octet (RFC 1035 section 5.1), the only escape."""
    labels = [label.encode("latin-1") for label in text.rstrip(".").split(".") if label]
    if "\\" in text:
        labels = [DECIMAL.sub(lambda m: chr(int(m[1])), label.decode("latin-1")).encode("latin-1") for label in labels]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def name_text(name):
    labels, at = [], 0
    while name[at]:
        labels.append(name[at + 1:at + 1 + name[at]].decode("latin-1"))
        at += 1 + name[at]
    return ".".join(labels) + "."


def encode_query(name, qtype, edns=None, do=False, flags=("rd",), qclass="IN"):
    """The query without its ID. `edns`: UDP payload size to offer, None for no OPT record. `flags`: names in FLAGS."""
    head = struct.pack("!HHHHH", sum(FLAGS[flag] for flag in flags), 1, 0, 0, 0 if edns is None else 1)
    body = head + encode_name(name) + struct.pack("!HH", TYPES[qtype], CLASSES[qclass])
    if edns is not None:
        body += struct.pack("!BHHIH", 0, 41, edns, 0x8000 if do else 0, 0)
    return body


def read_name(wire, at):
    """The name at `at`, expanded, and the offset after it."""
    parts, after, pointers = [], None, 0
    while True:
        length = wire[at]
        if length >= 0xC0:
            pointers += 1
            if pointers > MAX_POINTERS:
                raise Malformed("compression loop")
            if after is None:
                after = at + 2
            at = (length & 0x3F) << 8 | wire[at + 1]
        elif length > 63:
            raise Malformed(f"label type {length:#x}")
        else:
            parts.append(wire[at:at + length + 1])
            at += length + 1
            if length == 0:
                return b"".join(parts), at if after is None else after


def read_data(wire, rtype, at, end):
    if rtype in ONE_NAME:
        name, after = read_name(wire, at)
    elif rtype == 14:
        mailbox, after = read_name(wire, at)
        name, after = read_name(wire, after)
        name = mailbox + name
    elif rtype == 15:
        name, after = read_name(wire, at + 2)
        name = wire[at:at + 2] + name
    elif rtype == 33:
        name, after = read_name(wire, at + 6)
        name = wire[at:at + 6] + name
    elif rtype == 6:
        mname, after = read_name(wire, at)
        rname, after = read_name(wire, after)
        name = mname + rname + wire[after + 4:after + 20]  # without the serial
        after += 20
    else:
        return wire[at:end]
    if after != end:
        raise Malformed(f"data of type {rtype} ends at {after}, not at {end}")
    return name


def decode(wire):
    """The message as a value. Raises Malformed."""
    try:
        return decode_unchecked(wire)
    except (IndexError, struct.error) as error:
        raise Malformed(f"cut short: {error}") from error


def decode_unchecked(wire):
    _, bits, questions, *counts = struct.unpack_from("!HHHHHH", wire)
    at, asked = 12, []
    for _ in range(questions):
        name, at = read_name(wire, at)
        asked.append((name,) + struct.unpack_from("!HH", wire, at))
        at += 4
    sections, opt, rcode = [], None, bits & 15
    for count in counts:
        records = []
        for _ in range(count):
            owner, at = read_name(wire, at)
            rtype, rclass, ttl, length = struct.unpack_from("!HHIH", wire, at)
            at += 10
            record = Record(owner, rtype, rclass, ttl, read_data(wire, rtype, at, at + length))
            at += length
            if rtype == TYPES["OPT"]:
                opt, rcode = record, rcode | (ttl >> 24) << 4
            else:
                records.append(record)
        records.sort()
        sections.append(tuple(records))
    if at != len(wire):
        raise Malformed(f"{len(wire) - at} octets after the last record")
    return Message(rcode, bits & 0x7FF0, tuple(asked), *sections, opt)


def differences(one, other):
    """The names of what differs: rcode, aa, tc, …, question, answer, authority, additional, opt; `silent` if one or both are
    None. Smaller things have words of their own: `repeats` for the same record several times in a section, `ttl` for
    sections that differ in nothing but TTLs, `bigttl` if only in those above 2^31-1, `case` if in the
    spelling of names, both words if in both, `optsize` for the payload size in the OPT record."""
    if one is None or other is None:
        return ["silent"]
    names = [] if one.rcode == other.rcode else ["rcode"]
    names += [flag for flag, bit in FLAGS.items() if (one.flags ^ other.flags) & bit]
    if (one.flags ^ other.flags) & 0x7800:
        names.append("opcode")
    parts = []
    # What is left of a truncated answer depends on the order of its records, which is random.
    if not (one.flags & other.flags & FLAGS["tc"]):
        parts = [part for part in SECTIONS if getattr(one, part) != getattr(other, part)]
    if one.question != other.question:
        names.append("question")
    # What a section differs in, the smallest words that are true.
    for part in parts:
        mine, yours = set(getattr(one, part)), set(getattr(other, part))
        words = [part]
        for smaller, what_remains in ((["repeats"], lambda r: r), (["bigttl"], with_ttls_capped), (["ttl"], without_ttls),
                                      (["case"], with_lower_names), (["ttl", "case"], bare)):
            if what_remains(mine) == what_remains(yours):
                words = smaller
                break
        names += [word for word in words if word not in names]
    if one.opt == other.opt:
        return names
    both = one.opt and other.opt
    return names + ["optsize" if both and one.opt._replace(rclass=0) == other.opt._replace(rclass=0) else "opt"]


def with_lower_names(records):
    return {record._replace(owner=record.owner.lower(), data=record.data.lower() if record.type in NAMES_IN_DATA else record.data)
            for record in records}


def with_ttls_capped(records):
    return {record._replace(ttl=min(record.ttl, 0x7fffffff)) for record in records}


def without_ttls(records):
    return {record._replace(ttl=0) for record in records}


def bare(records):
    """Without what a cache changes."""
    return with_lower_names(without_ttls(records))


def ttls_apart(one, other):
    """The most seconds by which the TTLs of a record differ."""
    apart = [0]
    for part in SECTIONS:
        ttls = {record._replace(ttl=0): record.ttl for record in with_lower_names(getattr(one, part))}
        apart += [abs(ttls.get(record._replace(ttl=0), record.ttl) - record.ttl) for record in with_lower_names(getattr(other, part))]
    return max(apart)


def data_text(record):
    data = record.data
    if record.type in (1, 28):
        return socket.inet_ntop(socket.AF_INET if record.type == 1 else socket.AF_INET6, data)
    if record.type in (2, 5, 12):
        return name_text(data)
    if record.type == 33:
        return "%d %d %d " % struct.unpack_from("!HHH", data) + name_text(data[6:])
    if record.type == 6:
        mname, after = read_name(data, 0)
        rname, after = read_name(data, after)
        return f"{name_text(mname)} {name_text(rname)} (serial) " + "%d %d %d %d" % struct.unpack_from("!IIII", data, after)
    return repr(data)


def type_name(number):
    return TYPE_NAMES.get(number, f"TYPE{number}")


def message_lines(message):
    """The message in lines, for people."""
    if message is None:
        return ["(no answer)"]
    flags = " ".join(name for name, bit in FLAGS.items() if message.flags & bit)
    lines = [f"{RCODES.get(message.rcode, message.rcode)} [{flags}]"]
    for part in SECTIONS:
        for record, times in Counter(getattr(message, part)).items():
            lines.append(f"{part}: {name_text(record.owner)} {record.ttl} {type_name(record.type)} {data_text(record)}"
                         + (f" (x{times})" if times > 1 else ""))
    if message.opt:
        lines.append(f"opt: size {message.opt.rclass} flags {message.opt.ttl:#x} options {message.opt.data.hex()}")
    return lines
