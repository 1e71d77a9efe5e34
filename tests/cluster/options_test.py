#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The options of `kubernetes`, one Corefile after another: CoreDNS and Troupe on one unchanging cluster, all its questions.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_OPTIONS (a word: only the Corefiles whose label has it)."""
import os

from cluster import Cluster
from comparison import Comparison
from corefiles import FIRST_ZONE, SECOND_ZONE
from departures import Departures
from harness import main, seed_from
from oddities import create as create_oddities
from population import Population
from questions import Questions
from servers import start_coredns, start_troupe

FILL = 55

REVERSE = "in-addr.arpa ip6.arpa"

# (label, zones of the server block, zones of `kubernetes`, its options, whether endpoint names are pod names)
CASES = [
    ("defaults, zones from the block", f"cluster.local {REVERSE}", "", [], False),
    ("root block, as kubeadm has it", ".", f"cluster.local {REVERSE}", ["pods insecure", f"fallthrough {REVERSE}", "ttl 30"], False),
    ("fallthrough of everything", ".", f"cluster.local {REVERSE}", ["fallthrough"], False),
    ("fallthrough of one namespace", ".", f"cluster.local {REVERSE}", ["fallthrough alpha.svc.cluster.local"], False),
    ("namespaces", f"cluster.local {REVERSE}", f"cluster.local {REVERSE}", ["namespaces default beta", "pods insecure"], False),
    ("noendpoints", f"cluster.local {REVERSE}", f"cluster.local {REVERSE}", ["noendpoints"], False),
    ("ttl 0", f"cluster.local {REVERSE}", f"cluster.local {REVERSE}", ["ttl 0", "pods insecure"], False),
    ("ttl 3600", f"cluster.local {REVERSE}", f"cluster.local {REVERSE}", ["ttl 3600", "endpoint_pod_names"], True),
    ("networks for the reverse zones", ".", "cluster.local 10.96.0.0/16 10.244.0.0/16 fd00:10:96::/112", ["pods insecure"], False),
    ("a reverse zone first", ".", "in-addr.arpa cluster.local", [], False),
    ("two forward zones in one", ".", f"cluster.local mycorp.local {REVERSE}", ["pods insecure"], False),
    ("a zone inside the block's", "local", "cluster.local", ["pods disabled"], False),
    ("one label", "k8s", "k8s", ["pods insecure"], False),
    ("mixed case in the Corefile", "Cluster.LOCAL", "Cluster.Local", ["pods insecure"], False),
]


def corefile(kubeconfig, block, zones, options):
    keys = " ".join(f"{zone}:{{$DNS_PORT}}" for zone in block.split())
    inside = "".join(f"        {option}\n" for option in options)
    return (f"{keys} {{\n    errors\n    ready 127.0.0.1:{{$READY_PORT}}\n    kubernetes {zones} {{\n"
            f"        kubeconfig {kubeconfig}\n{inside}    }}\n    loadbalance\n}}\n")


def options(checks):
    seed, only, departures = seed_from(), os.environ.get("TROUPE_OPTIONS", ""), Departures()
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        create_oddities(population)
        population.fill(FILL)
        kubeconfig = cluster.kubeconfig("dns")
        for number, (label, block, zones, words, pod_names) in enumerate(CASES):
            if only not in label:
                continue
            text = corefile(kubeconfig, block, zones, words)
            pair = [start(cluster, text, f"{name}-{number}") for name, start in
                    (("coredns", start_coredns), ("troupe", start_troupe))]
            for server in pair:
                server.wait_ready()
            comparison = Comparison(checks, *pair, departures)
            asked = [(zone, pod_names) for zone in (zones or block).lower().split() if "arpa" not in zone and "/" not in zone]
            questions = Questions(population, asked, reverse=True).current()
            print(f"-- {label}: {len(questions)} questions")
            comparison.round(label, questions)
            comparison.report()
            for server in pair:
                server.process.stop()
        departures.print()


if __name__ == "__main__":
    main(options)
