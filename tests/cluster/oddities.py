# SPDX-License-Identifier: Apache-2.0
"""Objects that are rare but allowed, created once in the live comparison: big sets, chains of names, FQDN slices, slices
without an owner, and the server's own addresses behind a Service (then the apex NS records name that Service)."""
import ipaddress
import subprocess

from dnsclient import question
from objects import SERVICE_LABEL, SLICES, key_of
from questions import reverse_name

NAMESPACE = "default"
UNOWNED = "10.244.13.2"  # in a slice of no service
HTTP = {"name": "http", "protocol": "TCP", "port": 80}


def service(name, namespace=NAMESPACE, **spec):
    if spec.get("type") != "ExternalName":
        spec.setdefault("ports", [HTTP])
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def external(name, target):
    return service(name, type="ExternalName", externalName=target)


def endpoint_slice(name, owner, endpoints, family="IPv4", namespace=NAMESPACE, ports=(HTTP,)):
    labels = {SERVICE_LABEL: owner} if owner else {}
    return {"apiVersion": SLICES, "kind": "EndpointSlice", "metadata": {"namespace": namespace, "name": name, "labels": labels},
            "addressType": family, "endpoints": endpoints, "ports": list(ports)}


def plain(*addresses, **more):
    return {"addresses": list(addresses), **more}


def of_pod(address, name):
    return plain(address, targetRef={"kind": "Pod", "namespace": NAMESPACE, "name": name})


def own_addresses():
    """The machine's addresses apart from loopback and link-local ones; none on a machine without a network."""
    words = subprocess.run(["hostname", "-I"], stdout=subprocess.PIPE, text=True).stdout.split()
    return [ip for ip in map(ipaddress.ip_address, words) if not ip.is_link_local]


def services(zone, other_zone):
    yield service("big", clusterIP="None")
    yield service("big6", clusterIP="None", ipFamilies=["IPv6"])
    yield service("middle", clusterIP="None")
    yield service("named-by-fqdn", clusterIP="None")
    yield service("several", clusterIP="None")
    yield service("a" * 63, clusterIP="None")
    yield service("static", clusterIP="None")
    yield service("many-ports", ports=[{"name": f"p{i}", "protocol": "TCP", "port": 1000 + i} for i in range(30)])
    yield service("udp-and-tcp", clusterIP="None", ports=[{"name": "dns", "protocol": "UDP", "port": 53},
                                                          {"name": "dns-tcp", "protocol": "TCP", "port": 53}])
    yield external("to-address", "192.0.2.7")
    yield external("to-itself", f"to-itself.default.svc.{zone}")
    yield external("loop-1", f"loop-2.default.svc.{zone}")
    yield external("loop-2", f"loop-1.default.svc.{zone}")
    yield external("to-headless", f"middle.default.svc.{zone}")
    yield external("to-pod", f"10-244-0-9.default.pod.{zone}")
    yield external("to-apex", zone)
    yield external("to-namespace", f"default.svc.{zone}")
    yield external("to-version", f"dns-version.{zone}")
    yield external("to-ns", f"ns.dns.{zone}")
    yield external("to-endpoint", f"web-0.middle.default.svc.{zone}")
    yield external("to-port", f"http.tcp.middle.default.svc.{zone}")
    yield external("with-dot", f"kubernetes.default.svc.{zone}.")
    yield external("to-other-zone", f"kubernetes.default.svc.{other_zone}")
    yield external("to-other-headless", f"middle.default.svc.{other_zone}")
    yield external("to-nobody", "www.example.com")
    yield from (external(f"chain-{i}", f"chain-{i + 1}.default.svc.{zone}") for i in range(12))
    yield external("chain-12", f"kubernetes.default.svc.{zone}")


def slices():
    yield endpoint_slice("big-1", "big", [plain(f"10.244.9.{i}") for i in range(1, 101)])
    yield endpoint_slice("big-2", "big", [plain(f"10.244.10.{i}") for i in range(1, 101)])
    yield endpoint_slice("big6-1", "big6", [plain(f"fd00:10:244:9::{i:x}") for i in range(1, 60)], "IPv6")
    yield endpoint_slice("middle-1", "middle", [plain(f"10.244.11.{i}", hostname=f"web-{i % 4}") for i in range(1, 14)])
    yield endpoint_slice("fqdn-1", "named-by-fqdn", [plain("host.example.com"), plain("other.example.com", hostname="other")], "FQDN")
    yield endpoint_slice("several-1", "several", [plain("10.244.12.1", "10.244.12.2", hostname="pair"), plain("10.244.12.3", "10.244.12.4")])
    yield endpoint_slice("orphan-1", "nobody", [plain("10.244.13.1", hostname="lost")])
    yield endpoint_slice("unlabelled-1", "", [plain(UNOWNED, hostname="found")])
    yield endpoint_slice("long-1", "a" * 63, [plain("10.244.13.3", hostname="b" * 63)])
    yield endpoint_slice("static-1", "static", [of_pod("10.244.13.6", "static-node1.example.org"), of_pod("10.244.13.7", "plain")])
    yield endpoint_slice("udp-and-tcp-1", "udp-and-tcp", [plain("10.244.13.4", hostname="one"), plain("10.244.13.5")],
                         ports=[{"name": "dns", "protocol": "UDP", "port": 5353}, {"name": "dns-tcp", "protocol": "TCP", "port": 5353}])


def create(population):
    for one in services(population.zone, population.other_zone):
        population.fixed.add(key_of(population.put_service(one)))
    for one in slices():
        population.fixed.add(key_of(population.put_slice(one)))


def silent_questions():
    """CoreDNS cannot encode the name that it makes of these, and stays silent; asked once only, since that takes seconds."""
    return [question(reverse_name(UNOWNED), "PTR", proto) for proto in ("udp", "tcp")]


def own_service_steps(population):
    """Steps [(label, act)]: the server's addresses appear behind a ClusterIP service, behind a headless one, and go again."""
    own = own_addresses()
    families = sorted({f"IPv{ip.version}" for ip in own})

    def put(name, **spec):
        population.put_service(service(name, "kube-system", **spec))
        for family in families:
            endpoints = [plain(str(ip), hostname=f"ns-{i}") for i, ip in enumerate(own) if f"IPv{ip.version}" == family]
            population.put_slice(endpoint_slice(f"{name}-{family.lower()}", name, endpoints, family, "kube-system"))

    def drop(name):
        population.api.delete(population.service_path("kube-system", name))
        del population.services["kube-system", name]
        for key in population.slices_of(("kube-system", name)):
            population.api.delete(population.slice_path(*key))
            del population.slices[key]

    return [("kube-dns owns the server's addresses", lambda: put("kube-dns", ipFamilyPolicy="PreferDualStack")),
            ("a headless service owns them too", lambda: put("dns-headless", clusterIP="None")),
            ("kube-dns is gone", lambda: drop("kube-dns")),
            ("nobody owns them", lambda: drop("dns-headless"))]
