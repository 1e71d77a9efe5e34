# SPDX-License-Identifier: Apache-2.0
"""What our answer differs from Knot's in, and whether rows of departs.py cover all of it."""
from collections import Counter, namedtuple

from departs import ROWS, Case, Item
from messages import SECTIONS, facts_lines, question_text

# What rows want to know of a zone. `apex`: its name; `soa_ttl`, `minimum`: of its SOA; `signed`: with NSEC; `apexes`: of all
# zones of the servers.
Known = namedtuple("Known", "name apex soa_ttl minimum signed apexes")


def items(knot, ours):
    found = [Item(what) for what in ("rcode", "aa", "repeats") if getattr(knot, what) != getattr(ours, what)]
    for section in SECTIONS:
        theirs, own = getattr(knot, section), getattr(ours, section)
        if theirs != own:
            found += [Item("missing", section, record) for record in theirs - own]
            found += [Item("extra", section, record) for record in own - theirs]
    return found


def is_as(coredns, ours, item):
    """True if CoreDNS's answer agrees with ours in this item."""
    if coredns is None:
        return False
    if item.record is None:
        return getattr(coredns, item.what) == getattr(ours, item.what)
    return (item.record in getattr(coredns, item.section)) == (item.what == "extra")


def row_of(case, item):
    follows = is_as(case.coredns, case.ours, item)
    return next((row for row in ROWS if (follows or row.judge != "CoreDNS") and row.covers(case, item)), None)


def broken(asked, ours):
    """What is wrong with an answer whoever else says what."""
    if ours is None:
        return "no answer"
    if ours.asked != ((asked.name, asked.qtype, 1),):
        return "another question came back"
    return "" if ours.edns == (asked.edns is not None) else "an OPT record where none was sent, or none where one was"


class Comparison:
    """Counts, and the answers that nothing explains."""

    def __init__(self):
        self.passed = self.failed = 0
        self.sides = Counter()  # whose answer ours is, wholly

    def side(self, case):
        same = [name for name, other in (("Knot", case.knot), ("CoreDNS", case.coredns)) if other and not items(other, case.ours)]
        return " and ".join(same) or "of each a part"

    def add(self, case):
        """The lines of what is wrong; none if nothing is."""
        wrong = broken(case.asked, case.ours)
        if wrong or case.knot is None:
            self.failed += 1
            return [wrong or "Knot says nothing", *self.shown(case)]
        used, open_items = set(), []
        for item in items(case.knot, case.ours):
            row = row_of(case, item)
            if row:
                used.add(row)
            else:
                open_items.append(item)
        for row in used:
            row.used += 1
        self.sides[self.side(case)] += 1
        self.passed += not open_items
        self.failed += bool(open_items)
        return [f"{len(open_items)} differences that no row covers", *self.shown(case)] if open_items else []

    def add_transfer(self, wrong):
        self.passed += not wrong
        self.failed += bool(wrong)

    def check(self, title, wrong):
        self.add_transfer(wrong)
        if wrong:
            print(f"FAILED {title}", *(f"    {line}" for line in wrong), sep="\n", flush=True)

    @staticmethod
    def shown(case):
        lines = [f"{case.zone.name}: {question_text(case.asked)}"]
        for name, found in (("Knot", case.knot), ("Troupe", case.ours), ("CoreDNS", case.coredns)):
            lines += [f"    {name}", *(f"        {line}" for line in facts_lines(found))]
        return lines


__all__ = ["Case", "Comparison", "Known", "items"]
