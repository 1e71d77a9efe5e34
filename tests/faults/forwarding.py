# SPDX-License-Identifier: Apache-2.0
"""What other resolvers do, under load."""
import os
import signal
import socket
import time

from asking import RATE, Follower, Load
from killing import clean, finish
from server import question
from upstream import LIVE, SLOW, Upstream, external_names

AT_ONCE = 500
AT_ONE_END = 1.5  # seconds that the end of an upstream may cost a question, on a machine that stalls; `read_timeout` is 2


def one_of_two_ends(report, world):
    """All questions are forwarded, with the usual `read_timeout` of 2 s; one of two upstreams ends and comes back."""
    with Upstream() as stays, Upstream() as goes, world.server(upstreams=(stays, goes)) as server:
        drops = server.kernel_drops()
        load = Load(server, world.folder / "live", 14)
        follower = Follower(server, [each for each in external_names() if each[0].endswith(LIVE)], 100)
        time.sleep(4)
        before = goes.asked
        goes.end()
        time.sleep(4)
        at_end, alone = goes.asked, stays.asked
        goes.begin()
        back = server.until("asked the one that is back", lambda: goes.asked > at_end + 100)
        figures, followed = finish(load, server, drops), follower.finish()
        report("one of two upstreams ends and comes back: no query notices", clean(figures),
               figures["text"] + f", p99 {figures['p99_us']:.0f} us")
        report("followed one by one", followed["right"] == followed["asked"] > 0, followed)
        report("what it had taken is asked elsewhere at once", slowest(follower) < AT_ONE_END,
               f"slowest {slowest(follower):.3f} s, {figures['max_us'] / 1e6:.3f} s under load")
        report("both were used, one, both again", before > RATE and alone > RATE and goes.asked > at_end + RATE,
               f"{before} before its end, {goes.asked - at_end} after, {back:.2f} s after its return")


def one_of_two_falls_silent(report, world):
    """One of two upstreams takes questions and says nothing (its process is stopped), then it goes on. Nobody refuses:
    the silence is noticed after half a second, and a probe is given one more."""
    with Upstream() as stays, Upstream() as stops, world.server(upstreams=(stays, stops)) as server:
        follower = Follower(server, [each for each in external_names() if each[0].endswith(LIVE)], 200)
        time.sleep(2)
        os.kill(stops.process.pid, signal.SIGSTOP)
        stopped = time.monotonic()
        time.sleep(5)
        at_end = stops.asked
        os.kill(stops.process.pid, signal.SIGCONT)
        back = server.until("asked the one that goes on", lambda: stops.asked > at_end + 200)
        followed = follower.finish()
        report("one of two upstreams falls silent and goes on: every question is answered",
               followed["right"] == followed["asked"] > 0, followed)
        noticed = max([when - stopped for when, _ in follower.slow], default=0)
        report("those that it had wait for a second and a half, the later ones do not", 0.9 < slowest(follower) < 1.8
               and noticed < 1.8, f"slowest {slowest(follower):.2f} s; {len(follower.slow)} slow ones, the last asked "
               f"{noticed:.2f} s after the silence began; used again after {back:.2f} s")


def slowest(follower):
    return max([seconds for _, seconds in follower.slow], default=0)


def the_same_at_once(report, world):
    """500 clients ask the same, forwarded and through the cache."""
    with Upstream() as upstream, world.server(upstreams=(upstream,)) as server:
        for zone in ("slow.example", "cached.example"):
            asked = upstream.asked_slow
            answers = ask_together(server, SLOW.replace("slow.example", zone))
            report(f"{AT_ONCE} identical questions at once below {zone} are one to the upstream",
                   upstream.asked_slow - asked == 1 and answers == [0] * AT_ONCE,
                   f"{upstream.asked_slow - asked}, {answers.count(0)} of {len(answers)} answered")


def ask_together(server, name):
    """The rcodes of the answers."""
    rcodes = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", server.port))
        s.settimeout(2)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        for identity in range(AT_ONCE):
            s.send(question(name.split("."), identity))
        try:
            while len(rcodes) < AT_ONCE:
                rcodes.append(s.recv(65535)[3] & 15)
        except TimeoutError:
            pass
    return rcodes
