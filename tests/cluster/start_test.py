#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fault A1. Starting without an API server and without rights: cluster names are SERVFAIL, /ready is 503, the process stays and says
what is missing; SIGTERM ends it at once; when the API server or the rights come, names are served.

Environment: TROUPE (binary), TROUPE_SEED."""
import signal
import time

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from dnsclient import Asker, question
from harness import main, seed_from
from model_check import ModelCheck, describe
from population import Population
from processes import wait_until
from questions import reverse_name
from servers import http_status, listens, start_troupe
from wire import RCODES

STARTS = 20          # seconds until the sockets are open; CoreDNS waits 5 s per block for the API server first
STAYS = 3            # seconds to watch that the process stays
ENDS = 1.0           # seconds from SIGTERM to the end
CATCHES_UP = 5.0     # seconds from an API server that is ready to the right answers
NOTICES_RIGHTS = 45  # seconds: the longest back-off of a list and its jitter
WORDS_OF_403 = ["list", "services", "namespaces", "endpointslices", "discovery.k8s.io", "ClusterRole"]

# (name, type, rcode before the first sync)
BEFORE_SYNC = [
    (f"kubernetes.default.svc.{FIRST_ZONE}", "A", "SERVFAIL"), (f"nosuch.default.svc.{FIRST_ZONE}", "A", "SERVFAIL"),
    (f"kubernetes.default.svc.{SECOND_ZONE}", "AAAA", "SERVFAIL"), (reverse_name("10.96.0.1"), "PTR", "SERVFAIL"),
    (f"nosuch.{FIRST_ZONE}", "TXT", "SERVFAIL"), ("www.example.com", "A", "REFUSED"),
]


def start(cluster, user, name, second=""):
    server = start_troupe(cluster, two_zones(cluster.kubeconfig(user), second=second), name)
    wait_until(f"{name} listens", lambda: server.process.must_live() and listens(server.port), STARTS)
    # The socket may be open before anybody reads from it, while the start waits for the API server.
    asker = Asker(server.port, tries=1, timeout=STARTS)
    asker.ask_one(question("www.example.com", "A"))
    asker.close()
    return server


def is_unsynced(checks, server, when):
    asker = Asker(server.port)
    for name, qtype, rcode in BEFORE_SYNC:
        for proto in ("udp", "tcp"):
            message = asker.ask_one(question(name, qtype, proto))
            got = "no answer" if message is None else RCODES.get(message.rcode, message.rcode)
            checks.check(got == rcode, f"{when}: {name} {qtype} {proto}: {got}, expected {rcode}")
    status = http_status(server.ready_port, "/ready")
    checks.check(status == 503, f"{when}: /ready is {status}, expected 503")


def ends_at_once(checks, server, when):
    began = time.monotonic()
    status = server.process.stop()
    took = time.monotonic() - began
    checks.check(status == 0 and took <= ENDS, f"{when}: SIGTERM gave status {status} after {took:.2f} s")


def becomes_right(checks, population, server, when, seconds):
    began = time.monotonic()
    server.wait_ready(max(seconds, 60))
    ready = time.monotonic() - began
    left, asked, _ = ModelCheck(population, server).settle(max(0, seconds - ready))
    print(f"{when}: ready after {ready:.2f} s, {asked - len(left)} of {asked} names right after {time.monotonic() - began:.2f} s")
    checks.check(ready <= seconds, f"{when}: ready after {ready:.1f} s, at most {seconds} s were expected")
    checks.passed += asked - len(left)
    for wrong in left:
        checks.check(False, lambda: f"{when}: {describe(wrong)}")


def without_api_server(checks, cluster, population):
    cluster.kill_api_server()
    server = start(cluster, "dns", "without-api")
    is_unsynced(checks, server, "without an API server")
    time.sleep(STAYS)
    checks.check(server.process.alive(), "without an API server: the process ended")
    is_unsynced(checks, server, "without an API server, later")
    ends_at_once(checks, server, "without an API server")
    server = start(cluster, "dns", "before-api")
    cluster.restart_api_server()
    becomes_right(checks, population, server, "the API server came later", CATCHES_UP)
    ends_at_once(checks, server, "with an API server")


def rcodes(server, *zones):
    asker = Asker(server.port)
    found = [RCODES.get(message.rcode) if message else None
             for message in asker.ask([question(f"kubernetes.default.svc.{zone}", "A") for zone in zones])]
    asker.close()
    return found


def one_of_two_blocks(checks, cluster):
    """Ready is who has all that its blocks need; what is known already is answered meanwhile."""
    server = start(cluster, "dns", "one-of-two", second=cluster.kubeconfig("nobody"))
    wait_until("the block with rights answers", lambda: rcodes(server, FIRST_ZONE) == ["NOERROR"], CATCHES_UP)
    found, status = rcodes(server, FIRST_ZONE, SECOND_ZONE), http_status(server.ready_port, "/ready")
    checks.check(found == ["NOERROR", "SERVFAIL"], f"one of two blocks: {found}")
    checks.check(status == 503, f"one of two blocks has its objects, and /ready is {status}")
    return server


def without_rights(checks, cluster, population):
    half = one_of_two_blocks(checks, cluster)
    server = start(cluster, "nobody", "without-rights")
    time.sleep(STAYS)
    is_unsynced(checks, server, "without rights")
    log = server.process.tail(500)
    for word in WORDS_OF_403:
        checks.check(word in log, f"without rights: the log does not say `{word}`")
    cluster.bind("nobody")
    becomes_right(checks, population, server, "the rights came later", NOTICES_RIGHTS)
    half.wait_ready(NOTICES_RIGHTS)
    found = rcodes(half, FIRST_ZONE, SECOND_ZONE)
    checks.check(found == ["NOERROR"] * 2, f"both of two blocks: {found}")
    server.process.signal(signal.SIGTERM)


def start_up(checks):
    seed = seed_from()
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        population.fill(30)
        without_api_server(checks, cluster, population)
        without_rights(checks, cluster, population)


if __name__ == "__main__":
    main(start_up)
