#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One cluster from one seed, in every form that the servers of the benchmark read: manifests, objects of the API, a zone
file, and the list of questions with the answers that are expected."""
import argparse
import json
import pathlib
import random
from dataclasses import dataclass, field

ZONE = "cluster.local"
TTL = 5  # seconds: CoreDNS's default for cluster names
HEADLESS_PODS = 3
ABSENT_NAMES = 1000  # few enough that a cache can hold them, as a search path's misses are

WORDS = ("orders payments users search mail media stock price cart basket login audit report billing ship label image "
         "video queue cache proxy gateway session ledger invoice catalog review rating notify schedule").split()


@dataclass
class Service:
    namespace: str
    name: str
    cluster_ip: str | None  # None: headless
    pods: list[str] = field(default_factory=list)

    @property
    def host(self):
        return f"{self.name}.{self.namespace}.svc.{ZONE}"

    @property
    def addresses(self):
        return [self.cluster_ip] if self.cluster_ip else self.pods


@dataclass
class Cluster:
    namespaces: list[str]
    services: list[Service]


def address(base, number):
    """The number-th address behind `base`.0.0, whose octets 0 and 255 are left out."""
    return f"{base}.{number // 254}.{number % 254 + 1}"


def make_cluster(seed, services=10_000, namespaces=50, endpoints=0, headless=0.0):
    """`endpoints`: pods behind each service with a ClusterIP; `headless`: share of services without one."""
    rng = random.Random(seed)
    spaces = [f"team-{i:02d}" for i in range(namespaces)]
    made, pod_count = [], 0
    for i in range(services):
        is_headless = rng.random() < headless
        count = HEADLESS_PODS if is_headless else endpoints
        pods = [f"10.{128 + n // 60_000}.{n % 60_000 // 250}.{n % 250 + 1}" for n in range(pod_count, pod_count + count)]
        pod_count += count
        made.append(Service(spaces[i % namespaces], f"{rng.choice(WORDS)}-{i:05d}",
                            None if is_headless else address("10.96", i + 20), pods))
    return Cluster(spaces, made)


def objects(cluster):
    """The cluster as Kubernetes objects: (namespaces, services, endpoint slices)."""
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}} for n in cluster.namespaces]
    services, slices = [], []
    for s in cluster.services:
        where = {"name": s.name, "namespace": s.namespace}
        services.append({"apiVersion": "v1", "kind": "Service", "metadata": where, "spec": {
            "type": "ClusterIP", "clusterIP": s.cluster_ip or "None", "clusterIPs": [s.cluster_ip or "None"],
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]}})
        if s.pods:
            slices.append({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {**where, "name": s.name + "-1", "labels": {"kubernetes.io/service-name": s.name}},
                "ports": [{"name": "http", "protocol": "TCP", "port": 8080}],
                "endpoints": [{"addresses": [p], "conditions": {"ready": True}} for p in s.pods]})
    return spaces, services, slices


def to_yaml(value, indent=""):
    """Block YAML of dictionaries, lists and scalars; strings are quoted as JSON does."""
    if isinstance(value, dict):
        for key, inner in value.items():
            nested = isinstance(inner, (dict, list))
            yield f"{indent}{key}:" + ("" if nested else " " + json.dumps(inner))
            if nested:
                yield from to_yaml(inner, indent + "  ")
    else:
        for inner in value:
            lines = list(to_yaml(inner, indent + "  ")) if isinstance(inner, dict) else [indent + "  " + json.dumps(inner)]
            yield indent + "- " + lines[0].lstrip()
            yield from lines[1:]


def write_manifests(cluster, folder):
    """One file a namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    spaces, services, slices = objects(cluster)
    documents = {n["metadata"]["name"]: [n] for n in spaces}
    for o in services + slices:
        documents[o["metadata"]["namespace"]].append(o)
    for name, parts in documents.items():
        text = "---\n".join("\n".join(to_yaml(o)) + "\n" for o in parts)
        (folder / f"{name}.yaml").write_text(text)


def write_zone(cluster, file):
    """A zone file with the same names, addresses and TTL (services only; no SRV, no PTR)."""
    with file.open("w") as out:
        out.write(f"$ORIGIN {ZONE}.\n$TTL {TTL}\n@ SOA ns.dns hostmaster 1 7200 1800 86400 {TTL}\n@ NS ns.dns\n"
                  "ns.dns A 10.96.0.10\n")
        for s in cluster.services:
            out.writelines(f"{s.name}.{s.namespace}.svc A {a}\n" for a in s.addresses)


def questions(cluster, seed, count, absent=0.1):
    """`count` tuples (name, type, rcode, answers), over all services alike; `absent`: share of names that are not there."""
    rng = random.Random(seed + 1)
    missing = [f"absent-{i:04d}.{rng.choice(cluster.namespaces)}.svc.{ZONE}" for i in range(ABSENT_NAMES)]
    for _ in range(count):
        if rng.random() < absent:
            yield rng.choice(missing), "A", 3, 0
        else:
            service = rng.choice(cluster.services)
            yield service.host, "A", 0, len(service.addresses)


def outside_questions(seed, count):
    """`count` tuples like those of questions(), of different names outside the cluster."""
    rng = random.Random(seed + 2)
    for i in range(count):
        yield f"{rng.choice(WORDS)}-{i:05d}.example.net", "A", 0, 1


def write_questions(listed, file):
    file.write_text("".join(f"{name} {kind} {rcode} {answers}\n" for name, kind, rcode, answers in listed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--namespaces", type=int, default=50)
    parser.add_argument("--endpoints", type=int, default=0)
    parser.add_argument("--headless", type=float, default=0.0)
    parser.add_argument("--absent", type=float, default=0.1)
    o = parser.parse_args()
    cluster = make_cluster(o.seed, o.services, o.namespaces, o.endpoints, o.headless)
    write_manifests(cluster, o.folder / "manifests")
    write_zone(cluster, o.folder / f"{ZONE}.zone")
    write_questions(questions(cluster, o.seed, 50_000, o.absent), o.folder / "questions")


if __name__ == "__main__":
    main()
