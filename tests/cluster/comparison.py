# SPDX-License-Identifier: Apache-2.0
"""Asks CoreDNS and Troupe the same questions and holds the answers against each other and the table of departures."""
import time
from collections import Counter

from departures import Departures
from wire import FLAGS, RCODES, differences, message_lines, with_lower_names, without_ttls

SETTLE = 5.0    # seconds that both have to see a change
CHUNK = 256     # questions that one server is asked before the other gets the same: what counts down must not differ by much
EXAMPLES = 3    # differences of one kind that are printed in full


class Comparison:
    """`departures` may be shared by several comparisons; their uses add up."""

    def __init__(self, checks, coredns, troupe, departures=None):
        self.checks, self.coredns, self.troupe = checks, coredns.asker(), troupe.asker()
        self.departures, self.by_kind, self.longest_wait = departures or Departures(), Counter(), 0.0
        self.failed = set()     # questions that stayed different: not waited for again
        self.kinds = Counter()  # what the answers were, to see that the questions are worth asking
        self.cut = {}           # questions of the last rounds that Troupe answered with TC, and what was left

    def pairs_that_differ(self, questions):
        """[(question, CoreDNS's answer, Troupe's answer, what differs)]"""
        theirs, ours = [], []
        for at in range(0, len(questions), CHUNK):
            theirs += self.coredns.ask(questions[at:at + CHUNK])
            ours += self.troupe.ask(questions[at:at + CHUNK])
        self.kinds.update(kind_of(message) for message in theirs)
        self.cut.update((q, o) for q, o in zip(questions, ours) if o and q.proto == "udp" and o.flags & FLAGS["tc"])
        return [(q, t, o, differences(t, o)) for q, t, o in zip(questions, theirs, ours) if t is None or t is not o and differences(t, o)]

    def truncated(self, label):
        """What Troupe truncated since the last call is asked again over TCP, as a client would; what was left must be part of
        the whole."""
        cut, self.cut = self.cut, {}
        over_tcp = [q.over("tcp") for q in cut]
        for (q, part), whole in zip(cut.items(), self.troupe.ask(over_tcp)):
            good = whole and all(bare(getattr(part, s)) <= bare(getattr(whole, s)) for s in ("answer", "authority", "additional"))
            self.checks.check(good, lambda: f"{label}: {q}: the truncated answer is no part of the whole one")
        self.round(label + ", over TCP", over_tcp)

    def round(self, label, questions, settle=SETTLE):
        """Asks all; asks again, for `settle` seconds, what differs without a departure that covers it."""
        began, found = time.monotonic(), self.pairs_that_differ(questions)
        while True:
            left = [pair for pair in found if not self.departures.find(*pair)]
            waited = time.monotonic() - began
            if waited >= settle or all(pair[0] in self.failed for pair in left):
                break
            self.longest_wait = max(self.longest_wait, waited)
            time.sleep(0.02)
            found = self.pairs_that_differ([pair[0] for pair in left])
        self.checks.passed += len(questions) - len(left)
        for pair in left:
            kind = f"{pair[0].qtype} {','.join(pair[3])}"
            self.failed.add(pair[0])
            self.by_kind[kind] += 1
            self.checks.check(False, lambda: describe(label, pair) if self.by_kind[kind] <= EXAMPLES else "")

    def report(self):
        for name, asker in (("CoreDNS", self.coredns), ("Troupe", self.troupe)):
            print(f"{name}: {asker.asked} asked, {asker.retries} retries, {asker.unanswered} unanswered, slowest {asker.slowest * 1e3:.1f} ms")
        print("answers: " + ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common()))
        if self.longest_wait:
            print(f"longest wait for both to agree: {self.longest_wait * 1e3:.0f} ms")
        for kind, count in self.by_kind.most_common():
            print(f"  differs {count:6d}  {kind}")


def bare(records):
    """Without what a cache changes."""
    return with_lower_names(without_ttls(records))


def kind_of(message):
    if message is None:
        return "silent"
    if message.flags & FLAGS["tc"]:
        return "truncated"
    rcode = RCODES.get(message.rcode, str(message.rcode))
    return "NODATA" if rcode == "NOERROR" and not message.answer else rcode


def describe(label, pair):
    question, coredns, troupe, differs = pair
    lines = [f"{label}: {question}: {', '.join(differs)}"]
    lines += ["  CoreDNS  " + line for line in message_lines(coredns)]
    lines += ["  Troupe   " + line for line in message_lines(troupe)]
    return "\n".join(lines)
