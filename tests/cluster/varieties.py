# SPDX-License-Identifier: Apache-2.0
"""The generated cluster of the comparison: random services of every kind, the rare objects of `oddities`, names and sets at
the limits, and what the options of `kubernetes` look at: labels, pods, zones of nodes, ServiceImports."""
import random
import string

import fleet
from corefiles import FIRST_ZONE, SECOND_ZONE
from oddities import HTTP, create as create_oddities, endpoint_slice, external, plain, service
from objects import key_of
from population import Population
from processes import wait_until
from room import SERVER

FILL = 45                # services of random kinds, about
KUBE_DNS = "10.96.0.10"
CROWD = 300              # endpoints of one service, 100 a slice
THRONG = 700             # so many that SRV records with long names do not fit into a TCP answer
# Besides population.NAMESPACES, which come and go: these stay.
FIXED_NAMESPACES = ["svc", "pod", "dns", "1-2-3-4", "0", "hollow", "n" * 63]
LABELS = {"tier": ["front", "back"], "env": ["prod", "test"], "team": ["blue", "red"]}
PHASES = ["Running", "Running", "Running", "Pending", "Succeeded", "Failed"]
PODS = 40


def generated(api, seed):
    """A population in the API server. The same seed makes the same objects, apart from the addresses that the API server gives."""
    wait_until("the API server's own service", lambda: any(key_of(one) == ("default", "kubernetes") for one in api.get("/api/v1/services")["items"]), 20)
    population = LabelledPopulation(api, seed, FIRST_ZONE, SECOND_ZONE)
    for name in FIXED_NAMESPACES:
        population.put_namespace(name)
    create_oddities(population)
    for make in (services, slices):
        for one in make(population):
            put = population.put_service if one["kind"] == "Service" else population.put_slice
            population.fixed.add(key_of(put(one)))
    population.fill(FILL)
    give_balancer(population)
    population.put_pod("default", "server", {"status": {"phase": "Running", "podIP": SERVER, "podIPs": [{"ip": SERVER}]}})
    population.fixed.add(("default", "server"))
    fleet.create(population)
    return population


def give_balancer(population):
    """What a cloud's controller would write: where a service of type LoadBalancer is to be found."""
    key = ("default", "balanced")
    ingress = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.44"}, {"ip": "2001:db8::44"}, {"hostname": "lb.example.com"}]}}}
    population.services[key] = population.api.merge(population.service_path(*key) + "/status", ingress)


class LabelledPopulation(Population):
    """Services, slices, namespaces carry labels that selectors may ask for; there are pods; both change too."""

    def __init__(self, *args):
        super().__init__(*args)
        self.pods, self.imports, self.import_slices = {}, {}, {}
        self.changes += [(6, self.change_tier), (3, self.change_team), (6, self.change_pod), (3, self.delete_pod), (4, self.create_pod)]

    def labelled(self, document):
        chosen = {key: self.rng.choice(values) for key, values in LABELS.items() if self.rng.random() < 0.7}
        metadata = document["metadata"]
        return {**document, "metadata": {**metadata, "labels": {**metadata.get("labels", {}), **chosen}}}

    def put_namespace(self, name):
        self.api.create("/api/v1/namespaces", self.labelled({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
        self.namespaces.add(name)

    def put_service(self, document):
        return super().put_service(self.labelled(document))

    def put_slice(self, document):
        return super().put_slice(self.labelled(document))

    def fill(self, services):
        super().fill(services)
        for _ in range(PODS):
            self.create_pod()

    # -- changes

    def change_tier(self):
        store, path = self.rng.choice([(self.services, self.service_path), (self.slices, self.slice_path)])
        key = self.pick(store)
        if not key:
            return None
        tier = self.rng.choice([*LABELS["tier"], None])
        store[key] = self.api.merge(path(*key), {"metadata": {"labels": {"tier": tier}}})
        return f"tier of {key[1]}.{key[0]} is now {tier}"

    def change_team(self):
        name = self.rng.choice(self.open_namespaces())
        team = self.rng.choice([*LABELS["team"], None])
        self.api.merge(f"/api/v1/namespaces/{name}", {"metadata": {"labels": {"team": team}}})
        return f"namespace {name} now belongs to {team}"

    def pod_path(self, namespace, name=""):
        return f"/api/v1/namespaces/{namespace}/pods" + (f"/{name}" if name else "")

    def pod_status(self):
        """Of one family or both; now and then the address of another pod, as pods of the host's network have it."""
        number = self.rng.randrange(1, 120)
        both = [f"10.244.{self.rng.randrange(3)}.{number}", f"fd00:10:244::{number:x}"]
        addresses = self.rng.choice([both, both[:1], both[::-1], both[1:], []])
        status = {"phase": self.rng.choice(PHASES), "podIPs": [{"ip": ip} for ip in addresses]}
        return {"status": {**status, **({"podIP": addresses[0]} if addresses else {})}}

    def create_pod(self):
        if len(self.pods) >= 2 * PODS:
            return None
        namespace, name = self.rng.choice(self.open_namespaces()), self.fresh("pod")
        self.put_pod(namespace, name, self.pod_status())
        return f"create pod {name}.{namespace}"

    def put_pod(self, namespace, name, status):
        document = self.labelled({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace, "name": name},
                                  "spec": {"containers": [{"name": "c", "image": "none"}], "nodeName": "node-0"}})
        self.api.create(self.pod_path(namespace), document)
        self.pods[namespace, name] = self.api.merge(self.pod_path(namespace, name) + "/status", status)

    def change_pod(self):
        key = self.pick(self.pods, lambda pod: pod["status"]["phase"] not in ("Succeeded", "Failed"))
        if not key:
            return None
        self.pods[key] = self.api.merge(self.pod_path(*key) + "/status", self.pod_status())
        return f"status of pod {key[1]}.{key[0]}"

    def delete_pod(self):
        key = self.pick(self.pods)
        if not key:
            return None
        self.api.request("DELETE", self.pod_path(*key), {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
        del self.pods[key]
        return f"delete pod {key[1]}.{key[0]}"


# -- objects at the limits


def services(population):
    rng, zone = population.rng, population.zone
    dns = [{**HTTP, "name": "dns", "protocol": "UDP", "port": 53}, {**HTTP, "name": "dns-tcp", "port": 53}]
    yield service("kube-dns", "kube-system", clusterIP=KUBE_DNS, ports=dns)
    yield service("crowd", clusterIP="None", ports=[HTTP, {"name": "admin", "protocol": "TCP", "port": 81}])
    yield service("crowd-behind-one", ports=[HTTP])
    yield service("throng", clusterIP="None")
    yield service("hollow", "hollow", clusterIP="None")
    protocols = (("tcp", "TCP"), ("udp", "UDP"), ("sctp", "SCTP"), ("1-2-3", "TCP"), ("x" * 63, "UDP"))
    yield service("all-protocols", ports=[{"name": name, "protocol": proto, "port": 50 + i // 2} for i, (name, proto) in enumerate(protocols)])
    yield service("node-port", type="NodePort", externalIPs=["192.0.2.33", "2001:db8::33"])
    yield service("balanced", type="LoadBalancer", ipFamilyPolicy="PreferDualStack")
    yield service("unready-too", clusterIP="None", publishNotReadyAddresses=True)
    yield service("only-unready", clusterIP="None")
    yield service("only-six", clusterIP="None", ipFamilies=["IPv6"])
    yield service("no-ports", clusterIP="None", ports=[])
    yield service("looks-like-addresses", clusterIP="None")
    for namespace in FIXED_NAMESPACES:
        if namespace != "hollow":
            for name in ("svc", "pod", "dns", "ns", "a", "x-1-2-3-4", "b--" + "".join(rng.choices(string.ascii_lowercase, k=60))):
                yield service(name, namespace, ports=[HTTP])
    yield external("to-empty", f"only-unready.default.svc.{zone}")
    yield external("to-six", f"only-six.default.svc.{zone}")
    yield external("to-crowd", f"crowd.default.svc.{zone}")
    yield external("to-reverse", "10.0.96.10.in-addr.arpa")
    yield external("to-bare-port", f"_http._tcp.kubernetes.default.svc.{zone}".replace("_", ""))
    yield external("to-far-chain", f"chain-0.default.svc.{zone}")
    yield external("to-long", ".".join(["y" * 60] * 3 + ["example.com"]))
    yield external("to-hidden", f"a.0.svc.{zone}")


def slices(population):
    yield endpoint_slice("kube-dns-1", "kube-dns", [plain(SERVER)], namespace="kube-system",
                         ports=[{"name": "dns", "protocol": "UDP", "port": 53}, {"name": "dns-tcp", "protocol": "TCP", "port": 53}])
    for start in range(0, CROWD, 100):
        numbers = range(start, start + 100)
        ports = [HTTP, {"name": "admin", "protocol": "TCP", "port": 8081}]
        yield endpoint_slice(f"crowd-{start}", "crowd", [plain(f"10.244.{20 + n // 250}.{n % 250 + 1}", hostname=f"crowd-{n}") for n in numbers], ports=ports)
        yield endpoint_slice(f"behind-{start}", "crowd-behind-one", [plain(f"10.244.{20 + n // 250}.{n % 250 + 1}") for n in numbers])
    for start in range(0, THRONG, 100):
        yield endpoint_slice(f"throng-{start}", "throng", [plain(f"10.244.{30 + n // 250}.{n % 250 + 1}", hostname=f"{'t' * 50}-{n}")
                                                           for n in range(start, start + 100)])
    not_ready = {"conditions": {"ready": False, "serving": True, "terminating": True}}
    leaving = {"conditions": {"ready": True, "serving": True, "terminating": True}}
    unknown = {"conditions": {"serving": False}}
    yield endpoint_slice("unready-1", "unready-too", [plain("10.244.40.1", hostname="leaving", **leaving), plain("10.244.40.2", **unknown)])
    yield endpoint_slice("unready-2", "only-unready", [plain("10.244.40.3", **not_ready), plain("10.244.40.4", hostname="gone", **not_ready)])
    yield endpoint_slice("six-1", "only-six", [plain("fd00:10:244:40::1"), plain("fd00:10:244:40::2", hostname="two")], "IPv6")
    yield endpoint_slice("no-ports-1", "no-ports", [plain("10.244.40.5", hostname="bare"), plain("10.244.40.6")], ports=[])
    # Labels that read like other forms of names, and an endpoint that is another service's address.
    names = ["10-244-41-2", "tcp", "svc", "0", "fd00-10-244--1", "h" * 63]
    yield endpoint_slice("looks-1", "looks-like-addresses", [plain(f"10.244.41.{i}", hostname=name) for i, name in enumerate(names, 1)]
                         + [plain("10.244.41.2"), plain(KUBE_DNS), plain("10.96.0.1", hostname="api")])
    # Slices that a service of another kind has: none of its names may come of them.
    yield endpoint_slice("external-1", "to-nobody", [plain("10.244.42.1", hostname="beside")])
    yield endpoint_slice("two-zones-1", "middle", [plain(f"10.244.44.{i}", hostname=f"zoned-{i}", zone=zone)
                                                   for i, zone in enumerate(("zone-a", "zone-b", "Zone-C.Example", ""), 1)])
