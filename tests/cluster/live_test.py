#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Live comparison: Troupe and CoreDNS on one real API server, asked the same questions, before and after each change.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_LIVE_CHANGES (50), TROUPE_LIVE_MORE (an option added to the first
`kubernetes` block of Troupe only, to see that a difference is found)."""
import os

from cluster import Cluster
from comparison import Comparison
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from harness import main, number_from, seed_from
from oddities import create as create_oddities, own_service_steps, silent_questions
from population import Population
from questions import Questions
from servers import start_coredns, start_troupe

LEAST_QUESTIONS = 2000
FILL = 55          # services besides the odd ones, about
TCP_EVERY = 20     # changes between two looks at what is truncated


def live(checks):
    seed, changes = seed_from(), number_from("TROUPE_LIVE_CHANGES", 50)
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
        comparison.truncated("start")
        comparison.round("start, names without an answer", silent_questions())
        for label, act in own_service_steps(population):
            act()
            comparison.round(label, questions.current())
        for number in range(1, changes + 1):
            what = population.change()
            comparison.cut.clear()
            comparison.round(f"after change {number} ({what})", questions.current())
            if number % TCP_EVERY == 0:
                comparison.truncated(f"after change {number}")
        report(comparison, population, changes, questions)


def report(comparison, population, changes, questions):
    print(f"{len(population.services)} services, {len(population.slices)} slices, {changes} changes, "
          f"{len(questions.current())} questions in the last round")
    comparison.report()
    comparison.departures.print()


if __name__ == "__main__":
    main(live)
