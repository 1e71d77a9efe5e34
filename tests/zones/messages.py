# SPDX-License-Identifier: Apache-2.0
"""Questions about names as octets, and answers as sets of records that can be compared."""
import os
import struct
import sys
from collections import namedtuple
from functools import lru_cache

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cluster"))

from dnsclient import Question  # noqa: E402
import dns.rdata  # noqa: E402
import dns.rdatatype  # noqa: E402
import dns.rcode  # noqa: E402
from wire import FLAGS, TYPES, encode_name  # noqa: E402

SIZE = 4096  # octets that each question says it takes by UDP
SOA, NS, CNAME, DNAME, DS, RRSIG, NSEC, ANY = (TYPES[name] for name in ("SOA", "NS", "CNAME", "DNAME", "DS", "RRSIG", "NSEC", "ANY"))
# Where in a record's data its first name stands. Names are compared without case, so are the data that have them.
NAME_IN_DATA = {2: 0, 3: 0, 4: 0, 5: 0, 7: 0, 8: 0, 9: 0, 12: 0, 14: 0, 15: 2, 17: 0, 18: 2, 21: 2, 33: 6, 36: 2, 39: 0, 64: 2, 65: 2, SOA: 0}
WITH_PARAMETERS = (64, 65)  # SVCB, HTTPS: behind the name stands what has a case
SECTIONS = ("answer", "authority", "additional")

# `asked`: the question that came back. Sections are frozensets of (owner, type, class, ttl, data), names in lower case;
# `repeats`: a section has the same record twice.
Facts = namedtuple("Facts", "rcode aa tc asked answer authority additional repeats edns")


def octets_of(text):
    """The name of a zone's file or of a case."""
    return encode_name(text)


def labels_of(name):
    at, labels = 0, []
    while name[at]:
        labels.append(name[at + 1:at + 1 + name[at]])
        at += 1 + name[at]
    return labels


def name_of(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


@lru_cache(100_000)
def parent(name):
    return name[1 + name[0]:]


@lru_cache(100_000)
def text_of(name):
    """As a master file has it."""
    plain = lambda octet: chr(octet) if chr(octet).isalnum() and octet < 128 or octet in b"-_*/" else f"\\{octet:03d}"
    return "".join("".join(map(plain, label)) + "." for label in labels_of(name)) or "."


def is_below(name, other):
    """True if a name is another one or below it."""
    name, other = name.lower(), other.lower()
    while len(name) > len(other):
        name = parent(name)
    return name == other


def end_of_name(data, at):
    while data[at]:
        at += 1 + data[at]
    return at + 1


def lowered(rtype, data):
    """The data, with names in lower case. Numbers before the name are left alone."""
    at = NAME_IN_DATA.get(rtype)
    if at is None:
        return data
    if rtype in WITH_PARAMETERS:
        end = end_of_name(data, at)
        return data[:at] + data[at:end].lower() + data[end:]
    return data[:at] + data[at:-16].lower() + data[-16:] if rtype == SOA else data[:at] + data[at:].lower()


def name_in(record):
    """The first name in a record's data, or None."""
    at = NAME_IN_DATA.get(record[1])
    if at is None:
        return None
    return record[4][at:end_of_name(record[4], at)]


def question(name, rtype, dnssec_ok=False, edns=True):
    """Asks without RD: nobody here recurses."""
    body = struct.pack("!HHHHH", 0, 1, 0, 0, edns) + name + struct.pack("!HH", rtype, 1)
    if edns:
        body += struct.pack("!BHHIH", 0, TYPES["OPT"], SIZE, 0x8000 if dnssec_ok else 0, 0)
    return Question(name, rtype, "IN", "udp", SIZE if edns else None, dnssec_ok, (), body)


def facts(message):
    """What counts of an answer; None if there is none."""
    if message is None:
        return None
    sections = [[(r.owner.lower(), r.type, r.rclass, r.ttl, lowered(r.type, r.data)) for r in getattr(message, name)]
                for name in SECTIONS]
    sets = [frozenset(section) for section in sections]
    return Facts(dns.rcode.to_text(message.rcode), bool(message.flags & FLAGS["aa"]), bool(message.flags & FLAGS["tc"]),
                 message.question, *sets, any(len(a) != len(b) for a, b in zip(sets, sections)), message.opt is not None)


def type_text(rtype):
    return dns.rdatatype.to_text(rtype)


def record_text(record):
    owner, rtype, rclass, ttl, data = record
    try:
        text = "(…)" if rtype == RRSIG else dns.rdata.from_wire(rclass, rtype, data, 0, len(data)).to_text()
        if rtype == RRSIG:
            text = f"{type_text(struct.unpack_from('!H', data)[0])} (…)"
    except Exception:
        text = f"\\# {len(data)} {data.hex()}"
    return f"{text_of(owner)} {ttl} {type_text(rtype)} {text}"


def question_text(asked):
    return f"{text_of(asked.name)} {type_text(asked.qtype)}{' +do' if asked.do else ''}{'' if asked.edns else ' +noedns'}"


def facts_lines(found):
    if found is None:
        return ["(no answer)"]
    lines = [f"{found.rcode}{' aa' if found.aa else ''}{' tc' if found.tc else ''}{' (records twice)' if found.repeats else ''}"]
    return lines + [f"{section}: {text}" for section in SECTIONS for text in sorted(map(record_text, getattr(found, section)))]
