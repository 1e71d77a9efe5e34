# SPDX-License-Identifier: Apache-2.0
"""Actors killed under load."""
import pathlib
import random
import tempfile
import time

import names
from asking import RATE, Follower, Load, StreamFollower, services_of, write_list
from server import Server

NAMESPACES, SERVICES = 50, 2_000
KILLS, MANY_KILLS, KILLS_A_SECOND = 20, 1_000, 25
VICTIM = "team-07"
SPARED = {"supervisor"}  # it watches over the others: its end is the server's
TRACKED = 500            # of the questions a second, each followed by itself


class World:
    """The cluster as manifests and as questions."""

    def __init__(self, seed=1):
        self.temporary = tempfile.TemporaryDirectory(prefix="troupe-faults-")
        self.folder = pathlib.Path(self.temporary.name)
        self.cluster = names.make_cluster(seed, SERVICES, NAMESPACES)
        names.write_manifests(self.cluster, self.folder / "manifests")
        self.folder.chmod(0o755)  # for a server that runs as somebody else
        write_list(services_of(self.cluster), self.folder / "all")
        write_list(services_of(self.cluster, only=VICTIM), self.folder / "victim")
        write_list(services_of(self.cluster, without=VICTIM), self.folder / "others")

    def server(self, **how):
        return Server(folder=self.folder / "manifests", **how)

    def all_right(self, server):
        """Names that are not answered right, asked one by one."""
        return [s.host for s in self.cluster.services if not self.right(server, s)]

    @staticmethod
    def right(server, service):
        answer = server.ask(service.host.split("."))
        return answer is not None and answer[3] & 15 == 0 and bytes(map(int, service.cluster_ip.split("."))) in answer


def restarts_of(server, name):
    return server.actors().get(name, {"restarts": 0})["restarts"]


def kill_often(server, name, times, pause):
    """Kills the actor again and again, waiting each time until its restart is counted and `pause` seconds."""
    for n in range(1, times + 1):
        server.until(f"restarted {name}", lambda n=n: server.order("kill", name) and counted(server, name, n))
        time.sleep(pause)


def counted(server, name, at_least, patience=1.0):
    end = time.monotonic() + patience
    while restarts_of(server, name) < at_least:
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def finish(load, server, drops_before):
    """The load's figures, without what never reached the server."""
    figures = load.finish()
    figures["drops"] = server.kernel_drops() - drops_before
    figures["text"] = (f"{figures['sent'] / figures['seconds']:.0f} q/s, {figures['lost']} lost, {figures['wrong']} wrong, "
                       f"{figures['stray']} stray, {figures['drops']} without room in the kernel")
    return figures


def clean(figures):
    return figures["lost"] == figures["wrong"] == figures["stray"] == 0 and figures["answered"] > 0


def keeper_killed(report, world):
    """A zone keeper killed 20 times: no query notices."""
    name = f"zone/{VICTIM}"
    with world.server() as server:
        load, follower = Load(server, world.folder / "all", 12), Follower(server, services_of(world.cluster, only=VICTIM), 100)
        time.sleep(0.5)
        kill_often(server, name, KILLS, 0.3)
        figures, followed, restarts = finish(load, server, 0), follower.finish(), restarts_of(server, name)
        report(f"{name} killed {KILLS} times: no query notices", clean(figures), figures["text"])
        report("its own namespace, followed one by one", followed["right"] == followed["asked"] > 0, followed)
        report("/actors shows the restarts", restarts == KILLS, restarts)


def zone_server_killed(report, world):
    """A zone server killed 20 times: the others do not notice, its own are all answered."""
    with world.server() as server:
        drops = server.kernel_drops()
        others = Load(server, world.folder / "others", 15, RATE * 0.95)
        own = Load(server, world.folder / "victim", 15, RATE * 0.05)
        follower = Follower(server, services_of(world.cluster, only=VICTIM), 100)
        time.sleep(0.5)
        name = next(n for n in sorted(server.actors()) if n.startswith(f"zone/{VICTIM}/"))
        kill_often(server, name, KILLS, 0.3)
        restarts = restarts_of(server, name)
        for title, load in (("other namespaces", others), ("its own namespace", own)):
            figures = finish(load, server, drops)
            report(f"{name} killed {KILLS} times: {title}", clean(figures), figures["text"])
        followed = follower.finish()
        report("its own namespace, followed one by one",
               followed["right"] + followed["servfail"] == followed["asked"] > 0, followed)
        report("/actors shows the restarts", restarts == KILLS, restarts)


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


def kill_at_random(server, seed):
    """Until as many restarts are counted as wanted; (restarts, kinds hit)."""
    rng, kinds = random.Random(seed), set()
    end = time.monotonic() + 6 * MANY_KILLS / KILLS_A_SECOND
    for n, victim in enumerate(random_victims(server, rng)):
        server.order(rng.choice(("kill", "throw")), victim)
        time.sleep(rng.expovariate(KILLS_A_SECOND))
        if n % 25 == 24 or time.monotonic() > end:
            actors = server.actors().values()
            kinds = {a["kind"] for a in actors if a["restarts"]}
            restarts = sum(a["restarts"] for a in actors)
            if restarts >= MANY_KILLS or time.monotonic() > end:
                return restarts, kinds


def everyone_killed(report, world, seed):
    """1,000 kills and exceptions over all kinds: every query is answered or counted, none twice; the server is whole at
    the end."""
    with world.server() as server:
        follower = Follower(server, services_of(world.cluster), TRACKED, seed)
        streams = StreamFollower(server, services_of(world.cluster), 100, seed + 1)
        load = Load(server, world.folder / "all", 2 * MANY_KILLS / KILLS_A_SECOND, RATE - TRACKED)
        restarts, kinds = kill_at_random(server, seed)
        figures, followed, over_tcp = finish(load, server, 0), follower.finish(), streams.finish()
        report(f"{MANY_KILLS} kills and exceptions at random moments (seed {seed})", restarts >= MANY_KILLS,
               f"{restarts} restarts of {', '.join(sorted(kinds))}")
        report("every query is answered or counted", figures["lost"] <= figures["drops"] and figures["answered"] > 0,
               f"{figures['answered']} answered, {figures['text']}")
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
