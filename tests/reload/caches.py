# SPDX-License-Identifier: Apache-2.0
"""What becomes of cached answers."""
import subprocess

from changing import Changing
from upstream import Upstream, address_of

NAME = ["c7", "example"]


def corefile(server, upstream, ttl=5):
    return (server.block(ttl) + f"example:{server.port} {{\n  bind 127.0.0.1\n  cache 30\n"
            f"  forward . 127.0.0.1:{upstream.port}\n}}\n")


def follow_upstreams(report, world):
    """They live on with who gave them, and no longer; an operator may empty the cache."""
    with Upstream() as first, Upstream() as second, Changing(world, lambda server: corefile(server, first)) as server:
        def asked():
            before = first.asked, second.asked
            right = bytes(map(int, address_of(7).split("."))) in (server.ask(NAME) or b"")
            return right, first.asked - before[0], second.asked - before[1]

        report("an answer is cached", (got := [asked(), asked()]) == [(True, 1, 0), (True, 0, 0)], got)
        server.reload(corefile(server, first, ttl=6))
        report("a reload that changes something else keeps it", (got := asked()) == (True, 0, 0), got)
        server.reload(corefile(server, second))
        report("one that names another upstream does not", (got := [asked(), asked()]) == [(True, 0, 1), (True, 0, 0)], got)
        says = "SIGUSR2: Emptying the caches"
        told = subprocess.run([server.program, "cache", "flush"], capture_output=True, text=True)
        server.until("heard of the flush", lambda: server.count(says) == 1)
        report("troupe cache flush", told.returncode == 0 and (got := asked()) == (True, 0, 1), (told, got))
