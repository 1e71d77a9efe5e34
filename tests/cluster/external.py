# SPDX-License-Identifier: Apache-2.0
"""Names outside the cluster, generated from a seed, and the answers of the resolver that knows them. The same seed gives
the same world in every process."""
import random
import socket
import string
import struct
from collections import defaultdict

from dnsclient import question
from questions import dress
from wire import FLAGS, RCODES, TYPES, encode_name, encode_query, read_name

OPEN_ZONE, CLOSED_ZONE = "example.com", "example.org"  # answers of the second have AA
REVERSE_ZONE = "1.0.10.in-addr.arpa"
TTLS = [0, 1, 3, 4, 5, 6, 29, 30, 31, 100, 3600, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
CODES = {name: number for number, name in RCODES.items() if number < 16} | {"YXDOMAIN": 6, "NOTAUTH": 9, "NOTZONE": 10}
HOSTS, CHAINS = 90, 20
ODD_LABELS = ["with space", "qu\"ote", "back\\slash", "sem;i", "do$lar", "at@", "(paren)", "\x00nul", "\x7f\x80\xff", "tab\there",
              "ünïcode", "*", "_under", "-dash-", "1", "x" * 63, "a" * 40 + "." + "b" * 60 + "." + "c" * 60 + "." + "d" * 60]


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def strings(*parts):
    return b"".join(bytes([len(part)]) + part for part in parts)


def soa(zone, ttl):
    return (encode_name(zone), "SOA", ttl, encode_name("ns." + zone) + encode_name("admin." + zone) + struct.pack("!5I", 1, 7200, 900, 86400, 60))


class World:
    """`names`: text → {type: [(ttl, data)]}. What is said about a name beyond its records stands in sets of names."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.names = defaultdict(lambda: defaultdict(list))
        self.codes = {}          # name → rcode of every answer
        self.bare = set()        # denials without SOA
        self.refer = set()       # only NS records of the zone, in the authority section
        self.talkative = set()   # authority and additional records in positive answers
        self.stray = set()       # records of other names in the answer
        self.authentic = set()   # AD
        self.signed = set()      # RRSIG for who sends DO
        for make in (self.hosts, self.chains, self.big, self.odd, self.odd_types, self.sayings, self.reverse, self.beneath):
            make()
        self.by_wire = {encode_name(name).lower(): name for name in [*self.names, *self.codes, *self.refer]}

    # -- what there is

    def add(self, name, qtype, data, ttl=None):
        self.names[name][qtype].append((self.rng.choice(TTLS) if ttl is None else ttl, data))

    def host(self, name, kinds):
        rng = self.rng
        makers = {
            "A": lambda: address(f"192.0.2.{rng.randrange(256)}"),
            "AAAA": lambda: address(f"2001:db8::{rng.randrange(1, 65536):x}"),
            "MX": lambda: struct.pack("!H", rng.choice([5, 10, 10, 20])) + encode_name(f"mail{rng.randrange(9)}.{OPEN_ZONE}"),
            "TXT": lambda: strings(*(self.text(rng.choice([0, 5, 40, 255])) for _ in range(rng.choice([1, 1, 3])))),
            "SRV": lambda: struct.pack("!3H", rng.randrange(3), rng.randrange(9), 443) + encode_name(f"h{rng.randrange(HOSTS)}.{OPEN_ZONE}"),
            "NS": lambda: encode_name(f"ns{rng.randrange(9)}.{OPEN_ZONE}")}
        for kind in kinds:
            made = {makers[kind]() for _ in range(rng.choice([1, 1, 1, 2, 4, 12]))}
            ttl = rng.choice(TTLS) if rng.random() < 0.7 else None  # now and then a TTL for each record
            for data in sorted(made):
                self.add(name, kind, data, ttl)

    def text(self, octets):
        return bytes(self.rng.choices(string.ascii_letters.encode(), k=octets))

    def hosts(self):
        for i in range(HOSTS):
            self.host(f"h{i}.{self.rng.choice([OPEN_ZONE, CLOSED_ZONE])}", self.rng.sample(["A", "AAAA", "MX", "TXT", "SRV", "NS"], self.rng.randrange(1, 5)))
        self.host(f"www.{OPEN_ZONE}", ["A", "AAAA"])
        for i, ttl in enumerate(TTLS):
            self.add(f"ttl{i}.{OPEN_ZONE}", "A", address("192.0.2.1"), ttl)

    def chains(self):
        for i in range(CHAINS):
            ends = [f"h{self.rng.randrange(HOSTS)}.{OPEN_ZONE}", f"www.{OPEN_ZONE}", f"absent{i}.{OPEN_ZONE}"]
            length = self.rng.choice([1, 1, 2, 3, 5, 8])
            for step in range(length):
                to = f"c{i}-{step + 1}.{OPEN_ZONE}" if step + 1 < length else self.rng.choice(ends)
                self.add(f"c{i}-{step}.{OPEN_ZONE}", "CNAME", encode_name(to))
        self.add(f"self.{OPEN_ZONE}", "CNAME", encode_name(f"self.{OPEN_ZONE}"))
        self.add(f"to-cluster.{OPEN_ZONE}", "CNAME", encode_name("kubernetes.default.svc.cluster.local"))

    def big(self):
        for octets in (400, 480, 700, 1100, 1190, 1300, 4000, 20000, 60000):
            parts = [self.text(255) for _ in range(octets // 256)]
            for at in range(0, len(parts), 4):
                self.add(f"txt{octets}.{OPEN_ZONE}", "TXT", strings(*parts[at:at + 4]), 100)
        for i in range(4):
            self.add(f"bytes{i}.{OPEN_ZONE}", "TXT", strings(bytes(range(128, 255)), bytes(range(1, 128))), 100)
        for count in (25, 30, 60, 80, 200, 1000):
            for i in range(count):
                self.add(f"a{count}.{OPEN_ZONE}", "A", address(f"10.1.{i // 250}.{i % 250}"), 60)

    def odd(self):
        for label in ODD_LABELS:
            self.add(f"{label}.{OPEN_ZONE}", "A", address("192.0.2.9"), 60)
            self.add(f"to-{label[:60]}.{OPEN_ZONE}", "CNAME", encode_name(f"{label}.{OPEN_ZONE}"), 60)

    def odd_types(self):
        name, rng = f"types.{OPEN_ZONE}", self.rng
        self.add(name, "CAA", b"\0\x05issueca.example", 60)
        self.add(name, "HTTPS", struct.pack("!H", 1) + b"\0" + struct.pack("!HH", 1, 6) + b"\x02h2\x02h3", 60)
        self.add(name, "SVCB", struct.pack("!H", 2) + encode_name(f"svc.{OPEN_ZONE}") + struct.pack("!HHH", 3, 2, 8443), 60)
        self.add(name, "NAPTR", struct.pack("!HH", 100, 10) + strings(b"u", b"E2U+sip", b"!^.*$!sip:info@example.com!") + b"\0", 60)
        self.add(name, "SSHFP", b"\x04\x02" + rng.randbytes(32), 60)
        self.add(name, "TLSA", b"\x03\x01\x01" + rng.randbytes(32), 60)
        self.add(name, "DS", struct.pack("!HBB", 4711, 13, 2) + rng.randbytes(32), 60)
        self.add(name, "HINFO", strings(b"PC", b"Linux"), 60)
        self.add(name, "SPF", strings(b"v=spf1 -all"), 60)
        self.add(name, "TYPE65280", rng.randbytes(20), 60)
        self.add(name, "TXT", strings(b""), 60)
        self.add(f"dname.{OPEN_ZONE}", "DNAME", encode_name(f"elsewhere.{CLOSED_ZONE}"), 60)

    def sayings(self):
        for word, number in CODES.items():
            if number not in (0, 3):
                self.codes[f"{word.lower()}.{OPEN_ZONE}"] = number
        for i in range(4):
            self.bare |= {f"bare{i}.{OPEN_ZONE}", f"absent-bare{i}.{OPEN_ZONE}"}
            self.add(f"bare{i}.{OPEN_ZONE}", "A", address("192.0.2.7"), 60)
            self.refer.add(f"refer{i}.{OPEN_ZONE}")
            for group, more in ((self.talkative, "talk"), (self.stray, "stray"), (self.authentic, "ad"), (self.signed, "signed")):
                name = f"{more}{i}.{OPEN_ZONE}"
                self.host(name, ["A", "AAAA", "MX"])
                group.add(name)
        self.codes[f"absent-bare.{OPEN_ZONE}"] = 3
        self.bare.add(f"absent-bare.{OPEN_ZONE}")

    def reverse(self):
        for i in range(5):
            self.add(f"{i}.{REVERSE_ZONE}", "PTR", encode_name(f"h{i}.{OPEN_ZONE}"))

    def beneath(self):
        """Records at names that a cluster denies, although it has others below them or of another type: with `fallthrough`
        they are given. Only who asks about the cluster meets them."""
        before = set(self.names)
        self.add("cluster.local", "TXT", strings(b"v=spf1 -all"), 60)
        self.add("svc.cluster.local", "TXT", strings(b"beneath"), 60)
        self.add("dns.cluster.local", "A", address("192.0.2.90"), 60)
        self.add("dns-version.cluster.local", "AAAA", address("2001:db8::90"), 60)
        self.add("_tcp.kubernetes.default.svc.cluster.local", "A", address("192.0.2.91"), 60)
        self.add("1.0.96.10.in-addr.arpa", "TXT", strings(b"beneath"), 60)
        self.of_the_cluster = set(self.names) - before

    # -- questions

    def questions(self):
        """Every name with its types, one that it does not have, and ANY; names that are not there."""
        pairs = []
        for name, types in self.names.items():
            if name in self.of_the_cluster:
                continue
            pairs += [(name, kind) for kind in types]
            pairs += [(name, self.rng.choice(["A", "AAAA", "SOA", "PTR", "SRV"]))]
        pairs += [(f"h{i}.{OPEN_ZONE}", "ANY") for i in range(9)]
        for name in [*self.codes, *sorted(self.refer), *sorted(self.bare)]:
            pairs += [(name, kind) for kind in ("A", "AAAA", "TXT", "MX")]
        for i in range(40):
            pairs += [(f"absent{i}.{zone}", kind) for zone in (OPEN_ZONE, CLOSED_ZONE, "nowhere") for kind in ("A", "AAAA")]
        pairs += [(f"sub.dname.{OPEN_ZONE}", "A"), ("", "NS"), ("", "SOA"), (OPEN_ZONE, "SOA"), (CLOSED_ZONE, "SOA")]
        without_rd = [question(f"h{i}.{OPEN_ZONE}", "A", flags=()) for i in range(9)]
        return [*(dress(*pair) for pair in dict.fromkeys(pairs)), *without_rd]

    def plain_questions(self):
        """Those that CoreDNS and Troupe treat alike in all: small answers, nothing but what was asked for, no chain to
        nowhere, no TXT of odd octets, nothing that `kubernetes` answers in its reverse zones. Each name and type once."""
        once = {(q.name.lower(), q.qtype): q for q in self.questions() if q.name.isascii()}
        return [q for _, q in sorted(once.items()) if self.is_plain(q)]

    def is_plain(self, q):
        qname = encode_name(q.name).lower()
        name = self.by_wire.get(qname)
        code, _, (answer, authority, additional) = self.say(qname, TYPES[q.qtype], q.do)
        records = answer + authority + additional
        return (not (name or "").startswith("bytes") and not (q.name.lower().endswith("arpa") and q.qtype != "PTR")
                and not any(name in group for group in (self.talkative, self.stray, self.refer))
                and not (code == 3 and answer) and q.qtype != "ANY"
                and sum(len(owner) + 10 + len(data) for owner, _, _, data in records) < 400)

    # -- answers

    def answer(self, wire, tcp):
        """The reply to a well-formed query."""
        number, bits = struct.unpack_from("!HH", wire)
        qname, at = read_name(wire, 12)
        qtype, = struct.unpack_from("!H", wire, at)
        edns = wire[at + 4:]
        size, do = 65535 if tcp else 512, False
        if edns:
            size, do = max(size, struct.unpack_from("!H", edns, 3)[0]), bool(edns[7] & 0x80)
        code, flags, sections = self.say(qname.lower(), qtype, do)
        head = 0x8000 | bits & (FLAGS["rd"] | FLAGS["cd"]) | FLAGS["ra"] | flags | code
        body = b"".join(self.encode(record, qname.lower()) for section in sections for record in section)
        tail = struct.pack("!BHHIH", 0, TYPES["OPT"], 1400, 0x8000 if do else 0, 0) if edns else b""
        counts = [len(section) for section in sections]
        if 12 + len(wire[12:at + 4]) + len(body) + len(tail) > size:
            head, body, counts = head | FLAGS["tc"], b"", [0, 0, 0]
        counts[2] += bool(edns)
        return struct.pack("!6H", number, head, 1, *counts) + wire[12:at + 4] + body + tail

    @staticmethod
    def encode(record, qname):
        """The question's name as a pointer to it: so its spelling comes back."""
        owner, kind, ttl, data = record
        return (b"\xc0\x0c" if owner == qname else owner) + struct.pack("!HHIH", TYPES[kind], 1, ttl, len(data)) + data

    def say(self, qname, qtype, do):
        """(rcode, flags, [answer, authority, additional])"""
        name = self.by_wire.get(qname)
        flags = (FLAGS["aa"] if qname.endswith(encode_name(CLOSED_ZONE)) else 0) | (FLAGS["ad"] if name in self.authentic else 0)
        if name in self.codes:
            return self.codes[name], flags, [[], [], []]
        if name in self.refer:
            return 0, flags, [[], [(encode_name(name), "NS", 100, encode_name(f"ns.{name}"))], [(encode_name(f"ns.{name}"), "A", 100, address("192.0.2.1"))]]
        answer, last = self.follow(qname, qtype, do)
        found = answer and (answer[-1][1] != "CNAME" or qtype in (TYPES["CNAME"], TYPES["ANY"]))
        if not found:
            zone = next((z for z in (OPEN_ZONE, CLOSED_ZONE, "10.in-addr.arpa") if last.endswith(encode_name(z))), "")
            denial = [] if name in self.bare else [soa(zone, 3 if len(last) % 2 else 300)]
            known = last in self.by_wire or last == encode_name(zone)
            return 0 if known else 3, flags, [answer, denial, []]
        if name in self.stray:
            answer = answer + [(encode_name("victim.example.net"), "A", 100, address("203.0.113.1"))]
        more = [[], []]
        if name in self.talkative:
            more = [[(encode_name(OPEN_ZONE), "NS", 90, encode_name(f"ns.{OPEN_ZONE}"))], [(encode_name(f"ns.{OPEN_ZONE}"), "A", 90, address("192.0.2.1"))]]
        return 0, flags, [answer, *more]

    def follow(self, qname, qtype, do):
        """The chain from `qname` and the records at its end; the last name of it."""
        answer, seen = [], set()
        while True:
            name, seen = self.by_wire.get(qname), seen | {qname}
            kinds = self.names.get(name, {})
            for kind, records in kinds.items():
                if qtype in (TYPES[kind], TYPES["ANY"]) or kind == "CNAME":
                    answer += [(qname, kind, ttl, data) for ttl, data in records]
                    if do and name in self.signed:
                        answer.append((qname, "RRSIG", records[0][0], self.signature(kind)))
            targets = kinds.get("CNAME")
            if not targets or qtype in (TYPES["CNAME"], TYPES["ANY"]) or targets[0][1] in seen:
                return answer, qname
            qname = targets[0][1]

    @staticmethod
    def signature(kind):
        return struct.pack("!HBBIIIH", TYPES[kind], 13, 3, 100, 2000000000, 1000000000, 4711) + encode_name(OPEN_ZONE) + b"s" * 66
