#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Options of `kubernetes` that choose objects or need other kinds of them: CoreDNS and Troupe with the same Corefile on one
cluster with pods, topology zones, labels and imports, asked every name that any of them could make.

Environment: TROUPE (binary), TROUPE_KINDS (a word: only the Corefiles whose options have it)."""
import os

from cluster import Cluster
from comparison import Comparison
from departures import Departures
from dnsclient import question
from harness import main
from kinds import Kinds, allow_imports
from servers import start_coredns, start_troupe

ZONE, SET = "cluster.local", "clusterset.local"
TYPES = ["A", "AAAA", "SRV", "TXT", "CNAME", "NS", "SOA", "PTR", "MX", "ANY", "HTTPS"]

CASES = [  # options of `kubernetes`
    ["pods verified"],
    ["pods verified", "labels app=web"],
    ["pods verified", "namespaces alpha", "endpoint_pod_names"],
    ["labels app=web"],
    ['labels "app in (web, api),!extra"'],
    ["labels nothing=here", "pods insecure"],
    ["namespace_labels tier=front", "pods insecure"],
    ["namespace_labels tier", "pods verified", "ignore empty_service"],
    ["namespace_labels kubernetes.io/metadata.name=gamma"],
    ["ignore empty_service"],
    ["ignore empty_service", "noendpoints"],
    ["zonal"],
    ["zonal", "endpoint_pod_names", "ttl 0", "labels app=web"],
    [f"multicluster {SET}"],
    [f"multicluster {SET}", "noendpoints", "pods verified"],
    [f"multicluster {SET}", "ignore empty_service", "zonal"],
    [f"multicluster {SET}", "labels app=web"],
    [f"multicluster {SET}", "namespace_labels tier=front"],
    [f"multicluster {ZONE} {SET}", "fallthrough"],
    ["apiserver_qps 50", "apiserver_burst 1", "apiserver_max_inflight 1", "pods verified"],
]


def corefile(kubeconfig, options):
    inside = "".join(f"        {option}\n" for option in options)
    return (f".:{{$DNS_PORT}} {{\n    errors\n    ready 127.0.0.1:{{$READY_PORT}}\n"
            f"    kubernetes {ZONE} {SET} in-addr.arpa ip6.arpa {{\n        kubeconfig {kubeconfig}\n{inside}    }}\n    loadbalance\n}}\n")


def features_of(options):
    """What rows of the table of departures may ask for: the option, or the option and its word (`pods-verified`)."""
    return {word for option in options for word in (option.split()[0], option.replace(" ", "-"))}


def questions_of(kinds):
    names = [f"{name}.{zone}" for name in sorted(kinds.names) for zone in (ZONE, SET)] + [ZONE, SET] + list(kinds.addresses())
    return [question(name, qtype) for name in names for qtype in TYPES]


def run(checks):
    only = os.environ.get("TROUPE_KINDS", "")
    with Cluster() as cluster:
        kinds = Kinds(cluster.api)
        kinds.create()
        allow_imports(cluster.api, "dns")
        kubeconfig, questions = cluster.kubeconfig("dns"), questions_of(kinds)
        for number, options in enumerate(CASES):
            label = ", ".join(options)
            if only not in label:
                continue
            text = corefile(kubeconfig, options)
            pair = [start(cluster, text, f"{name}-{number}") for name, start in
                    (("coredns", start_coredns), ("troupe", start_troupe))]
            for server in pair:
                server.wait_ready()
            departures = Departures(features=features_of(options), zones=(ZONE, SET, "in-addr.arpa", "ip6.arpa"))
            comparison = Comparison(checks, *pair, departures)
            print(f"-- {label}: {len(questions)} questions")
            comparison.round(label, questions)
            comparison.report()
            departures.print()
            for server in pair:
                server.process.stop()


if __name__ == "__main__":
    main(run)
