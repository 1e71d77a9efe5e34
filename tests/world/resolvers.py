# SPDX-License-Identifier: Apache-2.0
"""The stub resolvers: how each is built, and how it is asked."""
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
STUBS = HERE / "stubs"
PATIENCE = 120  # seconds for all questions of one resolver: some wait for time-outs


def printed(command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}: {done.stderr[-500:]}")
    return done.stdout.splitlines()


class Resolver:
    """`command`: all questions are its arguments, and it prints a line for each. `searches`: it walks the search list.
    `by_tcp`: what no datagram holds it asks for by TCP; else what came is all that it has."""

    def __init__(self, name, command, searches=True, by_tcp=True):
        self.name, self.command, self.searches, self.by_tcp = name, command, searches, by_tcp

    def ask(self, questions):
        lines = printed([*self.command, *(word for question in questions for word in question)])
        if len(lines) != len(questions):
            raise RuntimeError(f"{self.name} answered {len(lines)} of {len(questions)} questions: {lines}")
        return lines


class Busybox(Resolver):
    """Its nslookup, which takes a question a time and speaks to people."""

    def ask(self, questions):
        return [self.one(of) for _, of in questions]

    def one(self, of):
        done = subprocess.run([*self.command, of], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        behind = done.stdout.split("\n\n", 1)[-1]  # the server's own name and address stand first
        found = re.findall(r"^Address(?: \d+)?:\s+(\S+)|name = (\S+)$", behind, re.M)
        return " ".join(a or b for a, b in found) or f"!{done.returncode}"


def build(folder):
    """All resolvers; programs are made in `folder`."""
    go = subprocess.run([HERE.parent / "cluster/build", "--go"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    for command in (["gcc", "-O1", "-o", folder / "glibc", STUBS / "addrinfo.c"],
                    ["musl-gcc", "-O1", "-static", "-o", folder / "musl", STUBS / "addrinfo.c"],
                    ["gcc", "-O1", "-o", folder / "cares", STUBS / "cares.c", "-lcares"],
                    [go, "build", "-o", folder / "go", STUBS / "stub.go"],
                    ["javac", "-d", folder, STUBS / "Stub.java"]):
        subprocess.run([str(c) for c in command], check=True)
    return [Resolver("glibc", [folder / "glibc"]), Resolver("musl", [folder / "musl"], by_tcp=False), Resolver("c-ares", [folder / "cares"]),
            Resolver("Go", [folder / "go"]), Resolver("Node lookup", ["node", STUBS / "stub.js", "lookup"]),
            Resolver("Node resolve", ["node", STUBS / "stub.js", "resolve"], searches=False),
            Resolver("Java", ["java", "-cp", folder, "Stub", "system"]),
            Resolver("Java JNDI", ["java", "-cp", folder, "Stub", "jndi"], searches=False),
            Busybox("busybox", ["busybox", "nslookup"], searches=False, by_tcp=False)]
