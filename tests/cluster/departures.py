# SPDX-License-Identifier: Apache-2.0
"""Reads actors/stages/DEPARTURES.md: where Troupe answers otherwise than CoreDNS on purpose.

The last column of a row says which differences it covers, as `key=value` words in backquotes:
  qtype=TXT,ANY      types, default all
  name=a*.b,*.c      patterns of the lower-case name without its last dot (* ? [ ]), default all
  proto=udp          default both
  edns=yes|no        default both
  coredns=NXDOMAIN   the rcode there, default any
  troupe=NOERROR     the rcode here, default any
  differs=rcode,answer,…   what may differ: words of `wire.differences`; required
  tc=coredns|troupe  CoreDNS's answer is truncated, or Troupe's alone
  with=cache         only where the Corefile has this directive, default any Corefile
An answer may need several rows: what they cover together must be all that differs.
A row whose name begins with `transfer:` is read by `zones.py`. One whose name begins with `wire:` is about single packets and belongs to the wire tests, `metrics:` is read by
`exposition.py`; both are passed over here."""
import fnmatch
import os
import re
from collections import Counter

from processes import Failed
from wire import FLAGS, RCODES

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../actors/stages/DEPARTURES.md")
KEYS = {"qtype", "name", "proto", "edns", "coredns", "troupe", "differs", "tc", "with"}


def is_cut(message):
    return message and message.flags & FLAGS["tc"]


class Departure:
    def __init__(self, name, words, line):
        self.name = name
        self.match = dict(word.split("=", 1) for word in words.split())
        unknown = self.match.keys() - KEYS
        if unknown or "differs" not in self.match:
            raise Failed(f"DEPARTURES.md:{line} - bad match `{words}`: " + (f"unknown {unknown}" if unknown else "no `differs`"))
        self.differs = set(self.match["differs"].split(","))
        self.patterns = [re.compile(fnmatch.translate(p)) for p in self.match.get("name", "*").split(",")]

    def says(self, key, value):
        return key not in self.match or value in self.match[key].split(",")

    def matches(self, question, coredns, troupe):
        rcode = lambda message: "silent" if message is None else RCODES.get(message.rcode, str(message.rcode))
        return (self.says("qtype", question.qtype) and self.says("proto", question.proto)
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
    """All rows that apply, and how often each was used. `features`: directives of the Corefile that rows may ask for."""

    def __init__(self, path=PATH, features=()):
        self.rows, self.used = [], Counter()
        for name, words, number in rows(path):
            if name.startswith(("wire:", "metrics:", "transfer:")):
                continue
            row = Departure(name, words, number)
            if row.match.get("with", "") in {"", *features}:
                self.rows.append(row)

    def find(self, question, coredns, troupe, differs):
        """The names of the rows that together cover the difference, counted as used; none if they do not cover all of it."""
        rows = [row for row in self.rows if row.differs & set(differs) and row.matches(question, coredns, troupe)]
        if not set(differs) <= set().union(*(row.differs for row in rows)):
            return []
        names = [row.name for row in rows]
        self.used.update(names)
        return names

    def print(self):
        print(f"departures used: {len(self.used)} of {len(self.rows)} rows")
        for row in self.rows:
            print(f"  {self.used[row.name]:7d}  {row.name}")
