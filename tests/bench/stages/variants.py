# SPDX-License-Identifier: Apache-2.0
"""What is counted: for each directive some blocks with it, what they are asked, and what the same question costs without it."""
from dataclasses import dataclass

from mmdb import database

# Of all addresses of this machine.
CITY = {"city": {"names": {"en": "Cambridge"}}, "country": {"iso_code": "GB"}}

FILES = {
    "city.mmdb": database({"127.0.0.0/8": CITY}, "GeoLite2-City"),
    "names": "192.0.2.1 www.example.net\n" + "".join(f"192.0.2.{i} four.example.net\n" for i in (11, 12, 13, 14)),
    "weights": "four.example.net\n" + "".join(f"192.0.2.{i} {i}\n" for i in (11, 12, 13, 14)),
    "search": "search svc.test team.test example.net\nnameserver 127.0.0.1\n",
    "zones/db.example.net": """$ORIGIN example.net.
$TTL 3600
@ SOA ns hostmaster 1 7200 1800 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
alias CNAME www
*.wild A 192.0.2.2
""",
    "cluster/objects.yaml": """apiVersion: v1
kind: Namespace
metadata: {name: default}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: ClusterIP, clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], externalIPs: [198.51.100.7],
       ports: [{name: http, protocol: TCP, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: default}
spec: {type: ClusterIP, clusterIP: None, clusterIPs: [None], ports: [{name: sql, protocol: TCP, port: 5432}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: default, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: sql, protocol: TCP, port: 5432}]
endpoints: [{addresses: [10.244.0.1], conditions: {ready: true}}, {addresses: [10.244.0.2], conditions: {ready: true}},
            {addresses: [10.244.0.3], conditions: {ready: true}}]
---
apiVersion: v1
kind: Pod
metadata: {name: asker, namespace: default}
spec: {containers: []}
status: {podIP: 127.0.0.1, podIPs: [{ip: 127.0.0.1}], phase: Running}
""",
}

WHOAMI, HOSTS, FORWARD = "whoami", "hosts names", "forward . UPSTREAM"
FILE = "file zones/db.example.net example.net"
KUBERNETES = "kubernetes cluster.local in-addr.arpa {\n manifests cluster\n}"
VERIFIED = "kubernetes cluster.local {\n manifests cluster\n pods verified\n}"
NOT_TEST = "template IN A test {\n rcode NXDOMAIN\n}\nhosts names"
SEVERAL = 100  # rules or networks, where a row is about many of them


@dataclass(frozen=True)
class Asked:
    """A block with these lines and one question for it, with the code and the number of answer records it then gets."""
    lines: str
    ask: str = "www.example.net A"
    rcode: int = 0
    answers: int = 0


@dataclass(frozen=True)
class Row:
    directive: str
    what: str
    asked: Asked
    without: Asked | None  # the same without the directive; None where nobody else would answer


def before(lines, base=WHOAMI, **question):
    """The block `base` with `lines` in front, and without."""
    return Asked(f"{lines}\n{base}", **question), Asked(base, **question)


def alone(lines, **question):
    return Asked(lines, **question), None


FOUR = {"ask": "four.example.net A", "answers": 4}
ONE = {"answers": 1}
EDNS = {"ask": "www.example.net A +edns"}
CHAOS = {"ask": "version.bind TXT +class=CH"}
WEB = {"ask": "web.default.svc.cluster.local A", "answers": 1}

TABLE = [(directive, what, *asked) for directive, what, asked in [
    ("whoami", "answers", alone(WHOAMI)),
    ("whoami", "answers with EDNS", alone(WHOAMI, **EDNS)),
    # Settings: no stage of theirs is passed.
    ("root", "is there", before("root .")),
    ("cancel", "nobody is late", before("cancel")),
    ("cancel", "nobody is late, forwarded", before("cancel", FORWARD, **ONE)),
    ("timeouts", "is there", before("timeouts {\n read 3s\n}")),
    ("reload", "is there", before("reload")),
    ("debug", "is there", before("debug")),
    ("ready", "is there", before("ready 127.0.0.1:FREE")),
    ("health", "is there", before("health 127.0.0.1:FREE")),
    ("shed", "sheds nothing", before("shed")),
    ("actors", "is there", before("actors 127.0.0.1:FREE")),
    ("prometheus", "counts", before("prometheus 127.0.0.1:FREE")),
    ("view", "fits by type", before("view v {\n expr type() == 'A'\n}")),
    ("view", "fits by client and name", before(
        "view v {\n expr incidr(client_ip(), '127.0.0.0/8') && name() endsWith '.net.'\n}")),
    ("metadata", "nobody asks", before("metadata")),
    ("metadata", "a label in `log`", before("metadata", 'log . "{/forward/upstream}"\nforward . UPSTREAM', **ONE)),
    ("geoip", "nobody asks", before("metadata\ngeoip city.mmdb")),
    ("geoip", "a label in `log`", before("metadata\ngeoip city.mmdb", f'log . "{{/geoip/city/name}}"\n{WHOAMI}')),
    # Stages that pass a question on.
    ("nsid", "no EDNS", before("nsid here")),
    ("nsid", "EDNS without it", before("nsid here", **EDNS)),
    ("nsid", "asked for", before("nsid here", ask="www.example.net A +nsid")),
    ("bufsize", "no EDNS", before("bufsize 1000")),
    ("bufsize", "lowers", before("bufsize 1000", **EDNS)),
    ("errors", "no error", before("errors")),
    ("log", "a line an answer", before("log")),
    ("log", "{combined}", before('log . "{combined}"')),
    ("log", "errors only: no line", before("log {\n class error\n}")),
    ("local", "another name", before("local")),
    ("local", "localhost", alone(f"local\n{WHOAMI}", ask="localhost A", answers=1)),
    ("dns64", "A", before("dns64 {\n allow_ipv4\n}", HOSTS, **ONE)),
    ("dns64", "AAAA made of A", (Asked(f"dns64 {{\n allow_ipv4\n}}\n{HOSTS}", "www.example.net AAAA", 0, 1), Asked(HOSTS, "www.example.net AAAA"))),
    ("any", "A", before("any")),
    ("any", "ANY", alone(f"any\n{WHOAMI}", ask="www.example.net ANY", answers=1)),
    ("chaos", "class IN", before("chaos")),
    ("chaos", "version.bind", alone(f"chaos\n{WHOAMI}", **CHAOS, answers=1)),
    ("loadbalance", "one address", before("loadbalance", HOSTS, **ONE)),
    ("loadbalance", "round_robin, four addresses", before("loadbalance", HOSTS, **FOUR)),
    ("loadbalance", "weighted, four addresses", before("loadbalance weighted weights", HOSTS, **FOUR)),
    ("loadbalance", "prefer, four addresses", before("loadbalance round_robin {\n prefer 192.0.2.12/32\n}", HOSTS, **FOUR)),
    ("rewrite", "name exact: another", before("rewrite name other.test www.example.net")),
    ("rewrite", f"{SEVERAL} times name exact: others", before("\n".join(
        f"rewrite name other-{i}.test www.example.net" for i in range(SEVERAL)))),
    ("rewrite", "name regex: another", before(r"rewrite name regex (.*)\.test\.$ {1}.example.net")),
    ("rewrite", "name exact", (Asked(f"rewrite name www.test www.example.net\n{HOSTS}", "www.test A", 0, 1),
                               Asked(HOSTS, **ONE))),
    ("rewrite", "name suffix", (Asked(f"rewrite name suffix .test .example.net\n{HOSTS}", "www.test A", 0, 1),
                                Asked(HOSTS, **ONE))),
    ("rewrite", "name regex", (Asked(f"rewrite name regex (.*)\\.test\\.$ {{1}}.example.net\n{HOSTS}", "www.test A", 0, 1),
                               Asked(HOSTS, **ONE))),
    ("rewrite", "name regex and answer name", (
        Asked(f"rewrite stop {{\n name regex (.*)\\.test\\.$ {{1}}.example.net\n answer name (.*)\\.example\\.net\\.$ {{1}}.test\n}}\n"
              f"{HOSTS}", "www.test A", 0, 1), Asked(HOSTS, **ONE))),
    ("rewrite", "ttl, four addresses", before("rewrite ttl exact four.example.net 30", HOSTS, **FOUR)),
    ("autopath", "another name", before("autopath search")),
    ("autopath", "third of the list", (Asked(f"autopath search\n{NOT_TEST}", "www.svc.test A", 0, 2), Asked(NOT_TEST, **ONE))),
    ("autopath", "@kubernetes, the first is it", (
        Asked(f"autopath @kubernetes\n{VERIFIED}", "web.default.svc.cluster.local A", 0, 1), Asked(VERIFIED, **WEB))),
    ("acl", "no rule fits", before("acl {\n block net 192.0.2.0/24\n}")),
    ("acl", f"{SEVERAL} networks, none fits", before(
        "acl {\n block net " + " ".join(f"10.0.{i}.0/24" for i in range(SEVERAL)) + "\n}")),
    ("acl", "allows", before("acl {\n allow net 127.0.0.0/8\n block\n}")),
    ("acl", "blocks", alone(f"acl {{\n block net 127.0.0.0/8\n}}\n{WHOAMI}", rcode=5)),
    ("acl", "filters", alone(f"acl {{\n filter net 127.0.0.0/8\n}}\n{WHOAMI}")),
    ("cache", "a miss, kept", (Asked(f"cache\n{FORWARD}", "fresh-00000.example.net A", 0, 1),
                               Asked(FORWARD, "fresh-00000.example.net A", 0, 1))),
    ("cache", "a hit", (Asked(f"cache\n{FORWARD}", **ONE), Asked(FORWARD, **ONE))),
    ("cache", "a hit with EDNS", (Asked(f"cache\n{FORWARD}", **EDNS, **ONE), Asked(FORWARD, **EDNS, **ONE))),
    ("header", "query", before("header {\n query set rd\n}")),
    ("header", "response", before("header {\n response set ra\n}")),
    ("minimal", "no other section", before("minimal", HOSTS, **ONE)),
    ("minimal", "takes authority away", before("minimal", FILE, **ONE)),
    ("template", "another zone", before("template IN A other.test {\n answer \"{{ .Name }} 60 IN A 192.0.2.1\"\n}")),
    ("template", "match does not fit", before(
        "template IN A . {\n match ^ip-.*\n answer \"{{ .Name }} 60 IN A 192.0.2.1\"\n fallthrough\n}")),
    ("template", "answers", alone("template IN A . {\n answer \"{{ .Name }} 60 IN A 192.0.2.1\"\n}", **ONE)),
    ("template", "answers by match", alone(
        "template IN A . {\n match ^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)[.]\n answer \"{{ .Name }} 60 IN A 192.0.{{ .Group.a }}.{{ .Group.b }}\""
        "\n}", ask="ip-2-7.example.net A", answers=1)),
    ("transfer", "A", before("transfer {\n to 192.0.2.1\n}", FILE, **ONE)),
    # Those that answer.
    ("hosts", "passes on", before("hosts names {\n fallthrough\n}", ask="other.example.net A")),
    ("hosts", "one address", alone(HOSTS, **ONE)),
    ("hosts", "four addresses", alone(HOSTS, **FOUR)),
    ("hosts", "PTR", alone(HOSTS, ask="1.2.0.192.in-addr.arpa PTR", answers=1)),
    ("kubernetes", "another zone", before(KUBERNETES)),
    ("kubernetes", "ClusterIP", alone(KUBERNETES, **WEB)),
    ("kubernetes", "headless, three pods", alone(KUBERNETES, ask="db.default.svc.cluster.local A", answers=3)),
    ("kubernetes", "SRV", alone(KUBERNETES, ask="_http._tcp.web.default.svc.cluster.local SRV", answers=1)),
    ("kubernetes", "PTR", alone(KUBERNETES, ask="7.0.96.10.in-addr.arpa PTR", answers=1)),
    ("kubernetes", "NXDOMAIN", alone(KUBERNETES, ask="nobody.default.svc.cluster.local A", rcode=3)),
    ("k8s_external", "another zone", before("k8s_external ext.test", f"{KUBERNETES}\n{WHOAMI}")),
    ("k8s_external", "an external address", alone(f"k8s_external ext.test\n{KUBERNETES}", ask="web.default.ext.test A", answers=1)),
    ("file", "another zone", before(FILE, ask="www.example.org A")),
    ("file", "one address", alone(FILE, **ONE)),
    ("file", "alias", alone(FILE, ask="alias.example.net A", answers=2)),
    ("file", "wildcard", alone(FILE, ask="a.wild.example.net A", answers=1)),
    ("file", "NXDOMAIN", alone(FILE, ask="none.example.net A", rcode=3)),
    ("auto", "another zone", before("auto {\n directory zones\n}", ask="www.example.org A")),
    ("auto", "one address", alone("auto {\n directory zones\n}", **ONE)),
    ("loop", "another name", before("loop", FORWARD, **ONE)),
    ("forward", "asks an upstream", alone(FORWARD, **ONE)),
    ("forward", "passes on", before("forward other.test UPSTREAM")),
    ("erratic", "answers", alone("erratic {\n drop 0\n}", **ONE)),
]]
ROWS = [Row(*row) for row in TABLE]
