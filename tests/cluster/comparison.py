# SPDX-License-Identifier: Apache-2.0
"""Asks CoreDNS and Troupe the same questions and holds the answers against each other and the table of departures."""
import time
from collections import Counter

from departures import Departures
from wire import FLAGS, RCODES, SECTIONS, bare, differences, message_lines, ttls_apart

SETTLE = 5.0    # seconds that both have to see a change, and to agree on what has aged
CHUNK = 256     # questions that one server is asked before the other gets the same: what counts down must not differ by much
EXAMPLES = 3    # differences of one kind that are printed in full


class Ages:
    """What two servers may differ in because one is asked a little later than the other. Behind a cache a TTL shows the whole
    seconds since an answer came, and both show the same only while both are within the same second of its life; and what one
    keeps, the other may have to ask for, which CoreDNS shows by AA. On a full machine a little is long: so the time between
    the two is measured for each name and type, and they are forgiven what that time explains."""
    WORDS = {"ttl", "aa"}
    NOTHING = 1.0  # seconds within which nothing has aged

    def __init__(self, cached):
        self.cached = cached
        self.first, self.last = {}, {}      # when asked
        self.apart = Counter()              # the longest time from the question to one server to the answer of the other
        self.expired = set()                # what one has asked for anew and the other not yet

    def note(self, questions, began):
        """Both have been asked these since `began`."""
        for key in map(self.key, questions) if self.cached else ():
            # Where one had forgotten an answer, the other forgets it any time from then on.
            since = self.last[key] if key in self.expired else began
            self.first.setdefault(key, began)
            self.last[key] = began
            self.apart[key] = max(self.apart[key], time.monotonic() - since)
        self.expired.difference_update(map(self.key, questions))

    @staticmethod
    def key(q):
        return q.name.lower(), q.qtype

    def may_show(self, q):
        """False for what nobody has had for long enough: there both say what their upstream said."""
        key = self.key(q)
        return self.cached and self.last[key] + self.apart[key] - self.first[key] >= self.NOTHING

    def explain(self, q, coredns, troupe, differs):
        """True if the TTLs are no further apart than the answers are old. Less than half a second is left to asking again:
        most of the time both are within the same second then; so is AA, which the next answer has again. Notes what only one
        has asked for anew."""
        apart, most = ttls_apart(coredns, troupe), round(self.apart[self.key(q)])
        if "aa" in differs or apart > max(most, 1):
            self.expired.add(self.key(q))
        return self.may_show(q) and "aa" not in differs and apart <= most


class Comparison:
    """`departures` may be shared by several comparisons; their uses add up. So may `ages`, where one cache answers in several
    places."""

    def __init__(self, checks, coredns, troupe, departures=None, ages=None):
        self.checks, self.coredns, self.troupe = checks, coredns.asker(), troupe.asker()
        self.departures, self.by_kind, self.longest_wait = departures or Departures(), Counter(), 0.0
        self.ages = ages or Ages("cache" in self.departures.features)
        self.failed = set()     # questions that stayed different: not waited for again
        self.kinds = Counter()  # what the answers were, to see that the questions are worth asking
        self.cut = {}           # questions of the last rounds that Troupe answered with TC, and what was left

    def pairs_that_differ(self, questions):
        """[(question, CoreDNS's answer, Troupe's answer, what differs)]"""
        theirs, ours = [], []
        for at in range(0, len(questions), CHUNK):
            chunk, began = questions[at:at + CHUNK], time.monotonic()
            theirs += self.coredns.ask(chunk)
            ours += self.troupe.ask(chunk)
            self.ages.note(chunk, began)
        self.kinds.update(kind_of(message) for message in theirs)
        self.cut.update((q, o) for q, o in zip(questions, ours) if o and q.proto == "udp" and o.flags & FLAGS["tc"])
        return [(q, t, o, differences(t, o)) for q, t, o in zip(questions, theirs, ours) if t is None or t is not o and differences(t, o)]

    def truncated(self, label):
        """What Troupe truncated since the last call is asked again over TCP, as a client would; what was left must be part of
        the whole."""
        cut, self.cut = self.cut, {}
        over_tcp = [q.over("tcp") for q in cut]
        for (q, part), whole in zip(cut.items(), self.troupe.ask(over_tcp)):
            good = whole and all(bare(getattr(part, s)) <= bare(getattr(whole, s)) for s in SECTIONS)
            self.checks.check(good, lambda: f"{label}: {q}: the truncated answer is no part of the whole one")
        self.round(label + ", over TCP", over_tcp)

    def covered(self, pair, but=()):
        """Departures cover all that differs, but for these words."""
        question, coredns, troupe, differs = pair
        rest = [word for word in differs if word not in but]
        return not rest or bool(self.departures.find(question, coredns, troupe, rest))

    def explained(self, pair):
        return self.covered(pair) or self.covered(pair, Ages.WORDS) and self.ages.explain(*pair)

    def patience(self, pair, settle):
        """Seconds that this pair has to agree: what has aged is asked again in any case."""
        return max(settle, SETTLE) if self.ages.may_show(pair[0]) and self.covered(pair, Ages.WORDS) else settle

    def round(self, label, questions, settle=SETTLE):
        """Asks all; asks again, for `settle` seconds, what differs without a departure that covers it."""
        began, found, left = time.monotonic(), self.pairs_that_differ(questions), []
        looked = time.monotonic()
        while True:
            waiting, now = [], time.monotonic()
            for pair in found:
                if not self.explained(pair):
                    (waiting if now - looked < self.patience(pair, settle) else left).append(pair)
            if all(pair[0] in self.failed for pair in waiting):
                break
            self.longest_wait = max(self.longest_wait, now - began)
            time.sleep(0.02)
            found = self.pairs_that_differ([pair[0] for pair in waiting])
        left += waiting
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
