# SPDX-License-Identifier: Apache-2.0
"""Actors killed under load."""
import pathlib
import random
import re
import tempfile
import time
from collections import Counter

import names
from asking import RATE, Follower, Load, StreamFollower, pods_of, services_of, write_list, write_pods
from authority import Authority
from server import Server
from upstream import (LIVE, TlsUpstream, Upstream, external_names, secret_lines, secret_names, zone_text,
                      zoned_names)

NAMESPACES, SERVICES = 50, 2_000
KILLS, ROUND = 100, 0.8  # of each kind; seconds between two of one kind
KILLING = 2 * KILLS * ROUND  # seconds at most
MANY_KILLS, KILLS_A_SECOND = 1_000, 25
UPSTREAM_EVERY = 40      # kills from the end of an upstream to its return, and as many to the next end
SPARED = {"supervisor"}  # it watches over the others: its end is the server's
TRACKED = 500            # of the questions a second, each followed by itself


class World:
    """The cluster as manifests and as questions."""

    def __init__(self, seed=1):
        self.temporary = tempfile.TemporaryDirectory(prefix="troupe-faults-")
        self.folder = pathlib.Path(self.temporary.name)
        self.cluster = names.make_cluster(seed, SERVICES, NAMESPACES)
        names.write_manifests(self.cluster, self.folder / "manifests")
        write_pods(self.cluster, self.folder / "manifests" / "pods.yaml")
        self.authority = Authority(str(self.folder), "authority")
        self.certificate = self.authority.issue("upstream", "IP:127.0.0.1")
        self.folder.chmod(0o755)  # for a server that runs as somebody else
        write_list(services_of(self.cluster), self.folder / "all")
        self.mixed = (services_of(self.cluster) + pods_of(self.cluster) + external_names() + secret_names()
                      + zoned_names())
        random.Random(seed).shuffle(self.mixed)
        write_list(self.mixed, self.folder / "mixed")
        write_list([each for each in external_names() if each[0].endswith(LIVE)], self.folder / "live")

    def server(self, **how):
        return Server(folder=self.folder / "manifests", **how)

    def tls_upstream(self):
        return TlsUpstream(*self.certificate)

    def server_of_all(self, upstreams, secret, **how):
        """One that knows `mixed`: `secret` are asked by TLS, and there is a zone from a file."""
        return self.server(upstreams=upstreams, lines=secret_lines(secret, self.authority.certificate),
                           files=[("zoned.db", zone_text())], **how)

    def all_right(self, server):
        """Names that are not answered right, asked one by one."""
        return [s.host for s in self.cluster.services if not self.right(server, s)]

    @staticmethod
    def right(server, service):
        answer = server.ask(service.host.split("."))
        return answer is not None and answer[3] & 15 == 0 and bytes(map(int, service.cluster_ip.split("."))) in answer


def finish(load, server, drops_before, early=False):
    """The load's figures, without what never reached the server."""
    figures = load.finish(early)
    figures["drops"] = server.kernel_drops() - drops_before
    figures["text"] = (f"{figures['sent'] / figures['seconds']:.0f} q/s, {figures['lost']} lost, {figures['wrong']} wrong, "
                       f"{figures['stray']} stray, {figures['drops']} without room in the kernel")
    return figures


def clean(figures):
    return figures["lost"] == figures["wrong"] == figures["stray"] == 0 and figures["answered"] > 0


# What is killed: title -> names of its actors.
GROUPS = {
    "listener": r"listener/(udp|tcp)/.*",
    "listener/own": r"listener/own/.",
    "forward": r"forward",
    "forward front": r"forward/.",
    "upstream": r"upstream/.*",
    "cache": r"cache/.",
    "apex": r"apex/.",
    "zone server": r"zone/.*/.",
    "zone keeper": r"zone/[^/]*",
    "reverse server": r"reverse/.",
    "reverse keeper": r"reverse",
    "watcher": r".*-watcher",
    "namespaces": r"namespaces",
    "pods": r"pods",
    "notify": r"notify",
    "reloader": r"reload",
    "loop detector": r"loop",
    "health": r"health.*",
    "ready": r"ready.*",
    "metrics": r"prometheus.*",
    "actors page": r"actors.*",
}


def reasons(server):
    """Why questions were not answered, as `errors` says it, each with how often."""
    return dict(Counter(line.rsplit(": ", 1)[1] for line in server.output().splitlines() if "plugin/errors" in line))


def in_groups(server):
    """title -> {name: restarts} of those that run, and title -> restarts in all."""
    running, restarts = {}, {}
    actors = server.actors()
    for title, names in GROUPS.items():
        mine = {name: a for name, a in actors.items() if re.fullmatch(names, name)}
        running[title] = [name for name, a in mine.items() if a["state"] == "running"]
        restarts[title] = sum(a["restarts"] for a in mine.values())
    return running, restarts


def kill_each(server, rng):
    """Rounds in which one actor of each kind is killed, until every kind was often enough, or it takes too long."""
    end = time.monotonic() + KILLING - 5
    while True:
        began = time.monotonic()
        running, restarts = in_groups(server)
        due = [title for title in GROUPS if restarts[title] < KILLS]
        if not due or began > end:
            return restarts
        for title in due:
            if running[title]:
                server.order("kill", rng.choice(running[title]))
            time.sleep(0.6 * ROUND / len(due))
        time.sleep(max(0, began + ROUND - time.monotonic()))


def each_kind_killed(report, world, seed):
    """Every kind of actor killed 100 times, under questions for cluster names, forwarded ones and cached ones: none is
    lost, none is answered with anything else than on other days."""
    with (Upstream() as one, Upstream() as other, world.tls_upstream() as third, world.tls_upstream() as fourth,
          world.server_of_all((one, other), (third, fourth)) as server):
        drops = server.kernel_drops()
        load = Load(server, world.folder / "mixed", KILLING)
        follower = Follower(server, world.mixed, 100, seed)
        time.sleep(1)
        restarts = kill_each(server, random.Random(seed))
        all_the_time = load.running()
        figures, followed = finish(load, server, drops, early=True), follower.finish()
        report(f"every kind of actor killed {KILLS} times (seed {seed}); /actors counts it",
               all(n >= KILLS for n in restarts.values()) and all_the_time, restarts)
        report("no query notices", clean(figures), figures["text"] + f", p99 {figures['p99_us']:.0f} us")
        report("followed one by one", followed["right"] == followed["asked"] > 0, f"{followed}, {reasons(server)}")
        missing = all_running(server)
        report("every actor is there again", not missing, missing or len(server.actors()))
        asked = [each.asked for each in (one, other, third, fourth)]
        report("upstreams were asked", min(asked[:2]) > RATE and min(asked[2:]) > RATE / 10, f"{asked} times")


def random_victims(server, rng):
    """Names of actors: half of the time every kind is as likely as any other, else every actor."""
    while True:
        by_kind = {}
        for name, a in server.actors().items():
            if a["kind"] not in SPARED:
                by_kind.setdefault(a["kind"], []).append(name)
        everyone = [name for names_of_kind in by_kind.values() for name in names_of_kind]
        for _ in range(10):
            yield rng.choice(by_kind[rng.choice(sorted(by_kind))] if rng.random() < 0.5 else everyone)


def kill_at_random(server, seed, upstreams):
    """Until as many restarts are counted as wanted; (restarts, kinds hit). Now and then one of the upstreams ends, too,
    until the next time."""
    rng, kinds, dead = random.Random(seed), set(), None
    end = time.monotonic() + 4 * MANY_KILLS / KILLS_A_SECOND - 5
    for n, victim in enumerate(random_victims(server, rng)):
        if n % UPSTREAM_EVERY == UPSTREAM_EVERY - 1:
            if dead:
                dead.begin()
            dead = None if dead else rng.choice(upstreams)
            if dead:
                dead.end()
        server.order(rng.choice(("kill", "throw")), victim)
        time.sleep(rng.expovariate(KILLS_A_SECOND))
        if n % 25 == 24 or time.monotonic() > end:
            actors = server.actors().values()
            kinds = {a["kind"] for a in actors if a["restarts"]}
            restarts = sum(a["restarts"] for a in actors)
            if restarts >= MANY_KILLS or time.monotonic() > end:
                if dead:
                    dead.begin()
                return restarts, kinds


def everyone_killed(report, world, seed):
    """1,000 kills and exceptions over all kinds, and ends of upstreams: every query is answered or counted, none twice;
    the server is whole at the end."""
    with (Upstream() as one, Upstream() as other, world.tls_upstream() as third, world.tls_upstream() as fourth,
          world.server_of_all((one, other), (third, fourth)) as server):
        upstreams = one, other, third, fourth
        follower = Follower(server, world.mixed, TRACKED, seed)
        streams = StreamFollower(server, services_of(world.cluster), 100, seed + 1)
        load = Load(server, world.folder / "mixed", 4 * MANY_KILLS / KILLS_A_SECOND, RATE - TRACKED)
        restarts, kinds = kill_at_random(server, seed, upstreams)
        all_the_time = load.running()
        figures, followed, over_tcp = finish(load, server, 0, early=True), follower.finish(), streams.finish()
        ends = sum(each.ends for each in upstreams)
        report(f"{MANY_KILLS} kills and exceptions at random moments (seed {seed}), and ends of upstreams",
               restarts >= MANY_KILLS and all_the_time and ends > MANY_KILLS / UPSTREAM_EVERY / 4 and "upstream" in kinds,
               f"{restarts} restarts of {', '.join(sorted(kinds))}; upstreams ended {ends} times")
        report("every query is answered or counted", figures["lost"] <= figures["drops"] and figures["answered"] > 0,
               f"{figures['answered']} answered, {figures['text']}, {reasons(server)}")
        report("none is answered twice", figures["stray"] == followed["twice"] == followed["stray"] == 0, followed)
        report("none is answered wrong", followed["wrong"] == 0 and followed["right"] > 0, follower.wrong[:3] or followed)
        report("every query over TCP is answered, on one connection", over_tcp["lost"] == over_tcp["wrong"] == 0
               and over_tcp["connections"] == 1, over_tcp)
        missing = all_running(server)
        report("every actor is there again", not missing, missing or len(server.actors()))
        bad = world.all_right(server)
        report("every name is answered right in the end", not bad, f"{len(bad)} of {SERVICES} not {bad[:3]}")
        status, seconds = server.stop()
        report("SIGTERM ends it with status 0", status == 0 and seconds < 2, f"status {status} after {seconds:.2f} s")


def all_running(server, patience=15):
    """Actors that do not come back."""
    end = time.monotonic() + patience
    while True:
        missing = [f"{n}: {a['state']}" for n, a in server.actors().items() if a["state"] != "running"]
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.1)
