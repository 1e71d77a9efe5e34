#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fault A2. The API server is killed and started again, and stopped for 30 s and continued, while all names are asked without pause:
nothing may be wrong or unanswered, and later changes must be visible in time.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_FROZEN (seconds the API server is stopped, 30)."""
import threading
import time

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from harness import main, number_from, seed_from
from model_check import ModelCheck, describe
from population import Population
from servers import start_troupe

VISIBLE = 5.0        # seconds from a change to the right answers
LATEST = 35          # seconds to watch for them, so that a late server's time can be printed
DOWN = 10            # seconds between kill and start
CHANGES_AFTER = 20   # changes made as soon as the API server is back


class Asking(threading.Thread):
    """Asks all names over and over; what they must be stays the same while it runs. Every query is sent once only."""

    def __init__(self, check):
        super().__init__(daemon=True)
        self.check, self.expectations = check, check.expectations()
        self.rounds, self.wrong, self.end = 0, [], threading.Event()
        check.asker.tries = 1

    def run(self):
        while not self.end.is_set():
            self.wrong += self.check.wrong(self.expectations)
            self.rounds += 1
            time.sleep(0.05)  # leaves the machine to the API server that has to come back

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.join()
        self.check.asker.tries = 3


def during(checks, check, what, disturb):
    """Runs `disturb` while all names are asked."""
    with Asking(check) as asking:
        disturb()
    asked = asking.rounds * len(asking.expectations)
    silent = sum(1 for wrong in asking.wrong if wrong[2] is None)
    print(f"{what}: {asked} asked in {asking.rounds} rounds, {len(asking.wrong) - silent} wrong, {silent} unanswered")
    checks.check(asking.rounds > 0, f"{what}: nothing was asked")
    checks.passed += asked - len(asking.wrong)
    for wrong in asking.wrong:
        checks.check(False, lambda: f"{what}: {describe(wrong)}")


def changes_are_visible(checks, check, population, what):
    """Changes made at once; the names must follow within VISIBLE seconds, and again after one more change."""
    for number in (CHANGES_AFTER, 1):
        for _ in range(number):
            population.change()
        left, asked, took = check.settle(LATEST)
        print(f"{what}: {number} changes visible after {took:.2f} s, {asked} names, {len(left)} still wrong")
        checks.check(took <= VISIBLE and not left, lambda: f"{what}: {number} changes took {took:.1f} s, {len(left)} names are still wrong")
        for wrong in left:
            checks.check(False, lambda: f"{what}, later: {describe(wrong)}")


def outage(checks):
    seed, frozen = seed_from(), number_from("TROUPE_FROZEN", 30)
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        population.fill(55)
        troupe = start_troupe(cluster, two_zones(cluster.kubeconfig("dns"))).wait_ready()
        check = ModelCheck(population, troupe)
        changes_are_visible(checks, check, population, "before")

        def kill_and_start():
            cluster.kill_api_server()
            time.sleep(DOWN)
            cluster.restart_api_server()

        during(checks, check, "API server killed and started", kill_and_start)
        changes_are_visible(checks, check, population, "after the start")

        def stop_and_continue():
            cluster.freeze_api_server()
            time.sleep(frozen)
            cluster.thaw_api_server()
            cluster.wait_for_api_server()

        during(checks, check, f"API server stopped for {frozen} s", stop_and_continue)
        changes_are_visible(checks, check, population, "after the stop")


if __name__ == "__main__":
    main(outage)
