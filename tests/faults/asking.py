# SPDX-License-Identifier: Apache-2.0
"""Questions under way while actors fail: a great many from the benchmark's load generator, and fewer of which each is
followed by itself: answered right, SERVFAIL, wrong, lost, answered twice."""
import json
import os
import pathlib
import random
import select
import socket
import subprocess
import threading
import time
from collections import Counter

from server import ROOT, before_others, question

LOST_AFTER = 3.0  # seconds; clients wait five, and an upstream that ends unnoticed costs `read_timeout`, two
SLOW_AFTER = 0.1
RATE = float(os.environ.get("TROUPE_FAULT_RATE", 10_000))  # questions a second


class Load:
    """bench_load in the background. `finish()` gives its figures."""

    def __init__(self, server, questions, seconds, rate=RATE, sockets=16):
        self.command = [str(ROOT / "build/release/tests/bench/bench_load"), "--questions", str(questions), "--port",
                        str(server.port), "--pid", str(server.process.pid), "--seconds", str(seconds), "--warm-up", "0.2",
                        "--rate", str(rate), "--sockets", str(sockets), "--window", "256", "--lost-after", str(LOST_AFTER), "--check"]
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, preexec_fn=before_others)

    def running(self):
        return self.process.poll() is None

    def finish(self, early=False):
        if early:
            self.process.terminate()  # it still waits for what is under way
        out = self.process.communicate(timeout=300)[0]
        return json.loads(out)


class Follower(threading.Thread):
    """Asks `listed` (name, address or None if it does not exist) in random order, `rate` a second, until finish();
    from the address `source`."""

    def __init__(self, server, listed, rate, seed=1, source="127.0.0.1"):
        super().__init__(daemon=True)
        self.server, self.listed, self.interval, self.source = server, listed, 1 / rate, source
        self.rng = random.Random(seed)
        self.seen = Counter()
        self.wrong = []  # a few examples
        self.slow = []   # (when asked, seconds that the answer took), of those above SLOW_AFTER
        self.took = []   # seconds that each answer took
        self.over = threading.Event()
        self.start()

    def run(self):
        ended = False
        while not ended:  # one socket for each run through the identities: an identity is used once a socket
            ended = self.through_one_socket()

    def through_one_socket(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((self.source, 0))
            s.connect(("127.0.0.1", self.server.port))
            s.setblocking(False)
            waiting, settled, identity, due = {}, set(), 0, time.monotonic()
            while identity < 0x10000 and not self.over.is_set():
                if time.monotonic() >= due:
                    self.send(s, waiting, identity)
                    identity, due = identity + 1, due + self.interval
                self.receive(s, waiting, settled, due)
            end = time.monotonic() + LOST_AFTER
            while waiting and time.monotonic() < end:
                self.receive(s, waiting, settled, end)
            self.receive(s, waiting, settled, time.monotonic() + 0.05)  # a second answer
            self.seen["lost"] += len(waiting)
            return self.over.is_set()

    def send(self, s, waiting, identity):
        name, address = self.rng.choice(self.listed)
        waiting[identity] = (name, address, time.monotonic())
        self.seen["asked"] += 1
        try:
            s.send(question(name.split("."), identity))
        except OSError:
            pass  # counts as lost if no answer comes

    def receive(self, s, waiting, settled, until):
        select.select([s], [], [], max(0, until - time.monotonic()))
        while True:
            try:
                wire = s.recv(65535)
            except OSError:
                return
            identity = int.from_bytes(wire[:2], "big")
            asked = waiting.pop(identity, None)
            if asked:
                settled.add(identity)
                self.judge(asked[:2], wire)
                self.took.append(time.monotonic() - asked[2])
                if self.took[-1] > SLOW_AFTER:
                    self.slow.append((asked[2], self.took[-1]))
            else:
                self.seen["twice" if identity in settled else "stray"] += 1

    def judge(self, asked, wire):
        name, address = asked
        rcode = wire[3] & 15
        if rcode == 2:
            self.seen["servfail"] += 1
        elif (rcode == 3) if address is None else (rcode == 0 and socket.inet_aton(address) in wire):
            self.seen["right"] += 1
        else:
            self.seen["wrong"] += 1
            self.wrong.append((name, address, rcode))

    def finish(self):
        self.over.set()
        self.join(30)
        return {key: self.seen[key] for key in ("asked", "right", "servfail", "wrong", "lost", "twice", "stray", "connections")
                if key != "connections" or self.seen[key]}


class StreamFollower(Follower):
    """The same over TCP: one question after the other on a connection that should live as long as the server."""

    def through_one_socket(self):
        with socket.create_connection(("127.0.0.1", self.server.port), LOST_AFTER, (self.source, 0)) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.seen["connections"] += 1
            for identity in range(0x10000):
                if self.over.is_set():
                    return True
                name, address = self.rng.choice(self.listed)
                self.seen["asked"] += 1
                wire = self.exchange(s, question(name.split("."), identity))
                if wire is None or int.from_bytes(wire[:2], "big") != identity:
                    self.seen["lost" if wire is None else "stray"] += 1
                    return False
                self.judge((name, address), wire)
                time.sleep(self.interval)
        return False

    @staticmethod
    def exchange(s, message):
        try:
            s.sendall(len(message).to_bytes(2, "big") + message)
            size = int.from_bytes(s.recv(2, socket.MSG_WAITALL), "big")
            return s.recv(size, socket.MSG_WAITALL) if size else None
        except OSError:
            return None


def services_of(cluster):
    """(name, address) of every service."""
    return [(s.host, s.cluster_ip) for s in cluster.services]


def pods_of(cluster):
    """(name, address) of a pod in each namespace."""
    return [(f"10-200-0-{i}.{space}.pod.cluster.local", f"10.200.0.{i}") for i, space in enumerate(cluster.namespaces, 1)]


def write_pods(cluster, file):
    file.write_text("".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: one, namespace: {space}}}\nstatus: {{podIP: {address}}}\n"
        for space, (_, address) in zip(cluster.namespaces, pods_of(cluster))))


def write_list(listed, file):
    pathlib.Path(file).write_text("".join(f"{name} A {3 if address is None else 0} {0 if address is None else 1}\n"
                                          for name, address in listed))
