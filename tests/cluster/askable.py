# SPDX-License-Identifier: Apache-2.0
"""What to ask about one listening place of a configuration: the names of questions.py and those at the limits of the grammar,
every type, and packets of every kind that clients send."""
import ipaddress
import random

from dnsclient import question
from fleet import CLUSTER_LABEL, SERVICE_LABEL as IMPORT_LABEL
from objects import key_of
from questions import (FEW, TYPES, addresses, elsewhere, endpoint_label, fixed_names, fixed_reverse_names, flip_case, reverse_name,
                       reverse_names, service_names)
from wire import DECIMAL, encode_name

MORE_TYPES = ["SVCB", "DS", "DNSKEY", "NSEC", "CAA", "NAPTR", "TLSA", "LOC", "HINFO", "DNAME", "SPF", "NULL", "TYPE65280", "TYPE65535"]
EVERY_TYPE = TYPES + MORE_TYPES
ADDRESSES = ["A", "AAAA"]
SOME_SERVICES = 12  # services that are asked for every type, and whose names are spelled in odd ways
SIZES = [0, 512, 600, 1231, 1232, 1232, 1232, 1233, 1400, 4096, 65535]
# Octets that a label may have and no object's name does; `.` and `\\` among them.
ODD_OCTETS = ["\\000", "\\032", "\\034", "\\046", "\\092", "\\127", "\\255", "\\195\\188", "*", "_", "-", "@", "\\009", "%", "$"]
NAME_OCTETS, LABEL_OCTETS = 255, 63


def odd_names(zone, services):
    """Odd octets in each place of a name, beside names that exist."""
    for octet in ODD_OCTETS:
        yield f"{octet}.{zone}", ["A", "TXT"]
        yield f"{octet}.svc.{zone}", ["A", "ANY"]
        yield f"{octet}.default.svc.{zone}", ["A", "SRV"]
        yield f"{octet}.default.pod.{zone}", ["A"]
        yield f"kubernetes{octet}default.svc.{zone}", ["A"]
        yield f"{octet}.kubernetes.default.svc.{zone}", ["A"]
        yield f"{octet}._tcp.kubernetes.default.svc.{zone}", ["SRV"]
        yield f"_https.{octet}.kubernetes.default.svc.{zone}", ["SRV", "A"]
    for namespace, name in services:
        full = f"{name}.{namespace}.svc.{zone}"
        yield f"{name}\\000.{namespace}.svc.{zone}", ["A"]
        yield f"_.{full}", ADDRESSES
        yield f"_._.{full}", ["SRV", "A"]
        yield f"_._tcp.{full}", ["SRV", "A"]
        yield f"__http.__tcp.{full}", ["SRV"]
        for protocol in ("tcp", "udp", "sctp"):
            yield f"_{protocol}.{full}", EVERY_TYPE[:6]
            yield f"{protocol}.{full}", ["A"]
        yield f"x._http._tcp.{full}", ["SRV", "A"]
        yield f"{name}.{namespace}.{zone}", ADDRESSES
        yield f"{name}.{zone}", ADDRESSES
        yield f"{full}.{full}", ["A"]


def long_names(zone):
    """Names of 253, 254 and 255 octets, with labels of 63 and of one, under each kind of parent."""
    for parent in (zone, f"svc.{zone}", f"default.svc.{zone}", f"kubernetes.default.svc.{zone}", f"default.pod.{zone}"):
        for octets in (NAME_OCTETS, NAME_OCTETS - 1, NAME_OCTETS - 2):
            for label in (LABEL_OCTETS, 1):
                yield padded(parent, octets, label), ["A", "SRV"]
    yield f"{'s' * 63}.{'n' * 63}.svc.{zone}", ADDRESSES
    yield f"{'p' * 63}.{'q' * 63}.kubernetes.default.svc.{zone}", ["SRV"]


def padded(parent, octets, label):
    """`parent` with labels of `label` octets before it, `octets` in all as a wire name; one label may be one longer or shorter."""
    left, front = octets - len(parent) - 2, []
    while left > 1:
        size = min(label, left - 1)
        if left - 1 - size == 1:  # a label needs two
            size += 1 if size == 1 else -1
        front.append("l" * size)
        left -= size + 1
    return ".".join(front + [parent])


def fits(name):
    """A name that a packet can hold; others are of the wire tests."""
    return len(encode_name(name)) <= NAME_OCTETS and all(len(DECIMAL.sub(".", label)) <= LABEL_OCTETS for label in name.split("."))


def partial_reverse_names(known):
    """Parts of reverse names, and names with more before them than an address has."""
    for address in known:
        labels = reverse_name(address).split(".")
        whole = len(labels) - 2
        for cut in (1, 2, 3) if whole == 4 else (1, 2, 4, 8, 16, 20, 24, 31):
            yield ".".join(labels[cut:]), ["PTR", "SOA", "NS", "A"]
        yield ".".join(labels), EVERY_TYPE
        for more in ("0", "x.0", "1.2.3", "1.2.3.4"):
            yield f"{more}.{'.'.join(labels)}", ["PTR", "A"]
        yield ".".join(["0" + labels[0]] + labels[1:]), ["PTR"]


def pod_names(population, zone):
    for (namespace, _), pod in population.pods.items():
        for one in pod.get("status", {}).get("podIPs") or []:
            dashed = one["ip"].replace(".", "-").replace(":", "-")
            yield f"{dashed}.{namespace}.pod.{zone}", ADDRESSES + ["TXT"]
            yield f"{dashed}.gamma.pod.{zone}", ADDRESSES
            yield reverse_name(one["ip"]), ["PTR"]
            if ":" in one["ip"]:
                yield f"{ipaddress.ip_address(one['ip']).exploded.replace(':', '-')}.{namespace}.pod.{zone}", ["AAAA"]
    for namespace in sorted(population.namespaces):
        yield f"10-244-0-1.{namespace}.pod.{zone}", EVERY_TYPE
        for odd in ("0-0-0-0", "255-255-255-255", "1-2-3-04", "1--2", "--1", "1--", "2001-db8--1-2-3-4", "1-2-3-4-5-6-7-8", "fe80--1-eth0", "--ffff-1-2-3-4", "--ffff-102-304", "FD00--A"):
            yield f"{odd}.{namespace}.pod.{zone}", ADDRESSES


def zonal_names(population, zone, services):
    for namespace, name in services:
        for place in ("zone-a", "zone-b", "nosuch", "zone-c.example", ""):
            for word in ("pin", "prefer", "other"):
                front = f"{place}.{word}._zone." if place else f"{word}._zone."
                yield f"{front}{name}.{namespace}.svc.{zone}", ["A", "AAAA", "SRV", "TXT"]
        yield f"_zone.{name}.{namespace}.svc.{zone}", ["A", "SRV"]


def import_names(population, zone):
    for namespace, name in population.imports:
        full = f"{name}.{namespace}.svc.{zone}"
        yield full, EVERY_TYPE
        for front in ("_http._tcp", "http.tcp", "_dns._udp", "cluster-1", "_tcp", "far-1", "a.b.c"):
            yield f"{front}.{full}", ["A", "AAAA", "SRV", "TXT"]
    for (namespace, _), one in population.import_slices.items():
        labels = one["metadata"]["labels"]
        for ep in one.get("endpoints") or []:
            for front in (f"{endpoint_label(ep, False)}.{labels[CLUSTER_LABEL]}", endpoint_label(ep, False)):
                yield f"{front}.{labels[IMPORT_LABEL]}.{namespace}.svc.{zone}", ["A", "AAAA", "SRV"]
            yield reverse_name(ep["addresses"][0]), ["PTR"]


def outer_names(population, zone):
    """Names that `k8s_external` serves."""
    yield zone, EVERY_TYPE
    for front in ("dns", "ns1.dns", "ns1.nosuch", "nosuch", "svc", "default.svc"):
        yield f"{front}.{zone}", TYPES
    for namespace in sorted(population.namespaces):
        yield f"{namespace}.{zone}", TYPES
    for (namespace, name), document in population.services.items():
        full = f"{name}.{namespace}.{zone}"
        yield full, TYPES
        for port in document["spec"].get("ports") or [{"protocol": "TCP"}]:
            yield f"_{port.get('name') or 'nameless'}._{port['protocol'].lower()}.{full}", FEW
        yield f"web-0.{full}", FEW
        for ip in document["spec"].get("externalIPs") or []:
            yield reverse_name(ip), ["PTR", "A"]


def searched_names(zone, services):
    """What a pod of `default` asks along its search path, which `autopath` answers at once."""
    for namespace, name in services:
        for name in (f"{name}.{namespace}", f"{name}.{namespace}.svc", f"{name}.{namespace}.svc.{zone}", name):
            yield f"{name}.default.svc.{zone}", ADDRESSES + ["TXT"]
    for name in ("www.example.com", "nosuch.example.org", "example.net", "www"):
        yield f"{name}.default.svc.{zone}", ADDRESSES


def host_names(hosts):
    """Names and addresses in the lines of `hosts`, and what is beside them."""
    for address, *names in hosts.options:
        if names and address[0].isdigit():
            yield reverse_name(address), ["PTR", "A"]
            for name in names:
                yield name, EVERY_TYPE[:8]
                yield f"x.{name}", ADDRESSES


class Askable:
    """The questions for `stanzas`, encoded once and kept over changes of the population. Of more than `most` some are drawn by lot."""

    def __init__(self, population, stanzas, seed, most):
        self.population, self.stanzas, self.rng, self.most = population, stanzas, random.Random(seed), most
        everything = sorted(key_of(document) for document in population.services.values())
        self.thorough = self.rng.sample(everything, SOME_SERVICES) + [("default", "kubernetes"), ("default", "middle"), ("default", "all-protocols")]
        self.known, self.share = {}, None

    def pairs(self):
        yield from elsewhere()
        for stanza in self.stanzas:
            for zone in stanza.forward_zones():
                yield from self.names_in(stanza, zone)
            yield from self.reverse_names_in(stanza)
            for outer in stanza.block.named("k8s_external"):
                for zone in outer.words:
                    yield from outer_names(self.population, zone)

            for hosts in stanza.block.named("hosts"):
                yield from host_names(hosts)

    def names_in(self, stanza, zone):
        population = self.population
        yield from fixed_names(population, zone)
        yield zone, EVERY_TYPE + ["AXFR", "IXFR"]
        yield f"ns.dns.{zone}", EVERY_TYPE
        for namespace, name in self.thorough:
            yield f"{name}.{namespace}.svc.{zone}", EVERY_TYPE
        yield from service_names(population, zone, stanza.has("endpoint_pod_names"))
        yield from odd_names(zone, self.thorough)
        yield from long_names(zone)
        yield from pod_names(population, zone)
        if stanza.block.has("autopath"):
            yield from searched_names(zone, self.thorough)
        if stanza.has("zonal"):
            yield from zonal_names(population, zone, self.thorough)
        if stanza.has("multicluster"):
            yield from import_names(population, zone)

    def reverse_names_in(self, stanza):
        yield from fixed_reverse_names()
        yield from reverse_names(self.population)
        some = [ip for key in self.thorough for ip in addresses(self.population.services.get(key) or {"spec": {}})]
        yield from partial_reverse_names(some + ["10.244.11.1", "10.244.0.1", "fd00:10:244:9::1", "192.0.2.1", "::1"])

    def current(self):
        pairs = dict.fromkeys((name, qtype) for name, types in self.pairs() if fits(name) for qtype in types)
        if self.share is None:
            self.share = self.most / len(pairs)
        for pair in pairs:
            if pair not in self.known:
                self.known[pair] = self.dress(*pair) if self.rng.random() < self.share else None
        return [self.known[pair] for pair in pairs if self.known[pair]]

    def dress(self, name, qtype):
        """How this question travels."""
        rng = self.rng
        edns = None if rng.random() < 0.35 else rng.choice(SIZES)
        flags = tuple(flag for flag, chance in (("rd", 0.85), ("ad", 0.15), ("cd", 0.15)) if rng.random() < chance)
        qclass = "IN" if rng.random() < 0.98 else rng.choice(["CH", "HS", "ANY", "NONE", "CLASS4711"])
        if rng.random() < 0.15:
            name = flip_case(name, rng)
        return question(name, qtype, "tcp" if rng.random() < 0.2 else "udp", edns, edns is not None and rng.random() < 0.3, flags, qclass)
