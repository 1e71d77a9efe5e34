#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads actors/stages/DEPARTURES.md: where Troupe answers otherwise than CoreDNS on purpose.

The last column of a row says which differences it covers, as `key=value` words in backquotes:
  qtype=TXT,ANY      types, default all; `!PTR` all but these
  qclass=CH          classes, likewise
  name=a*.b,*.c      patterns of the lower-case name without its last dot (* ? [ ]), default all; `@zone` stands for each
                     zone that `kubernetes` serves
  spelled=mixed      the name has capital letters
  proto=udp          default both
  edns=yes|no        default both
  coredns=NXDOMAIN   the rcode there, default any
  troupe=NOERROR     the rcode here, default any
  differs=rcode,answer,…   what may differ: words of `wire.differences`; required
  tc=coredns|troupe  CoreDNS's answer is truncated, or Troupe's alone
  with=cache         only where the Corefile has this directive, default any Corefile; `cache+!kubernetes`: and
                     not that one
An answer may need several rows: what they cover together must be all that differs.
A row whose name begins with `transfer:` is read by `zones.py`. One whose name begins with `wire:` is about single packets and belongs to the wire tests, `metrics:` is read by
`exposition.py`; both are passed over here."""
import fnmatch
import json
import os
import re
import sys
from collections import Counter

from processes import Failed
from wire import FLAGS, RCODES

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../actors/stages/DEPARTURES.md")
KEYS = {"qtype", "qclass", "name", "spelled", "proto", "edns", "coredns", "troupe", "differs", "tc", "with"}
ZONES = ("cluster.local", "mycorp.local", "in-addr.arpa", "ip6.arpa")
USES = "TROUPE_DEPARTURES_USED"  # names a file that the tests of a full run add their uses to

used_here = Counter()  # in this process, by all readers of the table


def is_cut(message):
    return message and message.flags & FLAGS["tc"]


class Departure:
    def __init__(self, name, words, line, zones=ZONES):
        self.name = name
        self.match = dict(word.split("=", 1) for word in words.split())
        unknown = self.match.keys() - KEYS
        if unknown or "differs" not in self.match:
            raise Failed(f"DEPARTURES.md:{line} - bad match `{words}`: " + (f"unknown {unknown}" if unknown else "no `differs`"))
        self.features = list(filter(None, self.match.get("with", "").split("+")))
        self.differs = set(self.match["differs"].split(","))
        patterns = self.match.get("name", "*").split(",")
        self.patterns = [re.compile(fnmatch.translate(p.replace("@zone", zone))) for p in patterns
                         for zone in (zones if "@zone" in p else [""])]

    def applies(self, features):
        """What it asks of the Corefile is so."""
        return all(word[1:] not in features if word.startswith("!") else word in features for word in self.features)

    def says(self, key, value):
        words = self.match.get(key)
        return words is None or (value not in words[1:].split(",") if words.startswith("!") else value in words.split(","))

    def matches(self, question, coredns, troupe):
        rcode = lambda message: "silent" if message is None else RCODES.get(message.rcode, str(message.rcode))
        return (self.says("qtype", question.qtype) and self.says("qclass", question.qclass) and self.says("proto", question.proto)
                and self.says("spelled", "mixed" if question.name != question.name.lower() else "lower")
                and self.says("edns", "no" if question.edns is None else "yes")
                and self.says("coredns", rcode(coredns)) and self.says("troupe", rcode(troupe))
                and self.says("tc", "coredns" if is_cut(coredns) else "troupe" if is_cut(troupe) else "")
                and any(p.match(question.name.lower().rstrip(".")) for p in self.patterns))


def rows(path=PATH):
    """(name, words of the last column, line number) of each row of the table."""
    if not os.path.exists(path):
        return
    with open(path) as text:
        for number, line in enumerate(text, 1):
            cells = [cell.strip() for cell in line.replace(r"\|", "\0").strip().strip("|").split("|")]
            if line.startswith("|") and len(cells) >= 4 and cells[-1].startswith("`"):
                yield cells[0], cells[-1].strip("`"), number


class Departures:
    """All rows that apply, and how often each was used. `features`: directives of the Corefile that rows may ask for, None for
    all rows whatever they ask for; `zones`: those that its `kubernetes` serves. With `has_data` false both servers ask a third one about the cluster, and rows that
    are about what there is in it (neither about a directive nor about packets) do not apply."""
    PACKETS = {"with", "qclass", "proto", "edns"}

    def __init__(self, path=PATH, features=(), zones=ZONES, has_data=True):
        self.rows, self.used, self.path, self.features = [], Counter(), path, set(features or ())
        for name, words, number in rows(path):
            if name.startswith(("wire:", "metrics:", "transfer:")):
                continue
            row = Departure(name, words, number, zones)
            if features is None or row.applies(self.features) and (has_data or row.match.keys() & self.PACKETS):
                self.rows.append(row)

    def find(self, question, coredns, troupe, differs):
        """The names of the rows that together cover the difference, counted as used; none if they do not cover all of it."""
        rows = [row for row in self.rows if row.differs & set(differs) and row.matches(question, coredns, troupe)]
        if not set(differs) <= set().union(*(row.differs for row in rows)):
            return []
        names = [row.name for row in rows]
        self.used.update(names)
        if self.path == PATH:
            used_here.update(names)
        return names

    def print(self):
        print_uses(self.rows, self.used)


def print_uses(rows, used):
    print(f"departures used: {sum(row.name in used for row in rows)} of {len(rows)} rows")
    for row in rows:
        print(f"  {used[row.name]:7d}  {row.name}")


def note_uses():
    """Adds the uses of this process to the file of a full run, if this is one."""
    if os.environ.get(USES):
        with open(os.environ[USES], "a") as out:
            out.write(json.dumps(used_here) + "\n")


def main(path):
    """Prints how often each row was used in the run that wrote `path`; last those that covered nothing. Clusters are random,
    so that once is no fault; a row that never does should go."""
    table, used = Departures(features=None).rows, Counter()
    with open(path) as lines:
        for line in lines:
            used.update(json.loads(line))
    print_uses(table, used)
    print("covered nothing this time: " + (", ".join(row.name for row in table if not used[row.name]) or "none"))


if __name__ == "__main__":
    main(sys.argv[1])
