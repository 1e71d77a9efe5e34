#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the comparison finds what it should find: CoreDNS against CoreDNS, once with the same Corefile (no
difference), then with a changed one on one side (differences of the expected kind and no others); and the reader of the departures."""
import os
import tempfile
import time
from types import SimpleNamespace

import exposition
from askable import padded
from cluster import Cluster
from comparison import Ages
from configuration import Configuration
from configurations import configurations
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from departures import Departures
from dnsclient import Asker, question
from harness import main
from model_check import ModelCheck
from outside import Onward
from population import Population
from processes import Failed
from questions import Questions
from servers import start_coredns
from wire import FLAGS, TYPES, Message, Record, differences, encode_name, name_text

SEED = 7

# (change on one side, words that must occur among the differences, words that may)
MUTATIONS = [
    (lambda text: text, set(), set()),
    (lambda text: text.replace("pods insecure", "pods insecure\n        ttl 7"), {"ttl", "answer", "authority"}, set()),  # SOA has it in its data too
    (lambda text: text.replace("pods insecure", "pods disabled"), {"rcode", "answer", "authority"}, {"additional"}),
    (lambda text: text.replace("        endpoint_pod_names\n", ""), {"answer", "rcode"}, {"authority", "additional"}),
    (lambda text: text.replace("pods insecure", "pods insecure\n        noendpoints"), {"answer", "rcode"}, {"authority", "additional", "tc"}),
]

TABLE = """\
| name | specification | reason | match |
|---|---|---|---|
| one | RFC 1 | because | `qtype=TXT name=svc.*,*.svc.a.b differs=rcode,authority coredns=NXDOMAIN troupe=NOERROR` |
| wire: two | RFC 2 | because | `P33*` `ednscookie` |
| metrics: three | RFC 3 | because | `series=a_*,b_total label=proto:udp differs=value` |
| five | RFC 5 | because | `qtype=!A,NS qclass=IN spelled=mixed name=x.@zone differs=opcode` |
| four | RFC 4 | because | `with=cache tc=coredns name=svc.a.b differs=aa` |
| six | RFC 6 | because | `with=cache+!kubernetes name=svc.c differs=ra` |
"""

METRICS = """\
# TYPE a_total counter
a_total{proto="udp"} 3
# TYPE c_seconds histogram
c_seconds_bucket{le="1"} 2
c_seconds_bucket{le="+Inf"} 4
c_seconds_sum 9
c_seconds_count 4
"""


COREFILES = [  # (text, zones of the blocks, ports, zones of the stanzas, options of the first)
    ("a.b:53 c.:5353 {\n kubernetes\n}\n", [["a.b", "c"]], [[53, 5353]], [["a.b", "c"]], {}),
    (". {\n kubernetes X.y 10.0.0.0/8 {\n  ttl 3 # less\n  namespaces a b\n  namespaces c\n }\n} # end\nimport none\ndns://q {\n}\n",
     [[""], ["q"]], [[53], [53]], [["x.y", "10.0.0.0/8"]], {"ttl": ["3"], "namespaces": ["a", "b", "c"]}),
    ('.:53 {\n forward . "/etc/resolv.conf"\n cache 30 {\n }\n}\n', [[""]], [[53]], [], None),
]


def corefiles_are_read(checks):
    for text, zones, ports, stanzas, options in COREFILES:
        found = Configuration("", text)
        got = ([block.zones for block in found.blocks], [block.ports for block in found.blocks],
               [stanza.zones for stanza in found.stanzas], found.stanzas[0].options if found.stanzas else None)
        checks.check(got == (zones, ports, stanzas, options), f"{text!r} is read as {got}")
    cached = "a {\n kubernetes\n cache {\n  disable success a\n  disable denial a\n }\n}\n"
    for text, old in ((cached, False), (cached.replace("  disable denial a\n", ""), True), (cached.replace("cache", "log"), False)):
        checks.check(Configuration("", text).may_be_old("X.A") == old, f"{text!r}: may be old is not {old}")
    for network, names in (("10.96.0.0/15", ["96.10.in-addr.arpa", "97.10.in-addr.arpa"]), ("10.0.0.0/8", ["10.in-addr.arpa"]), ("fd00::/7", ["c.f.ip6.arpa", "d.f.ip6.arpa"])):
        found = Configuration("", f". {{\n kubernetes a {network}\n}}\n").zones()
        checks.check(found == sorted(["a", *names]), f"{network} is {found}")
    labels = [one.label for one in configurations()]
    checks.check(len(set(labels)) == len(labels), "labels are unique")
    for one in configurations():
        checks.check(one.endpoints("ready") or one.endpoints("health"), f"{one.label} does not say when it is ready")


# (text, places, addresses of its own, those of the cluster's DNS and of the resolver, where `ready`, `health` and `prometheus` are)
NODES = [
    (".:53 {\n bind 169.254.1.1 10.0.0.9\n forward . 10.0.0.8\n prometheus {$MY_HOST_IP}:9\n health 169.254.1.1:8\n}\n"
     "cluster.local:53 {\n bind 169.254.1.1\n forward . 10.0.0.7\n}\n",
     [("169.254.1.1", 53, True), ("10.0.0.9", 53, False)], ["10.0.0.9", "169.254.1.1"], (["10.0.0.7"], ["10.0.0.8"]),
     [[], [("169.254.1.1", 8)], [("10.244.99.2", 9)]]),
    (". {\n bind 0.0.0.0\n ready\n health :1\n prometheus 0.0.0.0:2\n forward . /etc/resolv.conf\n}\n",
     [("127.0.0.1", 53, False)], [], ([], []), [[("127.0.0.1", 8181)], [("127.0.0.1", 1)], [("127.0.0.1", 2)]]),
]


def nodes_are_read(checks):
    for text, places, own, forwards, endpoints in NODES:
        found = Configuration("", text)
        got = ([(place.host, place.port, found.asks_cluster_dns(place)) for place in found.places()], found.own_addresses(),
               (found.forwards_to(True), found.forwards_to(False)), [found.endpoints(word) for word in ("ready", "health", "prometheus")])
        checks.check(got == (places, own, forwards, endpoints), f"{text!r} is read as {got}")
    hosts = Configuration("", ". {\n hosts /etc/coredns/h x {\n  ttl 3\n }\n}\n", files={"coredns": {"h": "192.0.2.1 a b\n"}}).blocks[0].named("hosts")
    checks.check(hosts[0].options == [["ttl", "3"], ["192.0.2.1", "a", "b"]], f"hosts of a mounted file: {hosts}")


def queries_are_led_on(checks):
    """Two clients with the same number each get their own answer, whichever comes first."""
    sent, answered = [], []
    onward = Onward()
    onward.connection_made(SimpleNamespace(sendto=sent.append))
    for client in (b"one", b"two"):
        onward.ask(b"\7\7" + client, lambda reply, client=client: answered.append((client, reply)))
    for wire in (*reversed(sent), sent[0], b"\xff\xff", b""):
        onward.datagram_received(wire + b"!", None)
    checks.check(answered == [(b"two", b"\7\7two!"), (b"one", b"\7\7one!")], f"led on: {answered}")


def names_have_their_length(checks):
    for octets in range(200, 256):
        for label in (1, 2, 63):
            wire = encode_name(padded("svc.a.b", octets, label))
            checks.check(len(wire) == octets and name_text(wire).endswith(".svc.a.b."), f"{octets} octets, labels of {label}")
    checks.check(encode_name("a\\046b\\000.c") == b"\4a.b\0\1c\0", "escapes")


def mutations_are_found(checks):
    with Cluster() as cluster:
        population = Population(cluster.api, SEED, FIRST_ZONE, SECOND_ZONE)
        population.fill(55)
        corefile = two_zones(cluster.kubeconfig("dns"))
        asked = Questions(population, [(FIRST_ZONE, False), (SECOND_ZONE, True)], reverse=True).current()
        first = start_coredns(cluster, corefile).wait_ready()
        theirs = Asker(first.port).ask(asked)
        for number, (mutate, must, may) in enumerate(MUTATIONS):
            server = start_coredns(cluster, mutate(corefile), f"mutation-{number}").wait_ready()
            ours = Asker(server.port).ask(asked)
            found = {word for t, o in zip(theirs, ours) for word in differences(t, o)}
            checks.check(must <= found <= must | may, f"mutation {number}: found {found}, expected {must} and perhaps {may}")
            model_finds(checks, population, server, number)
            server.process.stop()


def model_finds(checks, population, server, number):
    """The model must accept the unchanged server and refuse every changed one."""
    left, asked, _ = ModelCheck(population, server, departures=False).settle(0)
    checks.check((not left) == (number == 0), f"mutation {number}: the model finds {len(left)} of {asked} wrong")


def departures_are_read(checks):
    message = lambda rcode, authority=(): Message(rcode, 0, (), (), authority, (), None)
    cases = [  # (name, type, CoreDNS's rcode, Troupe's rcode, what differs, covered)
        ("svc.a.b", "TXT", 3, 0, ["rcode"], True),
        ("SVC.A.b.", "TXT", 3, 0, ["rcode", "authority"], True),
        ("x.svc.a.b", "TXT", 3, 0, ["rcode"], True),
        ("svc.a.b", "A", 3, 0, ["rcode"], False),
        ("pod.a.b", "TXT", 3, 0, ["rcode"], False),
        ("svc.a.b", "TXT", 0, 3, ["rcode"], False),
        ("svc.a.b", "TXT", 3, 0, ["rcode", "aa"], False),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.md")
        with open(path, "w") as out:
            out.write(TABLE)
        departures = Departures(path)
        checks.check(len(departures.rows) == 2, "two rows for this reader and a Corefile without `cache`")
        cut = Message(0, FLAGS["tc"], (), (), (), (), None)
        for features, coredns, covered in (((), cut, False), ({"cache"}, cut, True), ({"cache"}, message(0), False)):
            got = Departures(path, features).find(question("svc.a.b", "A"), coredns, message(0), ["aa"])
            checks.check((got == ["four"]) == covered, f"with {features}: {got}")
        for features, has_data, found in ((("cache",), True, ["six"]), (("cache", "kubernetes"), True, []), ((), True, []), (("cache",), False, ["six"])):
            rest = Departures(path, features, has_data=has_data)
            got = rest.find(question("svc.c", "A"), message(0), message(0), ["ra"])
            checks.check(got == found and ("one" in [row.name for row in rest.rows]) == has_data, f"with {features}, data {has_data}: {got}")
        for name, qtype, coredns, troupe, differs, covered in cases:
            got = departures.find(question(name, qtype), message(coredns), message(troupe), differs)
            checks.check((got == ["one"]) == covered, f"{name} {qtype} {coredns} {troupe} {differs}: {got}")
        for name, qtype, qclass, covered in (("X.a.b", "MX", "IN", True), ("x.a.b", "MX", "IN", False), ("X.a.b", "A", "IN", False),
                                             ("X.a.b", "NS", "IN", False), ("X.a.b", "MX", "CH", False), ("X.b", "MX", "IN", True), ("X.c", "MX", "IN", False)):
            got = Departures(path, zones=("a.b", "b")).find(question(name, qtype, qclass=qclass), message(0), message(0), ["opcode"])
            checks.check((got == ["five"]) == covered, f"{name} {qclass} {qtype}: {got}")
        checks.check(departures.used["one"] == 3, f"counted {departures.used}")
        for bad in ("`qtype=A`", "`qtype=A nonsense=1 differs=rcode`"):
            with open(path, "w") as out:
                out.write(f"| a | b | c | {bad} |\n")
            try:
                Departures(path)
                checks.check(False, f"{bad} was accepted")
            except Failed as error:
                checks.check(":1 - " in str(error), f"{bad}: no line in `{error}`")


def words_are_small(checks):
    one = Record(b"\1a\0", TYPES["CNAME"], 1, 9, b"\1b\0")
    cases = [([one, one], "repeats"), ([one._replace(ttl=8)], "ttl"), ([one._replace(owner=b"\1A\0")], "case"),
             ([one._replace(data=b"\1B\0")], "case"), ([one._replace(data=b"\1B\0", ttl=8)], "ttl case"),
             ([one._replace(data=b"\1c\0")], "answer"), ([], "answer")]
    message = lambda *records: Message(0, 0, (), records, (), (), None)
    for records, words in cases:
        checks.check(differences(message(one), message(*records)) == words.split(), f"{records} is {words}")
    big = [message(one._replace(ttl=ttl)) for ttl in (2 ** 31 - 1, 2 ** 32 - 1)]
    checks.check(differences(*big) == ["bigttl"], "bigttl")


def ages_are_measured(checks):
    record = Record(b"\1a\0", TYPES["A"], 1, 9, b"\0\0\0\0")
    asked, message = question("a", "A"), lambda ttl: Message(0, 0, (), (record._replace(ttl=ttl),), (), (), None)
    for cached, ago, apart, ttl, explained in [
            (True, 3, 2.1, 7, True), (True, 3, 2.1, 11, True), (True, 3, 2.1, 6, False), (True, 3, 0.6, 8, True),  # no more than apart
            (True, 3, 0.1, 8, False),   # asking again tells
            (True, 0.9, 0.6, 8, False),  # too new
            (False, 3, 2.1, 8, False)]:
        ages, now = Ages(cached), time.monotonic()
        ages.note([asked], now - apart)
        if cached:
            ages.first[ages.key(asked)] = now - ago
        checks.check(ages.explain(asked, message(9), message(ttl), ["ttl"]) == explained, f"9 and {ttl} after {ago} s, {apart} s apart, cached: {cached}")
    ages = Ages(True)
    ages.note([asked], time.monotonic() - 3)
    ages.apart.clear()
    ages.explain(asked, message(9), message(2), ["ttl"])
    for ttl, explained in ((7, True), (4, False)):
        ages.note([asked], time.monotonic())
        checks.check(ages.explain(asked, message(9), message(ttl), ["ttl"]) == explained, f"9 and {ttl} after one had forgotten")


def metrics_are_compared(checks):
    cases = [("", "", []), ("a_total", "b_total", ["missing", "extra"]), ("udp", "tcp", ["missing", "extra"]), ("} 3", "} 4", ["value"]),
             ("counter", "gauge", ["type"]), ('le="1"', 'le="2"', ["bounds", "content"]), ("count 4", "count 5", ["count"]),
             ("sum 9", "sum 8", ["content"])]
    for old, new, words in cases:
        found = exposition.differences(exposition.parse(METRICS), exposition.parse(METRICS.replace(old, new)))
        checks.check(sorted(word for _, word, _ in found) == sorted(words), f"{old} -> {new}: {found}")
    for old, new, words in (("", "", []), ("c_seconds", "c_other", ["family"]), ("counter", "gauge", ["type"]), ("proto=", "kind=", ["labels"]),
                            ("a_total", "coredns_b_total", ["family"])):
        found = exposition.family_differences(*(exposition.families(*exposition.parse(text)) for text in (METRICS, METRICS.replace(old, new))), {"b"})
        checks.check([word for _, word, _ in found] == words, f"families, {old} -> {new}: {found}")
    ours = exposition.families(*exposition.parse(METRICS.replace("a_total", "coredns_b_total")))
    for features, word in (({"b"}, "family"), ({"c"}, "unused"), (set(), "unused")):
        found = exposition.family_differences(ours, {**ours, "coredns_b_total": (None, [])}, features)
        checks.check([each[1] for each in found] == [word], f"families of {features}: {found}")
    counted = exposition.since(exposition.parse(METRICS), exposition.parse(METRICS.replace("} 3", "} 5")))[1]
    checks.check(sorted(map(str, counted.values())) == ["(0.0, 0.0, {1.0: 0.0, inf: 0.0})", "2.0"], f"since: {counted}")


def harness(checks):
    checks.check(len(set(TYPES.values())) == len(TYPES), "type numbers")
    words_are_small(checks)
    ages_are_measured(checks)
    metrics_are_compared(checks)
    departures_are_read(checks)
    corefiles_are_read(checks)
    nodes_are_read(checks)
    queries_are_led_on(checks)
    names_have_their_length(checks)
    mutations_are_found(checks)


if __name__ == "__main__":
    main(harness)
