#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random changes through the API server; after every 100 all names of the server must equal a model of the cluster.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_MODEL_CHANGES (10,000)."""
from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from harness import main, number_from, seed_from
from model_check import ModelCheck, describe
from population import Population
from servers import start_troupe

STEP = 100
SETTLE = 5.0  # seconds to see the last changes


def model(checks):
    seed, changes = seed_from(), number_from("TROUPE_MODEL_CHANGES", 10_000)
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        population.fill(55)
        # A client certificate here, a token in the other tests.
        troupe = start_troupe(cluster, two_zones(cluster.kubeconfig("dns", certificate=True))).wait_ready()
        check = ModelCheck(population, troupe)
        verify(checks, check, "at the start")
        for done in range(STEP, changes + 1, STEP):
            recent = [population.change() for _ in range(STEP)]
            verify(checks, check, f"after {done} changes, the last: {recent[-1]}")
        asker = check.asker
        print(f"{changes} changes, {len(population.services)} services, {len(population.slices)} slices; {asker.asked} questions, "
              f"{asker.retries} retries, {asker.unanswered} unanswered")


def verify(checks, check, when):
    left, asked, _ = check.settle(SETTLE)
    checks.passed += asked - len(left)
    for wrong in left:
        checks.check(False, lambda: f"{when}: {describe(wrong)}")


if __name__ == "__main__":
    main(model)
