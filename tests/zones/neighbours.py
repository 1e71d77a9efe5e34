# SPDX-License-Identifier: Apache-2.0
"""From the records of a zone, what to ask about it: its names and types, and what is near them."""
from messages import ANY, CNAME, DNAME, DS, NS, SOA, TYPES, labels_of, name_in, name_of, parent, question

COMMON = tuple(TYPES[name] for name in ("A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DS", "ANY", "SRV", "PTR", "DNAME", "NSEC",
                                        "RRSIG", "DNSKEY", "TYPE65280"))
FEW = (1, 16, DS, CNAME)  # A, TXT, DS, CNAME: of names that are not there
LONGEST = 255


def names_of(records, apex):
    """Owners, and the empty names between them and the apex."""
    found = {apex}
    for owner, *_ in records:
        while owner not in found and len(owner) > len(apex):
            found.add(owner)
            owner = parent(owner)
    return found


def beside(name, apex):
    """Names just before, after, below and above one, in canonical order and in the tree."""
    yield name_of([b"below"]) [:-1] + name
    yield name_of([b"*"])[:-1] + name
    yield name_of([b"far", b"below"])[:-1] + name
    if len(name) == len(apex):
        return
    first, *rest = labels_of(name)
    yield name_of([first + b"0", *rest])
    yield name_of([first[:-1] + bytes([max(first[-1], 2) - 1]), *rest])
    yield name_of([first + b"\1", *rest])
    yield name_of([b"*", *rest])
    yield name_of([b"beside", *rest])


def is_askable(name):
    return len(name) <= LONGEST and all(1 <= len(label) <= 63 for label in labels_of(name))


def in_capitals(name):
    return name_of([label.swapcase() for label in labels_of(name)])


def questions(records, apex, signed, wanted=lambda q: True):
    """All that is asked about a zone, each once. `records`: (owner, type, …)."""
    types = {}
    for record in records:
        types.setdefault(record[0], set()).add(record[1])
    there = names_of(records, apex)
    targets = {name.lower() for record in records if (name := name_in(record)) and name.lower().endswith(apex)}
    found = {}

    def ask(name, rtype, **how):
        asked = question(name, rtype, **how)
        if is_askable(name) and wanted(asked):
            found[asked.body] = asked

    for name in there | targets:
        for rtype in types.get(name, set()) | set(COMMON):
            ask(name, rtype)
            if signed or rtype in types.get(name, ()):
                ask(name, rtype, dnssec_ok=True)
        for rtype in types.get(name, {1}):
            ask(in_capitals(name), rtype)
            ask(name, rtype, edns=False)
        near = {other.lower() for other in beside(name, apex)} - there
        if DNAME in types.get(name, ()):
            near.add(name_of([b"l" * 60])[:-1] + name)  # where the new name gets too long
        for other in near:
            for rtype in FEW:
                ask(other, rtype, dnssec_ok=bool(signed))
            for rtype in types.get(name, set()) - {SOA}:
                ask(other, rtype)
            ask(other, NS)
            ask(other, ANY)
    return [found[body] for body in sorted(found)]
