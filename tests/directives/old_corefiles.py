# SPDX-License-Identifier: Apache-2.0
"""Corefiles as CoreDNS 1.1 to 1.7 had them, made up at random, and what a Corefile says as a value to compare."""
import os
import random
import re
import sys
from dataclasses import dataclass, field

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cluster"))
from corefile_reader import lines  # noqa: E402

STUBS = ["stub.example", "a.stub.example", "consul.local", "10.in-addr.arpa", "corp.example."]
PROXY_OPTIONS = ["policy random", "policy round_robin", "fail_timeout 5s", "max_fails 3", "health_check /health:8080 10s", "spray",
                 "except corp.example a.b", "protocol https_google bootstrap", "protocol dns"]
KUBERNETES_OPTIONS = ["resyncperiod 5m", "pods insecure", "pods verified", "upstream", "upstream 192.0.2.53 /etc/resolv.conf", "ttl 30",
                      "namespaces default kube-system", "labels app in (x,y)", "fallthrough in-addr.arpa ip6.arpa", "endpoint_pod_names"]
COMMON = ["errors", "log", "health", "prometheus :9153", "cache 30", "reload", "loadbalance", "loop", "ready", "hosts {\n  10.0.0.1 a.hosts\n  fallthrough\n}",
          "rewrite name a.example b.example", "health {\n  lameduck 5s\n}", "template ANY A t.example {\n  answer \"{{ .Name }} 5 IN A 192.0.2.1\"\n  upstream\n}"]
# What corefile-migration does not know.
BEYOND = ["file zone db.example {\n  transfer to * 192.0.2.1\n  no_reload\n}", "auto auto.example {\n  directory . db.(.*) {1} 30\n  transfer to *\n}",
          "secondary two.example {\n  transfer from 192.0.2.1\n  transfer to 192.0.2.2\n}", "header {\n  set ra\n  response clear aa\n}",
          "startup /bin/true now", "federation cluster.local {\n  prod prod.example\n}", "proxy grpc.example 192.0.2.1:443 {\n  protocol grpc insecure\n}",
          "proxy least.example 192.0.2.1 {\n  policy least_conn\n  protocol dns force_tcp\n}"]


class Maker:
    """Old Corefiles one after the other. `beyond`: also of what corefile-migration does not know, or knows otherwise."""

    def __init__(self, seed, beyond):
        self.random, self.beyond, self.comments = random.Random(f"{seed} {beyond}"), beyond, 0

    def some(self, of, most):
        return self.random.sample(of, self.random.randint(0, min(most, len(of))))

    def braces(self, head, options):
        if not options:
            return head
        return head + " {\n" + "".join(f"  {option}\n" for option in options) + "}"

    def proxies(self, stubs):
        forwards = [f"proxy {stub} 192.0.2.{self.random.randint(1, 9)}" for stub in stubs]
        forwards.append("proxy . " + self.random.choice(["resolv.conf", "8.8.8.8:53 8.8.4.4", "192.0.2.7"]))
        return [self.braces(line, self.some(PROXY_OPTIONS, 3)) for line in forwards]

    def kubernetes(self):
        options = self.some(KUBERNETES_OPTIONS, 6) + [self.random.choice(["endpoint http://127.0.0.1:1", "endpoint http://127.0.0.1:1 http://127.0.0.1:2"])]
        if self.random.random() < 0.3:
            options.append("transfer to " + self.random.choice(["*", "192.0.2.1 192.0.2.2"]))
        self.random.shuffle(options)
        return self.braces("kubernetes " + self.random.choice(["cluster.local in-addr.arpa ip6.arpa", "cluster.local"]), options)

    def block(self, key, stubs):
        directives = {text.split()[0]: text for text in self.some(COMMON, 8)}  # each once
        made = list(directives.values()) + self.proxies(stubs)
        made += [self.kubernetes()] if self.random.random() < 0.7 else []
        made += self.some(BEYOND, 3) if self.beyond else []
        self.random.shuffle(made)
        indent = self.random.choice(["    ", "\t", "  "])
        inside = "".join(self.commented(indent + line) + "\n" for line in "\n".join(made).split("\n"))
        return f"{key} {{\n{inside}}}\n"

    def commented(self, line):
        if self.random.random() > 0.1:
            return line
        self.comments += 1
        return f"{line} # remark{self.comments}."

    def corefile(self):
        text = self.block(self.random.choice([".:53", "."]), self.some(STUBS, 4))
        if self.random.random() < 0.3:
            text += "\n" + self.block("other.example:5353", [])
        return text


@dataclass
class Use:
    """A directive: its first line, and a list of its options' lines."""
    head: list
    options: list = field(default_factory=list)

    def key(self):
        return (self.head, self.options)


def read(text):
    """[(keys, uses)] of a Corefile, each use's braces at ends of lines."""
    blocks, uses, depth = [], [], 0
    for line in lines(text):
        opens = line[-1] == "{"
        words = line[:-1] if opens else line
        if line == ["}"]:
            depth -= 1
        elif depth == 0:
            uses = []
            blocks.append((words, uses))
        elif depth == 1:
            uses.append(Use(words))
        elif depth == 2:
            uses[-1].options.append(words)
        depth += opens
    return blocks


def remarks(text):
    return re.findall(r"# remark\d+\.", text)
