#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The example: a Service `backend` with two Pods, a headless variant, a frontend beside them. The real controllers make the
EndpointSlices from the Pods; CoreDNS and Troupe must give the same answers, and the right ones.

Environment: TROUPE (binary)."""
import json
import os
import urllib.request

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from departures import Departures
from dnsclient import Asker, question
from harness import main
from processes import wait_until
from questions import reverse_name
from servers import start_coredns, start_troupe, troupe_binary
from wire import RCODES, data_text, differences, message_lines, read_name

PODS = {"backend-pod-1": "10.244.0.11", "backend-pod-2": "10.244.0.12", "frontend": "10.244.0.20"}
ORDER_TRIES = 40  # with two addresses in random order, all the same with probability 2^-39
KINDS = {"listener", "zone", "zone-server", "namespaces", "apex", "reverse", "services-watcher", "endpoints-watcher",
         "namespaces-watcher", "supervisor"}
FIELDS = {"name", "kind", "parent", "loop", "state", "messages", "queries", "processing_ns", "mailbox", "restarts", "last_failure"}


def pod(name):
    app = name.split("-")[0]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "labels": {"app": app}},
            "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "nginx", "ports": [{"containerPort": 8080}]}]}}


def pod_status(address):
    """What the kubelet would report."""
    return {"status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
                       "conditions": [{"type": "Ready", "status": "True"}]}}


def service(name, headless=False):
    spec = {"selector": {"app": "backend"}, "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]}
    if headless:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def create_example(api):
    """Returns the ClusterIP of `backend`."""
    # The controller passes over pods whose node it does not know.
    api.create("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}})
    for name, address in PODS.items():
        api.create("/api/v1/namespaces/default/pods", pod(name))
        api.merge(f"/api/v1/namespaces/default/pods/{name}/status", pod_status(address))
    made = api.create("/api/v1/namespaces/default/services", service("backend"))
    api.create("/api/v1/namespaces/default/services", service("backend-headless", headless=True))
    return made["spec"]["clusterIP"]


def ready_endpoints(api):
    items = api.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")["items"]
    return sum(1 for s in items for e in s.get("endpoints") or [] if e["conditions"]["ready"])


def expectations(cluster_ip):
    """(name, type, rcode, data of the answer)"""
    pods = [PODS["backend-pod-1"], PODS["backend-pod-2"]]
    for zone in (FIRST_ZONE, SECOND_ZONE):
        backend, headless = (f"{n}.default.svc.{zone}" for n in ("backend", "backend-headless"))
        labels = [p.replace(".", "-") for p in pods] if zone == FIRST_ZONE else ["backend-pod-1", "backend-pod-2"]
        yield backend, "A", "NOERROR", [cluster_ip]
        yield backend, "AAAA", "NOERROR", []
        yield f"_http._tcp.{backend}", "SRV", "NOERROR", [f"0 100 80 {backend}."]
        yield headless, "A", "NOERROR", pods
        yield f"_http._tcp.{headless}", "SRV", "NOERROR", [f"0 50 8080 {label}.{headless}." for label in labels]
        for label, address in zip(labels, pods):
            yield f"{label}.{headless}", "A", "NOERROR", [address]
            yield f"{label}.{backend}", "A", "NOERROR", [address]
        yield f"frontend.default.svc.{zone}", "A", "NXDOMAIN", []
    yield reverse_name(cluster_ip), "PTR", "NOERROR", [f"backend.default.svc.{FIRST_ZONE}."]
    for address in pods:
        label = address.replace(".", "-")
        yield reverse_name(address), "PTR", "NOERROR", [f"{label}.{n}.default.svc.{FIRST_ZONE}." for n in ("backend", "backend-headless")]
    yield reverse_name(PODS["frontend"]), "PTR", "NXDOMAIN", []
    yield f"10-244-0-20.default.pod.{FIRST_ZONE}", "A", "NOERROR", [PODS["frontend"]]


def ask_both(checks, askers, cluster_ip):
    departures = Departures()
    for name, qtype, rcode, data in expectations(cluster_ip):
        for proto in ("udp", "tcp"):
            asked = question(name, qtype, proto)
            theirs, ours = (asker.ask_one(asked) for asker in askers)
            for server, message in (("CoreDNS", theirs), ("Troupe", ours)):
                good = (message is not None and RCODES.get(message.rcode) == rcode
                        and sorted(map(data_text, message.answer)) == sorted(data))
                checks.check(good, lambda: "\n  ".join([f"{server}: {asked}: expected {rcode} {data}, got"] + message_lines(message)))
            differs = differences(theirs, ours)
            checks.check(not differs or departures.find(asked, theirs, ours, differs), f"{asked}: they differ in {differs}")


def first_address(asker, body):
    """The first A record as it stands in the packet: decoded answers are sorted."""
    asker.udp.send(b"\0\1" + body)
    wire = asker.udp.recv(4096)
    _, at = read_name(wire, len(body) + 2)  # the owner, behind the question
    return wire[at + 10:at + 14]


def order_changes(checks, server):
    asker = Asker(server.port)
    asker.udp.settimeout(2)
    body = question(f"backend-headless.default.svc.{FIRST_ZONE}", "A").body
    seen = {first_address(asker, body) for _ in range(ORDER_TRIES)}
    checks.check(len(seen) == 2, f"{server.name}: the first of the headless addresses is always {seen}")


def actors_are_shown(checks, server):
    """Who answered what: Troupe's own page. CoreDNS in its place has none."""
    if os.path.basename(troupe_binary()) == "coredns":
        return
    with urllib.request.urlopen(f"http://127.0.0.1:{server.actors_port}/actors", timeout=5) as reply:
        actors = json.load(reply)["actors"]
    kinds = {actor["kind"] for actor in actors}
    checks.check(KINDS <= kinds, f"/actors lacks {KINDS - kinds}")
    for actor in actors:
        checks.check(FIELDS <= actor.keys(), f"/actors: {actor.get('name')} lacks {FIELDS - actor.keys()}")
        checks.check(actor.get("restarts") == 0 and actor.get("last_failure") is None, f"/actors: {actor} was restarted")
    asked = sum(actor["queries"] for actor in actors if actor["kind"] == "zone-server" and "default" in actor["name"])
    checks.check(asked > 0, "/actors: no zone server of `default` has answered a query")


def example(checks):
    with Cluster(controllers=True) as cluster:
        corefile = two_zones(cluster.kubeconfig("dns"))
        servers = [start_coredns(cluster, corefile), start_troupe(cluster, corefile)]
        cluster_ip = create_example(cluster.api)
        wait_until("EndpointSlices from the controller", lambda: ready_endpoints(cluster.api) == 4, 30)
        askers = [Asker(server.wait_ready().port) for server in servers]
        headless = question(f"backend-headless.default.svc.{FIRST_ZONE}", "A")
        pointer = question(reverse_name(PODS["backend-pod-1"]), "PTR")
        for asker in askers:
            wait_until("the endpoints", lambda: all(m and len(m.answer) == 2 for m in asker.ask([headless, pointer])), 5)
        ask_both(checks, askers, cluster_ip)
        for server in servers:
            order_changes(checks, server)
        actors_are_shown(checks, servers[1])


if __name__ == "__main__":
    main(example)
