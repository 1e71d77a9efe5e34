#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Headless services of 1,000, 5,000 and 10,000 endpoints on the real API server, whose slices are replaced one by one as a
rolling update does, while their names are asked by TCP and UDP: never denied, and never a set that no moment of the API had
(CoreDNS issue 6518). What does not fit into 64 KiB is cut, with TC, as CoreDNS cuts it.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_WRITES (80: slices replaced in each service)."""
import random
import threading
import time

from cluster import Cluster
from dnsclient import Asker, question
from footprint import addresses
from harness import main, number_from, seed_from
from mass import Etcd, namespace_document, slice_document
from objects import SLICES
from processes import wait_until
from servers import start_coredns, start_troupe

SIZES = (1_000, 5_000, 10_000)
PER_SLICE = 100       # as the slice controller does it
NAMESPACE = "big"
TC = 0x0200
WHOLE = 4_000         # so many A records fit into 64 KiB
NEAR = 20             # records that may fit more or less: names are compressed in different ways
CATCHES_UP = 10       # seconds until the last state must be there
COREFILE = """\
.:{$DNS_PORT} {
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{$READY_PORT}
    kubernetes cluster.local {
        kubeconfig %s
    }
    loadbalance
}
"""


def address(number):
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def service_document(name):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": NAMESPACE, "name": name, "uid": f"uid-{name}",
                                                               "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"], "ipFamilies": ["IPv4"],
                     "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
                     "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]},
            "status": {"loadBalancer": {}}}


class Rolling(threading.Thread):
    """A service under a rolling update, and all states it had. `states[i]` came to be between begin and end of write i."""

    def __init__(self, cluster, size, seed):
        super().__init__(daemon=True)
        self.cluster, self.name, self.rng = cluster, f"big-{size}", random.Random(seed)
        self.next = size * 8
        self.slices = [[address(size * 4 + s + n) for n in range(PER_SLICE)] for s in range(0, size, PER_SLICE)]
        self.states, self.begun, self.writes, self.error = [], 0, number_from("TROUPE_WRITES", 80), None
        self.note()

    def note(self):
        self.states.append(frozenset(a for one in self.slices for a in one))

    def slice_name(self, s):
        return f"{self.name}-{s:03d}x"

    def stored(self):
        yield f"/registry/services/specs/{NAMESPACE}/{self.name}", service_document(self.name)
        for s, pods in enumerate(self.slices):
            yield (f"/registry/endpointslices/{NAMESPACE}/{self.slice_name(s)}",
                   slice_document(NAMESPACE, self.name, self.slice_name(s), pods))

    def replace(self):
        """A tenth to all of a slice's pods are others now; or some have moved here and stand in two slices."""
        s = self.rng.randrange(len(self.slices))
        pods = list(self.slices[s])
        if self.rng.random() < 0.2:
            pods += self.rng.sample(self.slices[self.rng.randrange(len(self.slices))], 5)
        for at in self.rng.sample(range(len(pods)), self.rng.choice([10, 30, PER_SLICE])):
            self.next += 1
            pods[at] = address(self.next)
        self.slices[s] = sorted(set(pods))[:PER_SLICE]
        self.note()
        self.begun = len(self.states)
        endpoints = [{"addresses": [p], "conditions": {"ready": True}} for p in self.slices[s]]
        self.cluster.api_of_thread().merge(f"/apis/{SLICES}/namespaces/{NAMESPACE}/endpointslices/{self.slice_name(s)}",
                                           {"endpoints": endpoints})

    def run(self):
        try:
            for _ in range(self.writes):
                self.replace()
        except Exception as error:  # told by the test's own thread
            self.error = error


def fits(answer, rolling):
    """Why this is no answer that some moment had; empty if it is one."""
    if answer is None:
        return "no answer"
    got = addresses(answer)
    if not got:
        return f"rcode {answer.rcode}, {len(answer.answer)} records"
    said = set(got)
    if len(said) != len(got):
        return f"{len(got) - len(said)} addresses twice"
    states = rolling.states[:]  # a write is noted before it begins
    whole = not answer.flags & TC
    if any(said == state if whole else said <= state for state in reversed(states)):
        return ""
    near = min(states, key=lambda state: len(said ^ state))
    return f"{len(said)} addresses, TC {not whole}: in no state; the nearest has {len(near)}, {len(said - near)} are not in it"


def under_change(checks, server, rolling):
    asker = Asker(server.port, tries=1, timeout=5)
    name = f"{rolling.name}.{NAMESPACE}.svc.cluster.local"
    questions = [question(name, "A", "tcp"), question(name, "A", "udp", 1232)]
    rolling.start()
    rounds = 0
    while rolling.is_alive():
        for q, answer in zip(questions, asker.ask(questions)):
            why = fits(answer, rolling)
            checks.check(not why, f"{q}: {why}")
        rounds += 1
    rolling.join()
    checks.check(rolling.error is None, f"{rolling.name}: {rolling.error}")
    checks.check(rounds > 3, f"{rolling.name}: only {rounds} rounds")
    began, last = time.monotonic(), rolling.states[-1]
    wait_until(f"the last state of {rolling.name}", lambda: set(addresses(asker.ask_one(questions[0])) or []) <= last, CATCHES_UP, 0.01)
    print(f"{rolling.name}: {rounds} rounds during {rolling.writes} writes; the last one's state after {time.monotonic() - began:.2f} s")
    asker.close()


def same_cut(checks, servers, rolling):
    """Both servers give whole answers, or cut ones of about the same length."""
    name = f"{rolling.name}.{NAMESPACE}.svc.cluster.local"
    said = []
    for server in servers:
        asker = Asker(server.port, timeout=10)
        answer = asker.ask_one(question(name, "A", "tcp"))
        said.append((bool(answer.flags & TC), len(answer.answer)))
        asker.close()
    print(f"{rolling.name} by TCP: TC and records {said[0]}, CoreDNS {said[1]}")
    near = abs(said[0][1] - said[1][1]) <= NEAR
    checks.check(said[0][0] == said[1][0] and near, f"{rolling.name}: cut as {said[0]}, CoreDNS {said[1]}")
    whole = len(rolling.states[-1]) <= WHOLE
    checks.check(said[0] == (False, len(rolling.states[-1])) if whole else said[0][0], f"{rolling.name}: {said[0]}")


def big(checks):
    seed = seed_from()
    with Cluster() as cluster:
        services = [Rolling(cluster, size, seed + size) for size in SIZES]
        etcd = Etcd(cluster.ports["etcd"])
        etcd.put_all([(f"/registry/namespaces/{NAMESPACE}", namespace_document(NAMESPACE))])
        for one in services:
            etcd.put_all(one.stored())
        corefile = COREFILE % cluster.kubeconfig("dns")
        troupe = start_troupe(cluster, corefile).wait_ready(60)
        for one in services:
            under_change(checks, troupe, one)
        coredns = start_coredns(cluster, corefile).wait_ready(60)
        for one in services:
            same_cut(checks, (troupe, coredns), one)


if __name__ == "__main__":
    main(big)
