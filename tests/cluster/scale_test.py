#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""10,000 services of 10 endpoints in 200 namespaces on the real API server: memory, start, and how soon a change is
answered, of the server under test and of CoreDNS in the same run. All names must be right; figures are printed beside their
goals. Memory may not grow beyond its goals and some slack; times say as much about the machine's other work.

Environment: TROUPE (binary), TROUPE_SERVICES (10,000), TROUPE_CHANGES (60), TROUPE_SETTLE (30, seconds after the start),
TROUPE_ONLY (`troupe` or `coredns`: the other one is left out)."""
import os
import statistics
import time

from cluster import Cluster
from dnsclient import Asker, question
from footprint import addresses, memory, seconds_to_answer, seconds_to_see, summary
from harness import main, number_from
from mass import Etcd, Mass, slice_document, stored
from processes import wait_until
from servers import start_coredns, start_troupe

# MB of 10^6 octets, seconds
RESIDENT, PEAK, START, VISIBLE = 43, 56, 0.5, 0.001
HELD = 46         # MB resident: the goal and such slack
SLACK = 1.05      # for another libc or page cache
LOOPS, SHARED = (1, 8), 1.2  # of the memory of one
FREED = 5         # seconds after which memory of a first list is given back
CHANGED = 5       # the service that is changed while it is asked
STARTS = RELISTS = 3
STREAMED = "sendInitialEvents"
COREFILE = """\
.:{$DNS_PORT} {
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{$READY_PORT}
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig %s
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    cache 30
    loadbalance
}
"""


def mass_of(services):
    return Mass(services=services, namespaces=max(1, services // 50))


def fill(cluster, mass):
    began = time.monotonic()
    count = Etcd(cluster.ports["etcd"]).put_all(stored(mass))
    print(f"{count} objects written in {time.monotonic() - began:.1f} s")
    last = mass.services - 1
    path = f"/apis/discovery.k8s.io/v1/namespaces/{mass.namespace(last)}/endpointslices/{mass.service(last)}-000x"
    wait_until("the API server knows them", lambda: cluster.api.get(path), 60)


def all_right(checks, server, mass, what):
    """Every service's addresses."""
    asker = Asker(server.port)
    answers = asker.ask([question(mass.name(i), "A", edns=1232) for i in range(mass.services)])
    wrong = [i for i, answer in enumerate(answers) if addresses(answer) != mass.answers(i)]
    checks.passed += mass.services - len(wrong)
    for i in wrong:
        checks.check(False, f"{what}: {mass.name(i)} is {addresses(answers[i])}, not {mass.answers(i)}")
    asker.close()


def relist(cluster, mass, round_):
    """The API server comes back with what nobody saw change: versions that were watched are too old for it. Written
    while it is away, an object of each kind."""
    cluster.kill_api_server()
    namespace, service, name = mass.namespace(0), mass.service(0), f"{mass.service(0)}-late-{round_}"
    Etcd(cluster.ports["etcd"]).put_all(
        [(f"/registry/endpointslices/{namespace}/{name}", slice_document(namespace, service, name, [late_pod(round_)]))]
        + [pair for pair in stored(Mass(services=1, namespaces=1))])
    cluster.restart_api_server()


def late_pod(round_):
    return f"10.250.0.{round_ + 1}"


def changed_slice(cluster, namespace, service):
    """A function that gives the one slice of `service` the n-th set of addresses, or those named, and returns them."""
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{service}-000x"

    def change(n, pods=None):
        pods = pods or [f"10.251.{n}.{i + 1}" for i in range(10)]
        endpoints = [{"addresses": [p], "conditions": {"ready": True}} for p in pods]
        cluster.api.merge(path, {"endpoints": endpoints})
        return sorted(pods)
    return change


def measure(checks, cluster, mass, start, name, held):
    """`held`: memory and changes are checked."""
    corefile = COREFILE % cluster.kubeconfig("dns")
    last, starts = mass.services - 1, []
    for _ in range(STARTS):
        if starts:
            server.process.kill()
        server, took = seconds_to_answer(lambda: start(cluster, corefile), mass.name(last), mass.answers(last))
        starts.append(took)
    server.wait_ready(60)
    all_right(checks, server, mass, f"{name} after the start")
    time.sleep(number_from("TROUPE_SETTLE", 30))
    resident, peak, of_files = memory(server.process)
    print(f"{name}: start {statistics.median(starts):.2f} s (median of {STARTS}; goal {START}), resident {resident:.1f} MB "
          f"(goal {RESIDENT}; {of_files:.1f} of it pages of files), peak {peak:.1f} MB")
    if held:
        change = changed_slice(cluster, mass.namespace(CHANGED), mass.service(CHANGED))
        seen = seconds_to_see(server, mass.name(CHANGED), change, number_from("TROUPE_CHANGES", 60))
        change(0, mass.pods(CHANGED))
        print(f"{name}: a change visible after {summary(seen)} (goal {VISIBLE * 1000} ms)")
        checks.check(resident <= HELD, f"{name}: resident {resident:.1f} MB, at most {HELD} were expected")
    return server


def loops(checks, cluster, mass):
    """All loops share the tables."""
    resident = {}
    for number in LOOPS:
        corefile = COREFILE.replace("    bind", f"    multisocket {number}\n    bind") % cluster.kubeconfig("dns")
        server = start_troupe(cluster, corefile, f"loops-{number}").wait_ready(60)
        all_right(checks, server, mass, server.name)
        time.sleep(FREED)
        resident[number] = memory(server.process)[0]
        server.process.kill()
    ratio = resident[LOOPS[1]] / resident[LOOPS[0]]
    print("resident with " + ", ".join(f"{n} loops {mb:.1f} MB" for n, mb in resident.items()) + f": {ratio:.2f} × (goal {SHARED})")
    checks.check(ratio <= SHARED * SLACK, f"{LOOPS[1]} loops take {ratio:.2f} × the memory of {LOOPS[0]}, not {SHARED}")


def scale(checks):
    mass = mass_of(number_from("TROUPE_SERVICES", 10_000))
    only = os.environ.get("TROUPE_ONLY", "")
    with Cluster() as cluster:
        fill(cluster, mass)
        servers = [(name, measure(checks, cluster, mass, start, name, name == "troupe"))
                   for name, start in (("troupe", start_troupe), ("coredns", start_coredns)) if only in ("", name)]
        if "coredns" != only:
            loops(checks, cluster, mass)
        late = mass.answers(0)
        for round_ in range(RELISTS):
            relist(cluster, mass, round_)
            late = sorted(late + [late_pod(round_)])
            for name, server in servers:
                _, took = server, seconds_to_answer(lambda: server, mass.name(0), late)[1]
                print(f"{name}: what was written while the API server was away is answered {took:.2f} s after its return")
        for name, server in servers:
            resident, peak, _ = memory(server.process)
            print(f"{name}: after {RELISTS} lists more resident {resident:.1f} MB, peak {peak:.1f} MB (goal {PEAK})")
            if name == "troupe":
                checks.check(peak <= PEAK * SLACK, f"{name}: peak {peak:.1f} MB, at most {PEAK} were expected")


if __name__ == "__main__":
    main(scale)
