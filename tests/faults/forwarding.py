# SPDX-License-Identifier: Apache-2.0
"""What other resolvers do, under load."""
import socket
import time

from asking import RATE, Follower, Load
from killing import clean, finish
from server import question
from upstream import LIVE, SLOW, Upstream, external_names

AT_ONCE = 500


def one_of_two_ends(report, world):
    """All questions are forwarded; one of two upstreams ends and comes back."""
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
        report("both were used, one, both again", before > RATE and alone > RATE and goes.asked > at_end + RATE,
               f"{before} before its end, {goes.asked - at_end} after, {back:.2f} s after its return")


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
