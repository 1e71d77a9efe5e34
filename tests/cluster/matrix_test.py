#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The comparison: CoreDNS and Troupe under every Corefile of configurations.py, on generated clusters, thousands of questions
each, before, between and after random changes; at last the model. Two clusters at a time, half of the Corefiles each.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_MATRIX (words: only the Corefiles whose label has one of them, divided by `;`),
TROUPE_MATRIX_ROUNDS (of changes), TROUPE_MATRIX_CLUSTERS (2). Needs root for network namespaces."""
import multiprocessing
import os
import traceback
from collections import Counter

from configurations import configurations
from departures import Departures, print_uses, used_here
from harness import Checks, main, number_from, seed_from
from matrix import Matrix
from processes import die_with_parent, stop_all

LEAST_CONFIGURATIONS, LEAST_QUESTIONS = 20, 5000
LEAST_BEHIND = 1000  # questions of a Corefile that only leads to the cluster's DNS
WITHIN = 900   # seconds for a cluster and all its Corefiles; several times what it takes
CLUSTERS = 2   # one process each, as many as the machines of the project have cores


def work(number, chosen, seed, results):
    """One cluster and its Corefiles; what came of it goes into `results`."""
    die_with_parent()
    checks, matrix = Checks(), Matrix(chosen, f"{seed} {number}")
    try:
        matrix.run(checks)
    except Exception:
        checks.check(False, f"cluster {number}: {traceback.format_exc()}")
    finally:
        stop_all()
    results.put((checks.passed, checks.failed, matrix.counts, matrix.waiting, matrix.used))


def spread(checks, chosen, seed, clusters):
    """Runs them all. Returns (questions asked under each label, [(label, what is missing)], uses of departures)."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=work, args=(i, chosen[i::clusters], seed, results)) for i in range(clusters)]
    for worker in workers:
        worker.start()
    counts, waiting, used = {}, [], Counter()
    for _ in workers:
        passed, failed, some_counts, some_waiting, some_used = results.get(timeout=WITHIN)
        checks.passed += passed
        checks.failed += failed
        counts.update(some_counts)
        waiting += some_waiting
        used.update(some_used)
    for worker in workers:
        worker.join()
    used_here.update(used)
    return counts, waiting, used


def matrix(checks):
    seed, words = seed_from(), os.environ.get("TROUPE_MATRIX", "")
    chosen = [one for one in configurations() if any(word in one.label for word in words.split(";"))]
    own_data = {one.label: one.stanzas for one in chosen}
    counts, waiting, used = spread(checks, chosen, seed, min(len(chosen), number_from("TROUPE_MATRIX_CLUSTERS", CLUSTERS)))
    for label, count in counts.items():
        least = LEAST_QUESTIONS if own_data[label] else LEAST_BEHIND
        checks.check(count >= least, f"{label}: only {count} questions")
    print(f"{len(counts)} configurations, {sum(counts.values())} questions at the start")
    if not words:
        checks.check(len(counts) >= LEAST_CONFIGURATIONS, f"only {len(counts)} configurations")
        print_uses(Departures(features=None).rows, used)
    for label, missing in waiting:
        print(f"  waits: {label}: {missing}")


if __name__ == "__main__":
    main(matrix)
