#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`k8s_external` and `autopath`, one Corefile after another: CoreDNS and Troupe on one unchanging cluster.

Environment: TROUPE (binary), TROUPE_EXTERNAL (a word: only the Corefiles whose label has it)."""
import os

from cluster import Cluster
from comparison import Comparison
from departures import Departures
from dnsclient import question
from harness import main
from secondary import Secondary
from servers import start_coredns, start_troupe
from wire import name_text, type_name
from zones import TransferDepartures, transfer, unexplained

ZONE = "ext.test"
TYPES = ["A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "MX", "NS", "SOA", "ANY", "HTTPS"]
PORTS = [{"name": "http", "protocol": "TCP", "port": 80}, {"name": "dns", "protocol": "UDP", "port": 53}]

# name -> (spec, load balancer's ingress)
SERVICES = {
    "one": ({"ports": PORTS[:1], "externalIPs": ["203.0.113.1"]}, []),
    "two": ({"ports": PORTS, "externalIPs": ["203.0.113.2", "203.0.113.3", "2001:db8::2"]}, []),
    "shared": ({"ports": PORTS, "externalIPs": ["203.0.113.1"]}, []),
    "balanced": ({"type": "LoadBalancer", "ports": PORTS}, [{"ip": "203.0.113.9"}, {"ip": "2001:db8::9"}]),
    "both": ({"type": "LoadBalancer", "ports": PORTS[:1], "externalIPs": ["203.0.113.10"]}, [{"ip": "203.0.113.11"}]),
    "again": ({"type": "LoadBalancer", "ports": PORTS[:1], "externalIPs": ["203.0.113.12"]}, [{"ip": "203.0.113.12"}]),
    "named": ({"type": "LoadBalancer", "ports": PORTS[:1]}, [{"hostname": "inner.north.svc.cluster.local"}]),
    "names": ({"type": "LoadBalancer", "ports": PORTS}, [{"hostname": "inner.north.svc.cluster.local"}, {"hostname": "absent.example.net"}]),
    "mixed": ({"type": "LoadBalancer", "ports": PORTS[:1], "externalIPs": ["203.0.113.13"]}, [{"hostname": "inner.north.svc.cluster.local"}]),
    "inner": ({"ports": PORTS}, []),
    "peers": ({"ports": PORTS, "clusterIP": "None"}, []),
    "bare": ({"clusterIP": "None"}, []),
    "alias": ({"type": "ExternalName", "externalName": "inner.north.svc.cluster.local"}, []),
}
NAMESPACES = ["north", "south"]
ENDPOINTS = {
    "peers": [{"addresses": ["10.244.0.1"], "hostname": "peer-0"}, {"addresses": ["10.244.0.2"]},
              {"addresses": ["10.244.0.3"], "targetRef": {"kind": "Pod", "name": "peer-pod", "namespace": "north"}}],
    "bare": [{"addresses": ["10.244.0.4"]}],
    "inner": [{"addresses": ["10.244.0.5"], "hostname": "in-0"}],
}

# (label, lines of the block beside `kubernetes`, options of `kubernetes`)
CASES = [
    ("defaults", f"k8s_external {ZONE}", []),
    ("headless", f"k8s_external {ZONE} {{\n headless\n}}", []),
    ("ttl and apex", f"k8s_external {ZONE} {{\n ttl 77\n apex Top\n headless\n}}", ["ttl 11"]),
    ("apex of two labels", f"k8s_external {ZONE} {{\n apex the.apex\n}}", []),
    ("ttl 0", f"k8s_external {ZONE} {{\n ttl 0\n}}", ["ttl 0"]),
    ("reverse zones", f"k8s_external {ZONE} in-addr.arpa ip6.arpa {{\n fallthrough in-addr.arpa\n}}", []),
    ("fallthrough of everything", f"k8s_external {ZONE} {{\n fallthrough\n headless\n}}", []),
    ("namespaces", f"k8s_external {ZONE} in-addr.arpa {{\n headless\n}}", ["namespaces south"]),
    ("pod names", f"k8s_external {ZONE} {{\n headless\n}}", ["endpoint_pod_names"]),
    ("noendpoints", f"k8s_external {ZONE} {{\n headless\n}}", ["noendpoints"]),
    ("below the cluster's zone", f"k8s_external out.cluster.local {ZONE}", []),
    ("behind a cache", f"k8s_external {ZONE}\ncache 30", []),
    ("transfer", f"k8s_external {ZONE} in-addr.arpa {{\n headless\n}}\ntransfer {{\n to * {{secondary}}\n}}", []),
    ("autopath", "autopath {search}", []),
    ("autopath of one zone", "autopath svc.cluster.local {search}\ncache 30", []),
]


def corefile(kubeconfig, lines, options):
    inside = "".join(f"        {option}\n" for option in options)
    return (f".:{{$DNS_PORT}} {{\n    errors\n    ready 127.0.0.1:{{$READY_PORT}}\n    {lines}\n"
            f"    kubernetes cluster.local {{\n        kubeconfig {kubeconfig}\n{inside}    }}\n    loadbalance\n}}\n")


def create(api):
    for namespace in NAMESPACES:
        api.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    path = "/api/v1/namespaces/{}/services"
    for number, namespace in enumerate(NAMESPACES):
        for name, (spec, ingress) in SERVICES.items():
            if number and name not in ("one", "peers", "balanced"):
                continue
            whole = {"ipFamilyPolicy": "PreferDualStack", **spec} if spec.get("type") != "ExternalName" else spec
            api.create(path.format(namespace), {"metadata": {"name": name}, "spec": whole})
            if ingress:
                api.merge(path.format(namespace) + f"/{name}/status", {"status": {"loadBalancer": {"ingress": ingress}}})
            if name in ENDPOINTS:
                api.create(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices", {
                    "metadata": {"name": name + "-1", "labels": {"kubernetes.io/service-name": name}}, "addressType": "IPv4",
                    "endpoints": ENDPOINTS[name], "ports": [{"name": p["name"], "protocol": p["protocol"], "port": 8000 + p["port"]}
                                                            for p in SERVICES[name][0].get("ports", [])]})


def names(zone):
    """Every form of name below `zone`, those that cannot exist among them."""
    yield from (zone, zone.upper(), f"dns.{zone}", f"ns1.dns.{zone}", f"NS1.Dns.{zone}", f"ns2.dns.{zone}", f"x.ns1.dns.{zone}",
                f"top.{zone}", f"ns1.top.{zone}", f"the.apex.{zone}", f"ns1.the.apex.{zone}", f"nobody.{zone}", f"svc.{zone}")
    for namespace in NAMESPACES + ["absent"]:
        yield f"{namespace}.{zone}"
        for service in [*SERVICES, "absent"]:
            base = f"{service}.{namespace}.{zone}"
            yield from (base, base.upper(), f"_http._tcp.{base}", f"http.tcp.{base}", f"_dns._udp.{base}", f"_dns._tcp.{base}",
                        f"peer-0.{base}", f"_peer-0.{base}", f"10-244-0-2.{base}", f"peer-pod.{base}", f"in-0.{base}",
                        f"a.b.c.{base}")


def reverse_names():
    for last in range(1, 15):
        yield f"{last}.113.0.203.in-addr.arpa"
    yield from ("1.0.244.10.in-addr.arpa", "113.0.203.in-addr.arpa", "in-addr.arpa", "x.1.113.0.203.in-addr.arpa")
    for last in "29":
        yield ".".join(f"2001:0db8:0000:0000:0000:0000:0000:000{last}".replace(":", "")[::-1]) + ".ip6.arpa"


def search_names(search):
    for domain in search + ["absent.svc.cluster.local"]:
        yield domain
        for base in ("one", "inner", "peers", "alias", "One.South", "one.south", "one.south.svc", "one.south.svc.cluster.local",
                     "absent", "www.example.net", "peer-0.peers", "_http._tcp.one"):
            yield f"{base}.{domain}"
    yield f"one.{search[0].upper()}"


def questions_for(lines, search):
    if "autopath" in lines:
        asked = search_names(search)
    else:
        zones = [zone for zone in ("out.cluster.local", ZONE) if zone in lines]
        asked = (name for zone in zones for name in names(zone))
    asked = [*asked, *reverse_names()]
    return [question(name, qtype, proto) for proto in ("udp", "tcp") for name in dict.fromkeys(asked) for qtype in TYPES]


def answered(server, records):
    """What that server says when it is asked for each owner and type of the records, and of those owners and types."""
    asked = sorted({(name_text(owner), type_name(kind)) for owner, kind, _ in records})
    answers = server.asker().ask([question(name, "A" if qtype == "CNAME" else qtype, "tcp") for name, qtype in asked])
    return {(r.owner, r.type, r.data): r.ttl for a in answers if a for r in a.answer
            if (name_text(r.owner), type_name(r.type)) in asked}


def same_zone(checks, cluster, coredns, troupe, secondary):
    """The zone that is sent has what CoreDNS's has, and what questions get; a secondary takes it."""
    departures = TransferDepartures()
    theirs, ours = transfer(coredns.port, ZONE), transfer(troupe.port, ZONE)
    left = unexplained(theirs, ours, ZONE, departures)
    checks.check(left == [], f"transfer: {len(left)} records differ: {left[:9]}")
    checks.check(ours.repeated == 0 and len(ours.records) > 40, f"{len(ours.records)} records, {ours.repeated} more than once")
    live = answered(troupe, ours.records)
    checks.check(live == ours.records, lambda: f"answers and transfer differ: {sorted(live.items() ^ ours.records.items())[:5]}")
    rcode = transfer(troupe.port, "in-addr.arpa").rcode
    checks.check(rcode == 9, f"in-addr.arpa is sent with rcode {rcode}, not NOTAUTH")
    secondary.start(troupe.port, [ZONE]).wait_for(ZONE, ours.serial, 20)
    copy = transfer(secondary.port, ZONE)
    checks.check(copy.records == ours.records, lambda: f"the secondary's zone is not ours: {sorted(copy.records.items() ^ ours.records.items())[:5]}")
    print(f"{len(ours.records)} records sent; CoreDNS's has {len(theirs.records)} and {theirs.repeated} more than once")
    for name, count in departures.used.items():
        if count:
            print(f"  {count:7d}  {name}")


def external_names(checks):
    only = os.environ.get("TROUPE_EXTERNAL", "")
    search = ["north.svc.cluster.local", "svc.cluster.local", "cluster.local"]
    with Cluster() as cluster:
        create(cluster.api)
        with open(cluster.path("search"), "w") as out:
            out.write(f"search {' '.join(search)}\n")
        kubeconfig, secondary = cluster.kubeconfig("dns"), Secondary(cluster)
        for number, (label, lines, words) in enumerate(CASES):
            if only not in label:
                continue
            departures = Departures(features=["kubernetes", *(f for f in ("k8s_external", "autopath", "cache") if f in lines)])
            lines = lines.replace("{search}", cluster.path("search")).replace("{secondary}", f"127.0.0.1:{secondary.port}")
            text = corefile(kubeconfig, lines, words)
            pair = [start(cluster, text, f"{name}-{number}") for name, start in (("coredns", start_coredns), ("troupe", start_troupe))]
            for server in pair:
                server.wait_ready()
            comparison, asked = Comparison(checks, *pair, departures), questions_for(lines, search)
            print(f"-- {label}: {len(asked)} questions")
            comparison.round(label, asked)
            comparison.report()
            departures.print()
            if "transfer" in lines:
                same_zone(checks, cluster, *pair, secondary)
            for server in pair:
                server.process.stop()


if __name__ == "__main__":
    main(external_names)
