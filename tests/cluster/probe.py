#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks CoreDNS and Troupe on one fresh cluster and prints the answers side by side. For people; not a test.

    probe.py [-corefile FILE] [-objects FILE.yaml] [-seed N] [-coredns] NAME TYPE [NAME TYPE …]
    probe.py … -             reads `NAME TYPE [tcp]` line by line

In the Corefile `%(kubeconfig)s`, {$DNS_PORT} and {$READY_PORT} are filled in. `-objects`: YAML documents to create (a
namespaced object without a namespace goes to `default`); without it, and with `-seed`, a random population is made.
`-coredns` leaves Troupe out."""
import argparse
import sys

import yaml

from cluster import Cluster
from corefiles import two_zones
from dnsclient import Asker, question
from population import Population
from servers import start_coredns, start_troupe
from wire import differences, message_lines

PATHS = {"Service": "/api/v1/namespaces/{}/services", "Pod": "/api/v1/namespaces/{}/pods", "Namespace": "/api/v1/namespaces",
         "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices", "Node": "/api/v1/nodes"}


def create(api, path):
    with open(path) as text:
        for document in filter(None, yaml.safe_load_all(text)):
            namespace = document["metadata"].get("namespace", "default")
            api.create(PATHS[document["kind"]].format(namespace), document)


def lines(words):
    if words == ["-"]:
        yield from (line.split() for line in sys.stdin if line.strip())
    else:
        yield from (words[i:i + 2] for i in range(0, len(words), 2))


def show(askers, name, qtype, proto="udp"):
    asked = question(name, qtype.upper(), proto)
    answers = [asker.ask_one(asked) for _, asker in askers]
    print(f";; {asked}" + ("" if len(answers) < 2 else f"  differs: {differences(*answers) or 'nothing'}"))
    for (label, _), message in zip(askers, answers):
        for line in message_lines(message):
            print(f"   {label:8}{line}")


def main():
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument("-corefile")
    parser.add_argument("-objects")
    parser.add_argument("-seed", type=int)
    parser.add_argument("-coredns", action="store_true")
    parser.add_argument("words", nargs="+")
    args = parser.parse_args()
    with Cluster() as cluster:
        kubeconfig = cluster.kubeconfig("dns")
        corefile = two_zones(kubeconfig)
        if args.corefile:
            with open(args.corefile) as text:
                corefile = text.read().replace("%(kubeconfig)s", kubeconfig)
        if args.objects:
            create(cluster.api, args.objects)
        elif args.seed is not None:
            Population(cluster.api, args.seed).fill(55)
        starts = [start_coredns] if args.coredns else [start_coredns, start_troupe]
        servers = [start(cluster, corefile) for start in starts]
        askers = [(server.name, Asker(server.wait_ready().port)) for server in servers]
        for words in lines(args.words):
            show(askers, *words)


if __name__ == "__main__":
    main()
