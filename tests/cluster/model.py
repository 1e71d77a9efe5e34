# SPDX-License-Identifier: Apache-2.0
"""What the names of a population must be: the Kubernetes DNS specification 1.1.0 with CoreDNS's choices, in plain words.

Knows A, AAAA, SRV and PTR. Independent of both servers; tested against CoreDNS by running model_test.py with it."""
import ipaddress
import socket
import struct
from collections import defaultdict, namedtuple

from objects import SERVICE_LABEL, is_external, is_headless
from questions import addresses, endpoint_label
from wire import TYPES, Record, encode_name

NOERROR, NXDOMAIN, REFUSED = 0, 3, 5
MAX_CHAIN = 8  # CNAMEs; the generated chains are far shorter

# One `kubernetes` block. `reverse`: it also serves in-addr.arpa and ip6.arpa. `pods`: insecure or disabled.
Zone = namedtuple("Zone", "name ttl pods pod_names reverse")
Expected = namedtuple("Expected", "rcode answer additional")
# One address behind a name: `target` is the name that an SRV record points to.
Row = namedtuple("Row", "target address port")


class NotModelled(Exception):
    pass


def address_record(owner, address, ttl):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    rtype = TYPES["AAAA" if ":" in address else "A"]
    return Record(encode_name(owner), rtype, 1, ttl, socket.inet_pton(family, address))


def ready(one):
    return (one.get("conditions") or {}).get("ready") is not False


class Model:
    """A picture of `population` at the time of construction. Without `departures` as CoreDNS has it."""

    def __init__(self, population, zones, departures=True):
        self.departures = departures
        self.zones = sorted(zones, key=lambda zone: -len(zone.name))  # the longest that fits is asked
        self.services, self.namespaces = dict(population.services), set(population.namespaces)
        self.slices = defaultdict(list)   # (namespace, service) -> slices
        self.cluster_ips = {}             # address -> (namespace, service)
        self.endpoint_ips = defaultdict(list)  # address -> (namespace, service, endpoint)
        for (namespace, _), one in population.slices.items():
            owner = one["metadata"].get("labels", {}).get(SERVICE_LABEL)
            self.slices[namespace, owner].append(one)
            for ep in filter(ready, one.get("endpoints") or []):
                for ip in ep["addresses"]:
                    self.endpoint_ips[ip].append((namespace, owner, ep))
        for key, document in self.services.items():
            for ip in addresses(document):
                self.cluster_ips[ip] = key

    def expected(self, name, qtype):
        """What the answer must be; None where the model does not know."""
        try:
            return self.look_up(name, qtype)
        except NotModelled:
            return None

    def look_up(self, name, qtype):
        if name.endswith((".in-addr.arpa", ".ip6.arpa")):
            return self.pointer(name, qtype)
        for zone in self.zones:
            if name.endswith("." + zone.name):
                return self.name(zone, name[:-len(zone.name) - 1].split("."), name, qtype, 0)
        return Expected(REFUSED, (), ())

    def pointer(self, name, qtype):
        zone = next(z for z in self.zones if z.reverse)
        labels = name.split(".")
        if labels[-2] == "in-addr":
            ip = ".".join(reversed(labels[:-2]))
        else:
            ip = str(ipaddress.IPv6Address(int("".join(reversed(labels[:-2])), 16)))
        if ip in self.cluster_ips:
            namespace, service = self.cluster_ips[ip]
            targets = {f"{service}.{namespace}.svc.{zone.name}"}
        else:
            targets = {f"{endpoint_label(ep, zone.pod_names, ip)}.{owner}.{namespace}.svc.{zone.name}"
                       for namespace, owner, ep in self.endpoint_ips.get(ip, ())}
        if not targets or qtype != "PTR":
            return Expected(NXDOMAIN, (), ())
        return Expected(NOERROR, tuple(Record(encode_name(name), 12, 1, zone.ttl, encode_name(t)) for t in targets), ())

    def name(self, zone, labels, name, qtype, depth):
        """`labels`: what stands before the zone."""
        kind, *rest = reversed(labels)
        if kind == "dns" and not rest and self.departures:
            return Expected(NOERROR, (), ())
        if kind not in ("svc", "pod"):
            return Expected(NXDOMAIN, (), ())
        if not rest:
            return Expected(NOERROR, (), ())
        namespace, *rest = rest
        if namespace not in self.namespaces or kind == "pod" and zone.pods == "disabled":
            return Expected(NXDOMAIN, (), ())
        if not rest:
            return Expected(NOERROR, (), ())
        if kind == "pod":
            return self.pod(zone, rest[0], name, qtype)
        return self.service(zone, namespace, rest[0], rest[1:], name, qtype, depth)

    def pod(self, zone, label, name, qtype):
        dotted = label.count("-") == 3 and "--" not in label
        try:
            ip = str(ipaddress.ip_address(label.replace("-", "." if dotted else ":")))
        except ValueError:
            return Expected(NXDOMAIN, (), ())
        wanted = qtype == ("AAAA" if ":" in ip else "A")
        return Expected(NOERROR, (address_record(name, ip, zone.ttl),) if wanted else (), ())

    def service(self, zone, namespace, service, front, name, qtype, depth):
        """`front`: the labels before the service, the nearest first."""
        document = self.services.get((namespace, service))
        if document is None or len(front) > 2:
            return Expected(NXDOMAIN, (), ())
        if is_external(document):
            return Expected(NXDOMAIN, (), ()) if front else self.external(zone, document, name, qtype, depth)
        own_name = f"{service}.{namespace}.svc.{zone.name}"
        if self.departures and len(front) == 1 and self.above_ports(document, namespace, service, front[0]):
            if not self.endpoint_rows(zone, namespace, service, front, own_name):
                return Expected(NOERROR, (), ())
        if is_headless(document) or len(front) == 1:
            rows = self.endpoint_rows(zone, namespace, service, front, own_name)
        else:
            rows = [Row(own_name, ip, port["port"]) for port in document["spec"].get("ports", [])
                    if port_matches(front, port) for ip in addresses(document)]
        return answer(rows, zone.ttl, name, qtype)

    def above_ports(self, document, namespace, service, label):
        """Ports that are asked for with this label before the service exist: the name above them does, too."""
        lists = [document["spec"].get("ports") or []]
        if is_headless(document):
            lists = [one.get("ports") or [] for one in self.slices.get((namespace, service), ()) if any(map(ready, one.get("endpoints") or []))]
        return any(port_matches([label, ""], port) for ports in lists for port in ports)

    def endpoint_rows(self, zone, namespace, service, front, own_name):
        rows = []
        for one in self.slices.get((namespace, service), ()):
            for ep in filter(ready, one.get("endpoints") or []):
                named = [(ip, endpoint_label(ep, zone.pod_names, ip)) for ip in ep["addresses"]]
                for port in one.get("ports") or [{}]:
                    if len(front) == 2 and not port_matches(front, port):
                        continue
                    rows += [Row(f"{label}.{own_name}", ip, port.get("port")) for ip, label in named
                             if len(front) != 1 or front[0] == label.lower()]
        return rows

    def external(self, zone, document, name, qtype, depth):
        target = document["spec"]["externalName"].rstrip(".")
        if qtype not in ("A", "AAAA") or target == name or depth >= MAX_CHAIN:
            return Expected(NOERROR, (), ())
        alias = Record(encode_name(name), TYPES["CNAME"], 1, zone.ttl, encode_name(target))
        if target.endswith("." + zone.name):
            found = self.name(zone, target[:-len(zone.name) - 1].split("."), target, qtype, depth + 1).answer
            # A chain that comes back, or leads to nothing, leaves no trace.
            return Expected(NOERROR, (alias,) + found if found and alias not in found else (), ())
        if any(target.endswith("." + other.name) for other in self.zones):
            raise NotModelled  # another block answers a part of it; the live comparison has these
        return Expected(NOERROR, (alias,), ())


def port_matches(front, port):
    if not front:
        return True
    strip = lambda label: label[1:] if label.startswith("_") else label
    proto, name = strip(front[0]), strip(front[1])
    return (name == "" or name == port.get("name", "")) and (proto == "" or proto == port.get("protocol", "TCP").lower())


def answer(rows, ttl, name, qtype):
    if not rows:
        return Expected(NXDOMAIN, (), ())
    if qtype in ("A", "AAAA"):
        records = {address_record(name, row.address, ttl) for row in rows if (":" in row.address) == (qtype == "AAAA")}
        return Expected(NOERROR, tuple(records), ())
    if qtype != "SRV":
        return Expected(NOERROR, (), ())
    weight = max(1, 100 // len(rows))
    numbered = [row for row in rows if row.port is not None]
    owner = encode_name(name)
    answers = {Record(owner, 33, 1, ttl, struct.pack("!HHH", 0, weight, row.port) + encode_name(row.target)) for row in numbered}
    glue = {address_record(row.target, row.address, ttl) for row in numbered}
    return Expected(NOERROR, tuple(answers), tuple(glue))


def mismatch(expected, message):
    """What an answer has wrong, as a list of words; an empty list if it is right."""
    if message is None:
        return ["silent"]
    wrong = [] if message.rcode == expected.rcode else ["rcode"]
    if sorted(message.answer) != sorted(expected.answer):
        wrong.append("answer")
    if sorted(message.additional) != sorted(expected.additional):
        wrong.append("additional")
    if message.rcode != REFUSED:
        if not message.flags & 0x0400:
            wrong.append("aa")
        negative = not expected.answer
        if [record.type for record in message.authority] != ([TYPES["SOA"]] if negative else []):
            wrong.append("authority")
    return wrong
