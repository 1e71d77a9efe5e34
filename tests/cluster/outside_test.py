#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ways to names outside the cluster, one Corefile after another, of both servers: ExternalName targets, `upstream` with and
without `forward`, `forward` with and without `cache` and their options. The same rooms as in standard_test.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_OPTIONS (a word: only the Corefiles whose label has it). Needs root."""
import os
import random

from cluster import Cluster
from comparison import Comparison
from corefiles import FIRST_ZONE, SECOND_ZONE
from departures import Departures
from external import CODES, OPEN_ZONE, World
from harness import main, seed_from
from oddities import create as create_oddities, external
from population import Population
from questions import Questions, dress
from room import OUTSIDE
from standard import put_kube_dns, start_pair

FILL, INSIDE, NAMES = 10, 150, 300  # services besides the odd ones, about; questions asked of each kind
KUBERNETES = "kubernetes cluster.local in-addr.arpa ip6.arpa {{\n pods insecure\n fallthrough in-addr.arpa ip6.arpa\n {}\n }}"
BLOCK = ".:53 {{\n errors\n ready\n {}\n loadbalance\n}}\n"
FORWARD = "forward . /etc/resolv.conf"


def with_cache(options):
    return BLOCK.format("\n ".join([KUBERNETES.format(""), FORWARD, "cache " + options]))


def both(text):
    return text, text


# (label, directives that rows of DEPARTURES.md may ask for, (CoreDNS's Corefile, Troupe's))
CASES = [
    ("forward alone", {"forward"}, both(BLOCK.format(KUBERNETES.format("") + "\n " + FORWARD))),
    ("upstream alone", {"forward"}, (BLOCK.format(KUBERNETES.format("") + "\n " + FORWARD), BLOCK.format(KUBERNETES.format("upstream")))),
    ("upstream with an address", {"forward"}, (BLOCK.format(KUBERNETES.format("") + f"\n forward . {OUTSIDE}"),
                                               BLOCK.format(KUBERNETES.format(f"upstream {OUTSIDE}")))),
    ("the cluster in a block of its own", {"forward"}, both(
        BLOCK.format(FORWARD) + BLOCK.format(KUBERNETES.format("")).replace(".:53", "cluster.local:53 in-addr.arpa:53 ip6.arpa:53"))),
    ("by TCP, some names not", {"forward"}, both(BLOCK.format(
        KUBERNETES.format("") + f"\n forward . {OUTSIDE} {{\n force_tcp\n except example.org\n }}"))),
    ("TTLs of the cache", {"forward", "cache"}, both(with_cache("{\n success 2000 90 0\n denial 2000 20 0\n }"))),
    ("a cache of some zones that keeps TTLs", {"forward", "cache"}, both(with_cache("60 example.com {\n keepttl\n servfail 0\n }"))),
    ("nothing denied is kept", {"forward", "cache"}, both(with_cache("30 {\n disable denial\n }"))),
]

# Services named after what their target is like.
TARGETS = {"alias": f"c0-0.{OPEN_ZONE}", "absent": f"absent0.{OPEN_ZONE}", "big": f"a200.{OPEN_ZONE}", "long-lived": f"ttl11.{OPEN_ZONE}",
           "host": f"h1.{OPEN_ZONE}", "texts": f"txt700.{OPEN_ZONE}", "nowhere": "absent0.nowhere", "elsewhere": f"ns1.{SECOND_ZONE}",
           "glued": f"talk0.{OPEN_ZONE}", "bare": f"bare0.{OPEN_ZONE}",
           **{f"says-{word.lower()}": f"{word.lower()}.{OPEN_ZONE}" for word in CODES}}


def outside(checks):
    seed, only = seed_from(), os.environ.get("TROUPE_OPTIONS", "")
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        create_oddities(population)
        put_kube_dns(population)
        population.fill(FILL)
        for name, target in TARGETS.items():
            population.put_service(external(f"to-{name}", target))
        aliases = [dress(f"to-{name}.default.svc.{FIRST_ZONE}", qtype) for name in TARGETS for qtype in ("A", "AAAA", "CNAME", "SRV", "MX")]
        rng = random.Random(seed)
        inside = rng.sample(Questions(population, [(FIRST_ZONE, False)], reverse=True).current(), INSIDE)
        names = rng.sample(World(seed).questions(), NAMES)
        pair = start_pair(cluster, seed, CASES[0][2])
        for label, features, corefiles in CASES:
            if only not in label:
                continue
            for server, text in zip(pair, corefiles):
                server.restart(text)
            comparison = Comparison(checks, *pair, Departures(features={"kubernetes", *features}))
            print(f"-- {label}")
            for times in ("first", "second"):
                comparison.round(f"{label}, {times}", [*aliases, *names, *inside], settle=0 if times == "first" else 5)
            comparison.report()
        for server in pair:
            server.process.kill()


if __name__ == "__main__":
    main(outside)
