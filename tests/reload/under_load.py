# SPDX-License-Identifier: Apache-2.0
"""Reloads while 10,000 questions a second are asked."""
import statistics
import time

from asking import RATE, Load, StreamFollower, services_of
from changing import Changing, pause
from upstream import zone_text

RELOADS, APART = 200, 0.05  # and seconds between them, at least
MOST_MEMORY = 1.3           # of what it was before
MOVES = 20


def clean(report, title, load, server, drops):
    figures = load.finish()
    lost_inside = figures["lost"] - (server.kernel_drops() - drops)
    report(title, lost_inside <= 0 and figures["wrong"] == figures["stray"] == 0 and figures["answered"] > 0,
           f"{figures['sent'] / figures['seconds']:.0f} q/s, {figures['lost']} lost, {figures['wrong']} wrong, "
           f"{figures['stray']} stray, {server.kernel_drops() - drops} without room in the kernel, "
           f"p99 {figures['p99_us']:.0f} us")


def two_corefiles(report, world):
    """From one to the other and back: ttl, a block on another port, a zone, the address of `prometheus`, options of a
    `forward` by TLS beside a zone from a file."""
    with world.tls_upstream() as upstream, Changing(world, files=[("zoned.db", zone_text())]) as server:
        here = server.block(ttl=5) + server.example_block([upstream], 1000)
        there = (server.block(ttl=30, zones=("cluster.local", "in-addr.arpa", "other.local"), metrics="moved")
                 + server.other_block() + server.example_block([upstream], 2000))
        server.reload(here)
        drops = server.kernel_drops()
        load = Load(server, world.folder / "mixed", RELOADS * APART + 10, RATE)
        streams = StreamFollower(server, services_of(world.cluster), 50)
        time.sleep(2)
        before, most, times, wrong = server.resident(), 0, [], []
        for n in range(RELOADS):
            began = time.monotonic()
            odd = n % 2 == 0
            times.append(server.reload(there if odd else here))
            got = server.answer(), server.answer(port=server.second, patience=0.02) is not None
            if got != ((0, 30 if odd else 5), odd):
                wrong.append((n, got))
            most = max(most, server.resident())
            pause(began + APART)
        all_the_time = load.running()
        report(f"{RELOADS} reloads at least {APART * 1000:.0f} ms apart, each in force when it says so",
               not wrong and all_the_time, f"{len(wrong)} not {wrong[:3]}, median {statistics.median(times) * 1000:.1f} ms, "
               f"longest {max(times) * 1000:.0f} ms")
        clean(report, "no query notices", load, server, drops)
        report("names were asked by TLS", upstream.asked > RATE / 10, f"{upstream.asked} times")
        over_tcp = streams.finish()
        report("nor does one over TCP: the connection lives on", over_tcp["right"] == over_tcp["asked"] > 0
               and over_tcp["connections"] == 1, over_tcp)
        report(f"resident memory at most {MOST_MEMORY} times what it was", most <= MOST_MEMORY * before,
               f"{before} KiB before, {most} at most ({most / before:.2f})")
        counted = server.metric("coredns_dns_requests_total")
        report("counters live on", counted > 10 * RATE, counted)
        read = server.metric("troupe_slots_total")
        server.reload(there)
        after = server.metric_at(server.moved, "troupe_slots_total")
        report("counters of sockets that went, too", after >= read, f"{read:.0f}, then {after:.0f}")
        report("the old address of prometheus is closed", server.page("prometheus", "/metrics")[0] is None, "")
        status, seconds = server.stop()
        report("SIGTERM ends it with status 0", status == 0, f"status {status} after {seconds:.2f} s")


def to_every_address(report, world):
    """From one bound address to all and back: questions go to whichever socket is there."""
    with Changing(world) as server:
        drops = server.kernel_drops()
        load = Load(server, world.folder / "all", MOVES * 0.2 + 2, RATE)
        time.sleep(0.5)
        for n in range(MOVES):
            began = time.monotonic()
            server.reload(server.block(bind="127.0.0.1" if n % 2 else None))
            pause(began + 0.2)
        clean(report, f"{MOVES} times from 127.0.0.1 to every address or back: no query notices", load, server, drops)
