# SPDX-License-Identifier: Apache-2.0
"""Asks a server all names of a population and holds the answers against the model."""
import time

from corefiles import FIRST_ZONE, SECOND_ZONE
from dnsclient import question
from model import Model, Zone, mismatch
from questions import elsewhere, fixed_names, reverse_names, service_names
from wire import RCODES, Message, message_lines

ZONES = [Zone(FIRST_ZONE, 5, "insecure", False, True), Zone(SECOND_ZONE, 30, "disabled", True, False)]
TYPES = ("A", "AAAA", "SRV")
LARGE = 4096  # offered size; what does not fit is asked again over TCP
NOT_MODELLED = ("ns.dns", "dns-version")


class ModelCheck:
    """`population` may change between calls; each call takes its picture anew. Names of `odd` services, keys as in the
    population, are not asked: the model knows the rules, not every exception."""

    def __init__(self, population, server, zones=ZONES, odd=(), departures=True):
        self.departures = departures
        self.population, self.asker, self.zones, self.known = population, server.asker(), zones, {}
        self.odd = tuple(f"{name}.{namespace}.svc." for namespace, name in odd)

    def questions(self):
        # Whether other names are refused depends on the server blocks.
        pairs = [(name, qtype) for name, _ in elsewhere() for qtype in TYPES if self.zones is ZONES]
        for zone in self.zones:
            for names in (fixed_names(self.population, zone.name), service_names(self.population, zone.name, zone.pod_names)):
                pairs += [(name, qtype) for name, _ in names for qtype in TYPES if self.modelled(zone, name)]
        if any(zone.reverse for zone in self.zones):
            pairs += [(name, "PTR") for name, _ in reverse_names(self.population)]
        for pair in dict.fromkeys(pairs):
            if pair not in self.known:
                self.known[pair] = question(*pair, edns=LARGE)
            yield self.known[pair]

    def modelled(self, zone, name):
        """Not the apex, whose answers depend on the machine's addresses, and no SRV oddities of pod names."""
        return (name != zone.name and not name.endswith(tuple(f"{n}.{zone.name}" for n in NOT_MODELLED))
                and not any(f".{odd}" in f".{name}" for odd in self.odd))

    def expectations(self):
        """[(question, Expected)] as of now."""
        model = Model(self.population, self.zones, self.departures)
        skip = lambda q: q.qtype == "SRV" and ".pod." in q.name  # CoreDNS: port 0, see the departures
        pairs = ((q, model.expected(q.name, q.qtype)) for q in self.questions() if not skip(q))
        return [(q, expected) for q, expected in pairs if expected]

    def wrong(self, expectations):
        """[(question, expected, answer, what is wrong)]"""
        messages = self.asker.ask([q for q, _ in expectations])
        cut = [i for i, m in enumerate(messages) if m and m.flags & 0x0200]
        again = self.asker.ask([question(expectations[i][0].name, expectations[i][0].qtype, "tcp") for i in cut])
        for i, message in zip(cut, again):
            messages[i] = message
        pairs = ((q, e, m, mismatch(e, m)) for (q, e), m in zip(expectations, messages))
        return [pair for pair in pairs if pair[3]]

    def settle(self, seconds):
        """Asks all until all is right, for at most `seconds`. Returns what stayed wrong, the questions asked, the time taken."""
        began, expectations = time.monotonic(), self.expectations()
        asked, left = len(expectations), self.wrong(expectations)
        while left and time.monotonic() - began < seconds:
            time.sleep(0.01)
            left = self.wrong([(q, e) for q, e, _, _ in left])
        return left, asked, time.monotonic() - began


def describe(wrong):
    q, expected, message, words = wrong
    wanted = Message(expected.rcode, 0, (), expected.answer, (), expected.additional, None)
    lines = [f"{q}: {', '.join(words)}"] + ["  model   " + line for line in message_lines(wanted)]
    return "\n".join(lines + ["  server  " + line for line in message_lines(message)])
