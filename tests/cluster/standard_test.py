#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Corefile of most clusters, byte for byte: Troupe and CoreDNS, each with its own port 53, resolv.conf and in-cluster
credentials, on one real API server and two resolvers that say the same. Cluster names and external ones, the first time,
the second time (from the cache), and when some have expired.

Environment: TROUPE (binary), TROUPE_SEED. Needs root for network namespaces."""
import time

from cluster import Cluster
from comparison import Comparison
from corefiles import FIRST_ZONE, SECOND_ZONE
from departures import Departures
from external import World
from harness import main, seed_from
from oddities import create as create_oddities
from population import Population
from questions import Questions
from standard import put_kube_dns, start_pair

LEAST_QUESTIONS = 2000
ZONES = ("." + FIRST_ZONE, ".in-addr.arpa", ".ip6.arpa")
FILL = 25             # services besides the odd ones, about
SHORTEST_LIFE = 5     # seconds that everything in the cache lives at least
COUNTED_DOWN = 1.5    # seconds after which every TTL in the cache shows less than at first


def served_here(q):
    return f".{q.name.lower()}".endswith(ZONES)


def standard(checks):
    seed = seed_from()
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        create_oddities(population)
        put_kube_dns(population)
        population.fill(FILL)
        pair = start_pair(cluster, seed)
        asked = Questions(population, [(FIRST_ZONE, False)], reverse=True).current()
        inside = [q for q in asked if served_here(q)]
        outside = World(seed).questions() + [q for q in asked if not served_here(q)]
        print(f"{len(inside)} questions about the cluster, {len(outside)} about other names")
        checks.check(len(inside) + len(outside) >= LEAST_QUESTIONS, "too few questions")
        comparison = Comparison(checks, *pair, Departures(features={"cache", "forward", "kubernetes"}))
        # What was asked before is in the cache: the first answer is looked at once.
        comparison.round("first, other names", outside, settle=0)
        comparison.round("first, cluster", inside, settle=0)
        time.sleep(COUNTED_DOWN)
        comparison.round("second, other names", outside)
        comparison.round("second, cluster", inside, settle=0)
        time.sleep(SHORTEST_LIFE)
        comparison.round("some expired, other names", outside)
        comparison.report()
        comparison.departures.print()
        for server in pair:
            checks.check(server.process.alive(), f"{server.name} is gone")
            server.process.kill()  # SIGTERM would take the lame duck's five seconds


if __name__ == "__main__":
    main(standard)
