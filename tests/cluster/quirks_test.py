#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is known to be odd in CoreDNS, one question each: that it is still so, what Troupe says, and where that is another
thing that actors/stages/DEPARTURES.md has a row for it.

Environment: TROUPE (binary)."""
from cluster import Cluster
from comparison import kind_of
from departures import Departures
from dnsclient import question
from harness import main
from oddities import create as create_oddities, external
from population import Population
from servers import start_coredns, start_troupe
from wire import data_text, differences, type_name

ZONE = "cluster.local"
BLOCK = "%s:{$DNS_PORT} {\n errors\n ready 127.0.0.1:{$READY_PORT}\n kubernetes %s {\n  kubeconfig %%(kubeconfig)s\n  %s\n }\n}\n"
# Corefiles by name.
COREFILES = {
    "plain": BLOCK % (".", f"{ZONE} in-addr.arpa ip6.arpa", "pods insecure"),
    "reverse first": BLOCK % (".", f"in-addr.arpa {ZONE}", "pods insecure"),
}

# (Corefile, name, type, what CoreDNS says, what Troupe says, the row of the departure if that is not the same)
QUIRKS = [
    ("plain", ZONE, "TXT", "NXDOMAIN", "NODATA", "TXT at a name without records"),
    ("plain", f"svc.{ZONE}", "TXT", "NXDOMAIN", "NODATA", "TXT at a name without records"),
    ("plain", f"pod.{ZONE}", "TXT", "NXDOMAIN", "NODATA", "TXT at a name without records"),
    ("plain", f"default.svc.{ZONE}", "TXT", "NXDOMAIN", "NODATA", "TXT at a name without records"),
    ("plain", f"nosuch.default.svc.{ZONE}", "SOA", "NODATA", "NXDOMAIN", "SOA at missing names"),
    ("plain", f"nosuch.{ZONE}", "SOA", "NODATA", "NXDOMAIN", "SOA at missing names"),
    ("plain", f"dns-version.{ZONE}", "TXT", "TXT b'\\x051.1.0'", "TXT b'\\x051.1.0'", ""),
    ("plain", f"dns-version.{ZONE}", "A", "NXDOMAIN", "NODATA", "Types at dns-version"),
    ("plain", f"dns-version.{ZONE}", "SOA", "NODATA", "NODATA", ""),
    ("plain", f"dns.{ZONE}", "A", "NXDOMAIN", "NODATA", "The name above ns.dns"),
    ("plain", f"_tcp.kubernetes.default.svc.{ZONE}", "SRV", "NXDOMAIN", "NODATA", "Names above ports"),
    ("plain", f"_tcp.middle.default.svc.{ZONE}", "A", "NXDOMAIN", "NODATA", "Names above ports"),
    ("plain", f"_udp.kubernetes.default.svc.{ZONE}", "SRV", "NXDOMAIN", "NXDOMAIN", ""),
    ("plain", "1.0.96.10.in-addr.arpa", "A", "NXDOMAIN", "NODATA", "Other types at an address"),
    ("plain", "1.0.96.10.in-addr.arpa", "PTR", f"PTR kubernetes.default.svc.{ZONE}.", f"PTR kubernetes.default.svc.{ZONE}.", ""),
    ("plain", "0.96.10.in-addr.arpa", "PTR", "NXDOMAIN", "NXDOMAIN", ""),
    ("plain", "Cluster.Local", "NS", "NODATA", "NS ns.dns.Cluster.Local.", "NS of a zone in capitals"),
    ("plain", f"ns.dns.{ZONE.upper()}", "MX", "NXDOMAIN", "NODATA", "ns.dns of a zone in capitals"),
    ("plain", f"NS.dns.{ZONE}", "MX", "NODATA", "NODATA", ""),
    ("plain", f"ns.dns.{ZONE}", "TXT", "NXDOMAIN", "NODATA", "TXT at a name without records"),
    ("plain", f"ns.dns.{ZONE}", "PTR", "NXDOMAIN", "NODATA", "PTR at ns.dns"),
    ("plain", f"x.y.10-0-0-1.default.pod.{ZONE}", "A", "A 10.0.0.1", "A 10.0.0.1", ""),
    ("plain", f"10-0-0-1.default.pod.{ZONE}", "SRV", f"SRV 0 100 0 10-0-0-1.default.pod.{ZONE}.", f"SRV 0 100 0 10-0-0-1.default.pod.{ZONE}.", ""),
    ("plain", f"to-address.default.svc.{ZONE}", "A", "NXDOMAIN", "NXDOMAIN", ""),
    ("plain", f"dangling.default.svc.{ZONE}", "A", "NODATA", "NODATA", ""),
    ("plain", f"loop-1.default.svc.{ZONE}", "A", "NODATA", "NODATA", ""),
    ("plain", f"chain-0.default.svc.{ZONE}", "A", "NODATA", "NODATA", ""),
    ("plain", f"to-nobody.default.svc.{ZONE}", "A", "CNAME www.example.com.", "CNAME www.example.com.", ""),
    ("plain", f"to-nobody.default.svc.{ZONE}", "MX", "NODATA", "NODATA", ""),
    ("plain", f"https.tcp.kubernetes.default.svc.{ZONE}", "SRV", f"SRV 0 100 443 kubernetes.default.svc.{ZONE}.", f"SRV 0 100 443 kubernetes.default.svc.{ZONE}.", ""),
    ("plain", f"other.named-by-fqdn.default.svc.{ZONE}", "A", "CNAME other.example.com.", "CNAME other.example.com.", ""),
    ("reverse first", "1.0.96.10.in-addr.arpa", "PTR", "PTR kubernetes.default.svc.in-addr.arpa.", "PTR kubernetes.default.svc.in-addr.arpa.", ""),
]


def says(message):
    """NXDOMAIN, NODATA, or the records of the answer without owner and TTL."""
    kind = kind_of(message)
    records = sorted(f"{type_name(record.type)} {data_text(record)}" for record in message.answer) if message else []
    return "; ".join(records) if records else kind


def quirks(checks):
    with Cluster() as cluster:
        population = Population(cluster.api, 1, ZONE, "mycorp.local")
        create_oddities(population)
        population.put_service(external("dangling", f"nosuch.default.svc.{ZONE}"))
        for number, (name, text) in enumerate(COREFILES.items()):
            text = text % {"kubeconfig": cluster.kubeconfig("dns")}
            pair = [start(cluster, text, f"{start.__name__}-{number}") for start in (start_coredns, start_troupe)]
            askers = [server.wait_ready().asker() for server in pair]
            for _, qname, qtype, coredns, troupe, row in (quirk for quirk in QUIRKS if quirk[0] == name):
                check(checks, question(qname, qtype), askers, (coredns, troupe), row)


def check(checks, asked, askers, expected, row):
    messages = [asker.ask_one(asked) for asker in askers]
    found = tuple(says(message) for message in messages)
    checks.check(found == expected, f"{asked}: {found}, expected {expected}")
    differs = differences(*messages)
    rows = Departures().find(asked, *messages, differs) if differs else []
    checks.check(row in rows if row else not differs, f"{asked}: covered by {rows}, expected {row or 'nothing'}; {differs}")


if __name__ == "__main__":
    main(quirks)
