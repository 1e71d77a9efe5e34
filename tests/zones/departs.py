# SPDX-License-Identifier: Apache-2.0
"""Where Troupe answers otherwise than Knot, and why. What an answer differs in is a list of items; each needs a row here that
covers it, and each row has to cover something in a whole run.

`judge` says who is followed. `CoreDNS`: its answer has the item as ours has it, else the row does not cover it. `both`: CoreDNS
does so in most answers, and is not asked about the single one. `RFC`: we differ from CoreDNS too. The rows of
actors/stages/DEPARTURES.md are about CoreDNS alone."""
from collections import namedtuple

from messages import ANY, CNAME, DNAME, DS, NS, NSEC, RRSIG, SOA, TYPES, is_below, name_in, octets_of

# `zone`: what is known of the zone, see verdict.Known. `coredns` may be None.
Case = namedtuple("Case", "zone asked knot ours coredns")
# `what`: rcode, aa, repeats (the same record twice), missing (Knot alone has it) or extra (we alone); `section` and `record`
# for the last two.
Item = namedtuple("Item", "what section record", defaults=("", None))
ISDN, ADDRESSES, SERVICES = TYPES["ISDN"], (TYPES["A"], TYPES["AAAA"]), (TYPES["SVCB"], TYPES["HTTPS"])
WILD_CUT = octets_of("ent.ferry.example")  # of masters/ferry.example.zone
KNOTS_CHAIN = 5  # aliases that Knot follows
ROWS = []
TRANSFER_ROWS = []  # of these `covers` takes a record


class Row:
    def __init__(self, name, judge, specification, covers):
        self.name, self.judge, self.specification, self.covers, self.used = name, judge, specification, covers, 0


def departs(name, judge, specification, rows=ROWS):
    def register(covers):
        rows.append(Row(name, judge, specification, covers))
        return covers
    return register


def covered_type(record):
    """The record's type, or the one that a signature is for."""
    return record[4][0] << 8 | record[4][1] if record[1] == RRSIG else record[1]


def is_in(item, what, section, *types):
    return (item.what, item.section) == (what, section) and covered_type(item.record) in types


def aliases_of(case):
    return [record for record in case.ours.answer if record[1] in (CNAME, DNAME)]


def comes_back(answer, name):
    """The aliases of an answer lead from a name to a name that they have been at."""
    aliases, seen = {record[0]: name_in(record).lower() for record in answer if record[1] == CNAME}, set()
    name = name.lower()
    while name in aliases and name not in seen:
        seen.add(name)
        name = aliases[name]
    return name in seen


@departs("a denial's SOA has its own TTL", "both", "RFC 2308 section 3 has the lesser of that and the minimum")
def _(case, item):
    if item.section != "authority" or covered_type(item.record) != SOA:
        return False
    with_ttl = lambda section, ttl: any(r[:3] == item.record[:3] and r[3] == ttl for r in section)
    least = min(case.zone.soa_ttl, case.zone.minimum)
    return with_ttl(case.ours.authority, case.zone.soa_ttl) and with_ttl(case.knot.authority, least)


@departs("name servers beside answers", "both", "RFC 1034 section 6.2.1 shows answers with and without")
def _(case, item):
    return is_in(item, "extra", "authority", NS) and item.record[0] in case.zone.apexes and case.ours.aa


@departs("ANY", "CoreDNS", "RFC 8482 section 4: a server need not give all; CoreDNS's `file` has no data for it")
def _(case, item):
    return case.asked.qtype == ANY


@departs("NSEC and RRSIG at aliases", "CoreDNS", "RFC 2181 section 10.1: both stand beside a CNAME; CoreDNS follows the alias")
def _(case, item):
    return case.asked.qtype in (NSEC, RRSIG) and aliases_of(case)


@departs("signatures asked for by type", "both", "RFC 4035 section 3.1: they are several sets; Knot gives the first")
def _(case, item):
    return case.asked.qtype == RRSIG and item.what == "extra" and item.section == "answer" and item.record[1] == RRSIG


@departs("signatures and NSEC of a wildcard asked for by type", "CoreDNS", "RFC 4035 section 3.1.3.3: it is an expansion, as others are")
def _(case, item):
    return case.asked.qtype in (RRSIG, NSEC) and is_in(item, "extra", "authority", NSEC)


@departs("targets out of the zone", "CoreDNS", "RFC 1034 section 4.3.2 step 3a goes on in another zone; Knot stays in its own")
def _(case, item):
    return any(record[1] == CNAME and not is_below(name_in(record), case.zone.apex) for record in case.ours.answer)


@departs("aliases that end without data", "both", "RFC 2308 section 2.2 has an SOA there; CoreDNS has none behind an alias")
def _(case, item):
    return aliases_of(case) and is_in(item, "missing", "authority", SOA, NSEC)


@departs("aliases that end without data in another zone", "both", "RFC 2308 section 2.2: with an SOA, here of the alias's zone")
def _(case, item):
    return aliases_of(case) and is_in(item, "extra", "authority", SOA)


@departs("referrals behind aliases", "CoreDNS", "RFC 1034 section 4.3.2: what the server asks itself has answers alone, no referral")
def _(case, item):
    return len(aliases_of(case)) > 1 and item.what == "missing" and item.section != "answer"


@departs("an asterisk that a wildcard stands for", "both", "RFC 4035 section 3.1.3.3: it is no other name than the rest")
def _(case, item):
    return case.asked.name.startswith(b"\1*") and is_in(item, "extra", "authority", NSEC)


@departs("chains of more than five aliases", "CoreDNS", "RFC 1034 section 3.6.2: chains should be followed; Knot ends sooner")
def _(case, item):
    return len(aliases_of(case)) > KNOTS_CHAIN


@departs("aliases that come back", "both", "RFC 1034 section 3.6.2: loops should be signalled as an error")
def _(case, item):
    return comes_back(case.ours.answer, case.asked.name)


@departs("a DNAME that leads to itself", "CoreDNS", "RFC 6672 section 2.4 leaves it open; Knot answers with what was asked")
def _(case, item):
    return case.ours.rcode == "SERVFAIL" and comes_back(case.knot.answer, case.asked.name)


@departs("a DNAME that makes a name too long", "RFC", "RFC 6672 section 2.2: YXDOMAIN")
def _(case, item):
    return case.ours.rcode == "YXDOMAIN"


@departs("addresses of servers that are not below the cut", "CoreDNS", "RFC 9471 section 3.2: such glue may be left out")
def _(case, item):
    return is_in(item, "missing", "additional", *ADDRESSES)


@departs("more than addresses beside SVCB and HTTPS", "CoreDNS", "RFC 9460 section 4.1: a server should, and need not")
def _(case, item):
    return case.asked.qtype in SERVICES and is_in(item, "missing", "additional", *SERVICES, NSEC)


@departs("records that are added once", "both", "RFC 2181 section 5.5; Knot adds those of a name for each that names it")
def _(case, item):
    return item.what == "repeats" and not case.ours.repeats


@departs("no proof that a zone below is unsigned", "CoreDNS", "RFC 4035 section 3.1.4.1; a validator asks for DS, whose denial has it")
def _(case, item):
    cuts = {record[0] for record in case.ours.authority if record[1] == NS}
    return is_in(item, "missing", "authority", NSEC) and item.record[0] in cuts and not case.ours.answer and not case.ours.aa


@departs("DS in referrals of zones that are not signed, and behind aliases", "CoreDNS", "RFC 4035 section 3.1.4: they belong to a referral")
def _(case, item):
    return is_in(item, "extra", "authority", DS)


@departs("DS of a name within a zone whose parent is served too", "CoreDNS", "RFC 4035 section 3.1.4.1 wants the parent at the apex alone")
def _(case, item):
    above = [apex for apex in case.zone.apexes if is_below(case.asked.name, apex)]
    return case.asked.qtype == DS and len(above) > 1


@departs("a wildcard that is delegated", "CoreDNS", "RFC 4592 section 4.2: what it means is undefined")
def _(case, item):
    return is_below(case.asked.name, WILD_CUT)


@departs("ISDN without a subaddress", "CoreDNS", "RFC 1183 section 3.2: it may be absent; CoreDNS has an empty one", TRANSFER_ROWS)
def _(record):
    return record[1] == ISDN


@departs("ISDN without a subaddress", "CoreDNS", "RFC 1183 section 3.2, as above")
def _(case, item):
    return is_in(item, item.what, "answer", ISDN)
