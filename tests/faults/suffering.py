# SPDX-License-Identifier: Apache-2.0
"""Stalls, corrupt tables, fences: what an actor suffers without being killed, and what comes of it."""
import re
import time

from asking import Follower, pods_of, services_of
from killing import all_running
from upstream import Upstream, external_names

SHORT, LONG, DEADLY = 50, 3_500, 11_500  # milliseconds a handler blocks its loop
NOTICED, ENDED = 2.0, 10.0               # seconds until /health says so, until the process ends
UNFENCED_AFTER = 10.0                    # seconds


def health(server):
    return server.page("health", "/health")[0]


def order_and_forget(server, what, actor):
    """The answer may wait for the very loop that stalls."""
    server.ask([what, *actor.split("/"), "fault-injection"], patience=0.3)


def short_stalls(report, world):
    """Handlers that block a loop for a twentieth of a second cost no question its answer and nobody a restart."""
    with world.server() as server:
        follower = Follower(server, services_of(world.cluster), 200)
        for _ in range(5):
            for actor in ("apex/0", "apex/1", "listener/own/0", "namespaces"):
                order_and_forget(server, f"stall-{SHORT}", actor)
                time.sleep(0.1)
        followed = follower.finish()
        restarts = sum(a["restarts"] for a in server.actors().values())
        report("20 stalls of 50 ms: no query notices", followed["right"] == followed["asked"] > 0 and restarts == 0,
               f"{followed}, {restarts} restarts")
        report("/health says nothing of it", "watchdog" not in server.output() and health(server) == 200, health(server))


def long_stall(report, world):
    """A loop that is stuck is named in the log and shows in /health for as long as it lasts."""
    with world.server() as server:
        began = time.monotonic()
        order_and_forget(server, f"stall-{LONG}", "apex/0")
        server.until("said that a loop is stuck", lambda: health(server) == 503, NOTICED + 2)
        noticed = time.monotonic() - began
        report("a loop stuck for 2 s turns /health to 503", NOTICED <= noticed < NOTICED + 1.2, f"after {noticed:.2f} s")
        server.until("named it in the log", lambda: "[ERROR] watchdog: loop 0 has been stuck for 2 s" in server.output(), 1)
        server.until("was well again", lambda: health(server) == 200, LONG / 1000)
        report("/health is 200 again when it goes on", True, f"after {time.monotonic() - began:.2f} s")
        server.until("said in the log that it goes on", lambda: "watchdog: loop 0 goes on" in server.output(), 1)
        bad = world.all_right(server)
        report("and every name is answered", not bad, f"{len(bad)} not {bad[:3]}")


def deadly_stall(report, world):
    """Ten seconds are too long: the process ends, so that whoever watches over it starts another."""
    with world.server() as server:
        began = time.monotonic()
        order_and_forget(server, f"stall-{DEADLY}", "apex/1")
        status = server.process.wait(DEADLY / 1000 + 3)
        seconds = time.monotonic() - began
        report("a loop stuck for 10 s ends the process by SIGABRT", status == -6 and ENDED <= seconds < ENDED + 1.4,
               f"status {status} after {seconds:.2f} s")
        report("the log says why", "[FATAL] watchdog: loop 1 has been stuck for 10 s; ending the process" in server.output())


def corrupt(server, victim, maker, asked, patience=3.0):
    """Poisons what `victim` works on and asks for `asked` until `maker` has been restarted and the answer is right
    again; seconds it took, or None."""
    before = server.actors()[maker]["restarts"]
    server.order("poison", victim)
    began = time.monotonic()
    while time.monotonic() - began < patience:
        rcode = server.rcode(asked)
        actor = server.actors()[maker]
        if actor["restarts"] > before and actor["state"] == "running" and rcode == 0:
            return time.monotonic() - began
    return None


def corrupt_tables(report, world):
    """What an actor works on is corrupt, so that each use of it throws, in its successor as well: supervision makes it
    anew instead of starting again and again with the same."""
    service = world.cluster.services[0]
    name, space = service.host.split("."), service.host.split(".")[1]
    address = [*reversed(service.cluster_ip.split(".")), "in-addr", "arpa"]
    pod = pods_of(world.cluster)[0][0].split(".")
    with Upstream() as one, world.server(upstreams=(one,)) as server:
        outside = next(n for n, a in external_names() if a is not None).split(".")
        server.ask(name), server.ask(outside)
        udp = next(n for n in server.actors() if re.fullmatch(r"listener/udp/.*/0", n))
        upstream = next(n for n in server.actors() if n.startswith("upstream/"))
        running = [n for n in server.actors() if re.fullmatch(f"zone/{space}/.", n)][0]
        cases = [(f"zone/{space}", f"zone/{space}", name), (running, f"zone/{space}", name),
                 ("namespaces", "namespaces", name), ("apex/0", "namespaces", name), ("reverse", "reverse", address),
                 ("reverse/1", "reverse", address), ("pods", "pods", pod), ("forward", "forward", outside),
                 ("forward/0", "forward/0", outside), (upstream, upstream, outside), (udp, udp, name)]
        follower = Follower(server, services_of(world.cluster) + external_names(), 300)
        took = {victim: corrupt(server, victim, maker, asked) for victim, maker, asked in cases}
        followed = follower.finish()
        failed = [victim for victim, seconds in took.items() if seconds is None]
        report("what is corrupt is made anew", not failed, failed or f"{max(took.values()):.2f} s at most for {len(took)}")
        # Who finds the corruption is SERVFAIL; how many questions come meanwhile depends on how soon all is made anew.
        report("meanwhile nothing is answered wrong or not at all", followed["wrong"] == followed["lost"] == 0
               and followed["servfail"] <= 2 * len(cases), followed)
        fenced = [n for n, a in server.actors().items() if a["state"] == "fenced"]
        report("nobody is fenced", not fenced and not all_running(server), fenced)
        bad = world.all_right(server)
        report("every name is answered right in the end", not bad, f"{len(bad)} not {bad[:3]}")


def fence(server, names, patience=30.0):
    """Kills each until it is fenced; true if all are."""
    end, open_ones = time.monotonic() + patience, set(names)
    while open_ones and time.monotonic() < end:
        for _ in range(10):
            for name in sorted(open_ones):
                server.order("kill", name)
            time.sleep(0.02)
        actors = server.actors()
        open_ones = {n for n in open_ones if actors.get(n, {}).get("state") != "fenced"}
    return not open_ones


def fenced_namespace(report, world):
    """Zone servers that fail too often: their namespace is SERVFAIL, at once, and nothing else is; then they are tried
    again."""
    space = world.cluster.namespaces[0]
    inside = [s for s in world.cluster.services if s.host.split(".")[1] == space]
    others = [(s.host, s.cluster_ip) for s in world.cluster.services if s not in inside]
    with world.server() as server:
        for _ in range(50):  # both loops, whichever the kernel chooses
            server.ask(inside[0].host.split("."))
        servers = sorted(n for n in server.actors() if re.fullmatch(f"zone/{space}/.", n))
        follower = Follower(server, others, 300)
        report("killed over and over they are fenced", len(servers) == 2 and fence(server, servers), servers)
        at = time.monotonic()
        rcodes = [server.rcode(s.host.split(".")) for s in inside[:20]]
        took = time.monotonic() - at
        report("its names are SERVFAIL at once", set(rcodes) == {2} and took < 1, f"{rcodes}, {took:.2f} s for {len(rcodes)}")
        report("the log and /actors say so", all(f"supervisor: {n} failed" in server.output() for n in servers)
               and "is fenced; next try in 10 s" in server.output())
        server.until("tried them again", lambda: all(server.actors()[n]["state"] == "running" for n in servers),
                     UNFENCED_AFTER + 3)
        wrong = [s.host for s in inside if not world.right(server, s)]
        report("after ten seconds they are there again", not wrong, f"{time.monotonic() - at:.1f} s, {len(wrong)} wrong")
        followed = follower.finish()
        report("other namespaces never noticed", followed["right"] == followed["asked"] > 0, followed)


def fenced_upstream(report, world):
    """The actor of one of two upstreams fails too often: the other is asked, no query is lost or SERVFAIL once it is."""
    with Upstream() as one, Upstream() as other, world.server(upstreams=(one, other)) as server:
        name = f"upstream/127.0.0.1:{one.port}"
        report("killed over and over it is fenced", fence(server, [name]), name)
        before, asked = one.asked, other.asked
        follower = Follower(server, external_names(), 300)
        time.sleep(3)
        followed = follower.finish()
        report("the other upstream answers for it", followed["right"] == followed["asked"] > 0, followed)
        report("only the other was asked", one.asked == before and other.asked > asked, f"{one.asked - before} and {other.asked - asked}")
        server.until("tried it again", lambda: server.actors()[name]["state"] == "running", UNFENCED_AFTER + 3)
        follower = Follower(server, external_names(), 300)
        server.until("used it again", lambda: one.asked > before + 100, 5)
        followed = follower.finish()
        report("and then it is used again", followed["right"] == followed["asked"] > 0, followed)
