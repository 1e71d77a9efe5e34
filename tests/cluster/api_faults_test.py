#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Faults that need a real API server and a real network, while names are asked without pause:

A5   what the API server sends is dropped without a word: the dead connection is noticed, and nothing is lost
A14  etcd is put back to an older state: what was undone there is undone in the answers
A15  meanwhile 100,000 endpoints are listed again: all of them are answered all the time

Two servers: one in a room whose way to the API server goes through a relay, which takes connections also while the API
server is away; one on the API server's own port, where they are refused. The program may never be unready after its start.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_ENDPOINTS (100000)."""
import random
import threading
import time

from bookmarks import Bookmarks
from cluster import Cluster
from dnsclient import question
from exposition import parse
from harness import main, number_from, seed_from
from mass import Etcd, Mass, stored
from oddities import service
from processes import wait_until
from servers import http_status, http_text, start_troupe, troupe_binary
from standard import RoomServer, corefile

ZONE = "cluster.local"
NOTICED = 45         # seconds until a dead connection is noticed; 30 are asked of the kernel
VISIBLE = 10         # seconds from an API server that can be reached to right answers
TAKEN = 20           # the same where connections were taken all the while: waits double once that was so for half a minute
REACHED = 16         # the same after a cut: an attempt to connect may have begun just before its end
SERVICES = 100       # that the endpoints belong to
PER_WRITE = 20       # slices of 100 endpoints in one transaction of etcd, which takes 1.5 MB
ASKED = 600          # endpoints asked for in each round
CHURN = 400          # changes between copy and restore, so that versions go back really

NEAR = """\
cluster.local:{$DNS_PORT} {
    errors
    ready 127.0.0.1:{$READY_PORT}
    kubernetes cluster.local {
        kubeconfig %s
        startup_timeout 30s
    }
}
"""
SERVICE_PATH = "/api/v1/namespaces/default/services"


def fill(cluster, mass):
    """Headless services with all the endpoints, straight into etcd; before the servers start."""
    etcd, pairs = Etcd(cluster.ports["etcd"]), list(stored(mass))
    for at in range(0, len(pairs), PER_WRITE):
        etcd.put_all(pairs[at:at + PER_WRITE])


class Asking(threading.Thread):
    """Asks one server for endpoints over and over; each must have its address every time."""

    def __init__(self, server, mass, seed):
        super().__init__(daemon=True)
        self.server, self.end, self.asked, self.wrong = server, threading.Event(), 0, []
        rng = random.Random(seed)
        chosen = [(i, rng.choice(mass.pods(i))) for i in (rng.randrange(mass.services) for _ in range(ASKED))]
        self.wanted = {question(f"{address.replace('.', '-')}.{mass.name(i, ZONE)}", "A"): bytes(map(int, address.split(".")))
                       for i, address in chosen}

    def run(self):
        asker = self.server.asker()
        while not self.end.is_set():
            for one, message in zip(self.wanted, asker.ask(list(self.wanted))):
                self.asked += 1
                if message is None or [record.data for record in message.answer] != [self.wanted[one]]:
                    self.wrong.append(f"{one}: {message}")
            time.sleep(0.1)
        asker.close()


def resolves(server, name):
    """Whether the service has an address: True, False (NXDOMAIN), or the message where it is something else."""
    asker = server.asker()
    message = asker.ask_one(question(f"{name}.default.svc.{ZONE}", "A"))
    asker.close()
    if message is not None and message.rcode == 0 and message.answer:
        return True
    return False if message is not None and message.rcode == 3 else str(message)


def put(cluster, name):
    cluster.api.create(SERVICE_PATH, service(name))


def becomes(checks, server, name, there, seconds, what):
    began = time.monotonic()
    wait_until(f"{what}: {name} on {server.name}", lambda: resolves(server, name) is there, seconds)
    print(f"{what}: {server.name} shows {name} {'there' if there else 'gone'} after {time.monotonic() - began:.2f} s")
    checks.check(True, "")


def stale(server, sign):
    return sum(value for key, value in parse(server.metrics())[1].items()
               if key.name == "troupe_kubernetes_stale_total" and ("sign", sign) in key.labels)


def half_open(checks, cluster, server):
    put(cluster, "before-cut")
    becomes(checks, server, "before-cut", True, VISIBLE, "A5, before")
    server.room.cut()
    began = time.monotonic()
    put(cluster, "while-cut")
    wait_until("A5: the dead connection is noticed", lambda: stale(server, "dead") >= 1, NOTICED, 0.5)
    print(f"A5: noticed after {time.monotonic() - began:.1f} s")
    checks.check(resolves(server, "before-cut") is True, "A5: a name is gone while the API server is away")
    checks.check(resolves(server, "while-cut") is False, "A5: nothing was cut")
    checks.check(server.ready(), "A5: unready because the API server is away")
    server.room.cut(False)
    becomes(checks, server, "while-cut", True, REACHED, "A5, after")
    checks.check("no error" in server.verbose(), lambda: f"A5: an error stays: {server.verbose()}")


def restored(checks, cluster, servers):
    put(cluster, "undeleted")
    copy = cluster.copy_etcd()
    cluster.api.delete(f"{SERVICE_PATH}/undeleted")
    put(cluster, "undone")
    for n in range(CHURN):
        cluster.api.merge(f"{SERVICE_PATH}/undone", {"metadata": {"annotations": {"turn": str(n)}}})
    for server in servers:
        becomes(checks, server, "undone", True, VISIBLE, "A14, before")
        becomes(checks, server, "undeleted", False, VISIBLE, "A14, before")
    cluster.restore_etcd(copy)
    for server, bound in zip(servers, (VISIBLE, TAKEN)):
        becomes(checks, server, "undeleted", True, bound, "A14, restored")
        becomes(checks, server, "undone", False, VISIBLE, "A14, restored")
    put(cluster, "afterwards")
    for server in servers:
        becomes(checks, server, "afterwards", True, VISIBLE, "A14, a change after it")


def faults(checks):
    seed, endpoints = seed_from(), number_from("TROUPE_ENDPOINTS", 100_000)
    mass = Mass(SERVICES, 10, endpoints // SERVICES, headless=1)
    with Cluster() as cluster:
        began = time.monotonic()
        fill(cluster, mass)
        print(f"{endpoints} endpoints written in {time.monotonic() - began:.1f} s")
        bookmarks = Bookmarks(cluster)
        near = start_troupe(cluster, NEAR % cluster.kubeconfig("dns"), "near").wait_ready(60)
        far = RoomServer(cluster, "far", troupe_binary(), seed, corefile("troupe"))
        far.wait_ready()
        asking = [Asking(server, mass, seed) for server in (near, far)]
        for one in asking:
            one.start()
        half_open(checks, cluster, far)
        restored(checks, cluster, (near, far))
        for one in asking:
            one.end.set()
            one.join()
            print(f"A15: {one.server.name}: {one.asked} asked, {len(one.wrong)} wrong or unanswered")
            checks.check(one.asked > 0, "A15: nothing was asked")
            checks.passed += one.asked - len(one.wrong)
            for wrong in one.wrong:
                checks.check(False, f"A15: {one.server.name}: {wrong}")
        verbose = http_text(near.ready_port, "/ready?verbose")
        print(verbose + far.verbose())
        checks.check(stale(far, "version") >= 1, "A14: nobody counted that versions went back")
        checks.check(verbose.endswith("\nready\n") and "endpointslices: synced" in verbose, lambda: f"/ready?verbose says {verbose}")
        checks.check(http_status(near.ready_port, "/ready") == 200 and http_text(near.ready_port, "/ready") == "OK", "/ready is not as CoreDNS has it")
        bookmarks.report(checks)


if __name__ == "__main__":
    main(faults)
