#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Live comparison: Troupe and CoreDNS on one real API server, asked the same questions, before and after each change.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_LIVE_CHANGES (200), TROUPE_LIVE_MORE (an option added to the first
`kubernetes` block of Troupe only, to see that a difference is found)."""
import os
import time
from collections import Counter

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from departures import Departures
from dnsclient import Asker, question
from harness import main, number_from, seed_from
from oddities import create as create_oddities, own_service_steps, silent_questions
from population import Population
from questions import Questions
from servers import start_coredns, start_troupe
from wire import FLAGS, RCODES, differences, message_lines

SETTLE = 5.0  # seconds that both have to see a change
LEAST_QUESTIONS = 2000
FILL = 55          # services besides the odd ones, about
TCP_EVERY = 20     # changes between two looks at what is truncated


class Comparison:
    def __init__(self, checks, coredns, troupe):
        self.checks, self.coredns, self.troupe = checks, Asker(coredns.port), Asker(troupe.port)
        self.departures, self.by_kind, self.longest_wait = Departures(), Counter(), 0.0
        self.kinds = Counter()  # what the answers were, to see that the questions are worth asking

    def pairs_that_differ(self, questions):
        """[(question, CoreDNS's answer, Troupe's answer, what differs)]"""
        theirs, ours = self.coredns.ask(questions), self.troupe.ask(questions)
        self.kinds.update(kind_of(message) for message in theirs)
        return [(q, t, o, differences(t, o)) for q, t, o in zip(questions, theirs, ours) if t is None or t is not o and differences(t, o)]

    def truncated(self, label, questions):
        """What Troupe truncates is asked again over TCP, as a client would; what was left must be part of the whole."""
        asked = [q for q in questions if q.proto == "udp"]
        cut = [(q, m) for q, m in zip(asked, self.troupe.ask(asked)) if m and m.flags & FLAGS["tc"]]
        over_tcp = [question(q.name, q.qtype, "tcp", q.edns, q.do) for q, _ in cut]
        for (q, part), whole in zip(cut, self.troupe.ask(over_tcp)):
            good = whole and all(set(getattr(part, s)) <= set(getattr(whole, s)) for s in ("answer", "authority", "additional"))
            self.checks.check(good, lambda: f"{label}: {q}: the truncated answer is no part of the whole one")
        self.round(label + ", over TCP", over_tcp)

    def round(self, label, questions):
        """Asks all; asks again, for some seconds, what differs without a departure that covers it."""
        began, found = time.monotonic(), self.pairs_that_differ(questions)
        while True:
            left = [pair for pair in found if not self.departures.find(*pair)]
            waited = time.monotonic() - began
            if not left or waited > SETTLE:
                break
            self.longest_wait = max(self.longest_wait, waited)
            time.sleep(0.02)
            found = self.pairs_that_differ([pair[0] for pair in left])
        self.checks.passed += len(questions) - len(left)
        for pair in left:
            self.by_kind[f"{pair[0].qtype} {','.join(pair[3])}"] += 1
            self.checks.check(False, lambda: describe(label, pair))


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


def live(checks):
    seed, changes = seed_from(), number_from("TROUPE_LIVE_CHANGES", 200)
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        create_oddities(population)
        population.fill(FILL)
        kubeconfig = cluster.kubeconfig("dns")
        coredns = start_coredns(cluster, two_zones(kubeconfig))
        troupe = start_troupe(cluster, two_zones(kubeconfig, os.environ.get("TROUPE_LIVE_MORE", "")))
        coredns.wait_ready()
        troupe.wait_ready()
        questions = Questions(population, [(FIRST_ZONE, False), (SECOND_ZONE, True)], reverse=True)
        comparison = Comparison(checks, coredns, troupe)
        checks.check(len(questions.current()) >= LEAST_QUESTIONS, f"only {len(questions.current())} questions")
        comparison.round("start", questions.current())
        comparison.truncated("start", questions.current())
        comparison.round("start, names without an answer", silent_questions())
        for label, act in own_service_steps(population):
            act()
            comparison.round(label, questions.current())
        for number in range(1, changes + 1):
            what = population.change()
            comparison.round(f"after change {number} ({what})", questions.current())
            if number % TCP_EVERY == 0:
                comparison.truncated(f"after change {number}", questions.current())
        report(comparison, population, changes, questions)


def report(comparison, population, changes, questions):
    print(f"{len(population.services)} services, {len(population.slices)} slices, {changes} changes, "
          f"{len(questions.current())} questions in the last round")
    for name, asker in (("CoreDNS", comparison.coredns), ("Troupe", comparison.troupe)):
        print(f"{name}: {asker.asked} asked, {asker.retries} retries, {asker.unanswered} unanswered, slowest {asker.slowest * 1e3:.1f} ms")
    print("answers: " + ", ".join(f"{count} {kind}" for kind, count in comparison.kinds.most_common()))
    print(f"longest wait for both to agree: {comparison.longest_wait * 1e3:.0f} ms")
    comparison.departures.print()
    for kind, count in comparison.by_kind.most_common():
        print(f"  differs {count:6d}  {kind}")


if __name__ == "__main__":
    main(live)
