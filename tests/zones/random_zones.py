# SPDX-License-Identifier: Apache-2.0
"""Small zones made at random from a seed: few labels, so that names meet; aliases, cuts, wildcards and DNAMEs of each other and
of other zones. What Knot refuses to load (data beside a CNAME, names below a DNAME) is not made."""
import random

from corpus import Zone

LABELS = ("a", "b", "c", "*", "_tcp", "www", "B0", "x-y", "9")
TTLS = (0, 1, 60, 300, 86400)
SIGNED_OF = 4  # every fourth is signed


class Maker:
    def __init__(self, seed, number, count):
        self.random = random.Random(f"{seed}/{number}")
        self.count = count
        self.apex = f"z{number}.test"
        self.sets = {}  # owner, relative to the apex: {type: [data]}

    def owner(self):
        depth = self.random.choices((1, 2, 3, 4), (6, 5, 2, 1))[0]
        return ".".join(self.random.choice(LABELS) for _ in range(depth))

    def target(self):
        """A name for data: mostly of this zone, there or not."""
        kind = self.random.random()
        if kind < 0.45 and self.sets:
            return self.random.choice(sorted(self.sets))
        if kind < 0.75:
            return self.owner()
        if kind < 0.9:
            return f"{self.owner()}.z{self.random.randrange(self.count)}.test."
        return "@" if kind < 0.93 else "www.elsewhere.example."

    def is_below_dname(self, owner):
        labels = owner.split(".")
        return any("DNAME" in self.sets.get(".".join(labels[i:]), {}) for i in range(1, len(labels)))

    def has_below(self, owner):
        return any(other.endswith("." + owner) for other in self.sets)

    def may_have(self, owner, rtype):
        there = self.sets.get(owner, {})
        if self.is_below_dname(owner) or "CNAME" in there or (rtype == "CNAME" and there):
            return False
        if rtype == "DNAME":
            return not self.has_below(owner) and not {"NS", "DNAME"} & there.keys() and "*" not in owner
        # What a wildcard's NS or DNAME means is undefined (RFC 4592 sections 4.2 and 4.4).
        return rtype != "NS" or ("DNAME" not in there and "*" not in owner)

    def data(self, rtype):
        number = self.random.randrange(1, 255)
        return {"A": lambda: f"192.0.2.{number}", "AAAA": lambda: f"2001:db8::{number:x}", "TXT": lambda: f'"t{number}" x',
                "MX": lambda: f"{number} {self.target()}", "SRV": lambda: f"1 2 {number} {self.target()}", "NS": self.target,
                "CNAME": self.target, "DNAME": self.target, "PTR": self.target, "CAA": lambda: f'0 issue "ca{number}.example"',
                "TYPE65280": lambda: f"\\# 2 {number:04x}", "HTTPS": lambda: f"1 {self.target()}"}[rtype]()

    def add(self):
        owner = self.owner()
        rtype = self.random.choices(("A", "AAAA", "TXT", "MX", "SRV", "NS", "CNAME", "DNAME", "PTR", "CAA", "TYPE65280", "HTTPS"),
                                    (10, 4, 4, 3, 2, 5, 8, 2, 1, 1, 1, 1))[0]
        owner = owner.lower() if owner.lower() in self.sets else owner
        if not self.may_have(owner.lower(), rtype):
            return
        data = [self.data(rtype) for _ in range(1 if rtype in ("CNAME", "DNAME") else self.random.choice((1, 1, 2, 3)))]
        self.sets.setdefault(owner.lower(), {})[rtype] = sorted(set(data))
        if rtype == "NS" and self.random.random() < 0.4:
            self.sets[owner.lower()]["DS"] = [f"{number} 13 2 " + "5a" * 32 for number in (4711, 4712)]

    def make(self, signed):
        for _ in range(self.random.choice((1, 4, 8, 14, 24))):
            self.add()
        ttl, minimum = self.random.choice(TTLS[2:]), self.random.choice(TTLS)
        lines = [f"$TTL {ttl}", f"@ SOA ns admin 1 3600 900 604800 {minimum}", f"@ NS {self.random.choice(('ns', 'ns.elsewhere.example.'))}",
                 "ns A 192.0.2.1"]
        for owner, types in self.sets.items():
            for rtype, every in types.items():
                own = self.random.choice(("", f"{self.random.choice(TTLS)} ", "IN "))
                lines += [f"{owner} {own}{rtype} {data}" for data in every]
        text = "\n".join(lines) + "\n"
        return Zone(self.apex, text, text, {}, "nsec" if signed else "")


def random_zones(seed, count):
    return [Maker(seed, number, count).make(number % SIGNED_OF == 0) for number in range(count)]
