# SPDX-License-Identifier: Apache-2.0
"""The questions that a population gives rise to: every object by every name it has, and names that nobody has."""
import ipaddress
import random

from dnsclient import question
from objects import SERVICE_LABEL, is_external

TYPES = ["A", "AAAA", "SRV", "PTR", "TXT", "NS", "SOA", "MX", "ANY", "HTTPS", "CNAME"]
FEW = ["A", "AAAA", "SRV", "TXT"]
GONE_KEPT = 20  # deleted services that are still asked for


def endpoint_label(one, pod_names, address=None):
    """The label of an endpoint's address, default the first, as CoreDNS makes it: hostname, else the pod's name if wanted and
    short, else the address."""
    if one.get("hostname"):
        return one["hostname"]
    pod = (one.get("targetRef") or {}).get("name", "")
    if pod_names and 0 < len(pod) < 64:
        return pod
    label = (address or one["addresses"][0]).replace(".", "-").replace(":", "-")
    return label + "0" if label.endswith("-") else label


def reverse_name(address):
    return ipaddress.ip_address(address).reverse_pointer


def addresses(service_document):
    spec = service_document["spec"]
    listed = spec.get("clusterIPs") or [spec.get("clusterIP", "")]
    return [ip for ip in listed if ip not in ("", "None")]


def service_names(population, zone, pod_names):
    """(name, types) for all services and endpoints of one zone."""
    for (namespace, name), document in population.services.items():
        full = f"{name}.{namespace}.svc.{zone}"
        yield full, TYPES
        for port in document["spec"].get("ports") or [{"protocol": "TCP"}]:
            label, proto = port.get("name") or "nameless", port["protocol"].lower()
            yield f"_{label}._{proto}.{full}", FEW
        yield f"http.tcp.{full}", ["SRV", "A"]     # CoreDNS needs no underscores
        yield f"_nosuch._tcp.{full}", ["SRV"]
        yield f"_tcp.{full}", ["SRV", "A"]
        yield f"nosuch-endpoint.{full}", ["A"]
        yield f"a.b.c.{full}", ["A"]
    for (namespace, _), one in population.slices.items():
        owner = one["metadata"].get("labels", {}).get(SERVICE_LABEL)
        for ep in one.get("endpoints") or []:
            yield f"{endpoint_label(ep, pod_names)}.{owner}.{namespace}.svc.{zone}", ["A", "AAAA", "SRV", "TXT", "MX", "ANY"]
    for namespace, name in population.gone[-GONE_KEPT:]:
        yield f"{name}.{namespace}.svc.{zone}", FEW


def reverse_names(population):
    for document in population.services.values():
        for ip in addresses(document):
            yield reverse_name(ip), ["PTR", "A"]
    for one in population.slices.values():
        if one["addressType"] == "FQDN" or not one["metadata"].get("labels", {}).get(SERVICE_LABEL):
            continue
        for ep in one.get("endpoints") or []:
            for ip in ep["addresses"]:
                yield reverse_name(ip), ["PTR"]


def fixed_names(population, zone):
    """The apex, the parts above the services, and names that never exist."""
    yield zone, TYPES
    for name in ("svc", "pod", "dns", "ns.dns", "dns-version", "nosuch", "a.nosuch", "svc.svc"):
        yield f"{name}.{zone}", TYPES
    for namespace in sorted(population.namespaces) + ["nosuch", "gamma", "delta"]:
        yield f"{namespace}.svc.{zone}", TYPES
        yield f"{namespace}.pod.{zone}", FEW + ["SOA"]
        yield f"nosuch.{namespace}.svc.{zone}", TYPES
        for pod in ("10-244-0-1", "fd00-10-244--1", "1-2-3", "1-2-3-4-5", "256-1-1-1", "no-address", "x.10-244-0-1"):
            yield f"{pod}.{namespace}.pod.{zone}", ["A", "AAAA", "SRV"]
    yield f"*.default.svc.{zone}", ["A"]
    yield f"any.default.svc.{zone}", ["A"]
    yield f"{'x' * 63}.default.svc.{zone}", ["A"]


def fixed_reverse_names():
    yield from ((name, TYPES) for name in ("in-addr.arpa", "ip6.arpa", "96.10.in-addr.arpa", "1.1.1.1.in-addr.arpa",
                                           "x.10.in-addr.arpa", "0.0.d.f.ip6.arpa", reverse_name("fd00::1")))


def elsewhere():
    yield from ((name, ["A", "NS", "SOA"]) for name in ("www.example.com", "com", ".", "local", "xcluster.local"))


def flip_case(name, rng):
    return "".join(c.upper() if rng.random() < 0.5 and c.isascii() else c for c in name)


def dress(name, qtype):
    """How this question travels: decided by the question itself, so it is the same in every round."""
    rng = random.Random(f"{name} {qtype}")
    edns, do = rng.choice([(None, False), (None, False), (512, False), (1232, False), (1232, True), (4096, False)])
    if rng.random() < 0.15:
        name = flip_case(name, rng)
    return question(name, qtype, "tcp" if rng.random() < 0.2 else "udp", edns, do)


class Questions:
    """The questions for a population and zones, given as (zone, pod_names); encoded once, kept over rounds."""

    def __init__(self, population, zones, reverse):
        self.population, self.zones, self.reverse = population, zones, reverse
        self.known = {}

    def current(self):
        pairs = list(elsewhere())
        for zone, pod_names in self.zones:
            pairs += fixed_names(self.population, zone)
            pairs += service_names(self.population, zone, pod_names)
        if self.reverse:
            pairs += fixed_reverse_names()
            pairs += reverse_names(self.population)
        wanted = dict.fromkeys((name, qtype) for name, types in pairs for qtype in types)
        for pair in wanted:
            if pair not in self.known:
                self.known[pair] = dress(*pair)
        return [self.known[pair] for pair in wanted]
