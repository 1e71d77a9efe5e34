#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Zone transfers: the same zones as CoreDNS's on one API server; Knot, a secondary of ours, follows by NOTIFY; replicas and
their successors have the same serials.

Environment: TROUPE (binary), TROUPE_SEED, TROUPE_TRANSFER_CHANGES (12)."""
import operator
import time

from cluster import Cluster
from corefiles import FIRST_ZONE
from dnsclient import question
from harness import main, number_from, seed_from
from oddities import create as create_oddities
from population import Population
from processes import Failed
from secondary import Secondary
from servers import start_coredns, start_troupe
from wire import RCODES, name_text
from zones import IXFR, TransferDepartures, soa_serial, transfer, unexplained

FILL = 55
LEAST_RECORDS = 500
SETTLED = 1.5     # seconds until a change has its serial: the rest of its second and a little more
TRIES = 5         # looks at what came in late, and changes after which replicas have the same serial
NOTIFIED = 20     # seconds until a secondary has fetched what changed: NOTIFY comes every 5 s at most

COREFILE = """\
cluster.local:{$DNS_PORT} in-addr.arpa:{$DNS_PORT} {
    errors
    ready 127.0.0.1:{$READY_PORT}
    transfer {
        to %(to)s
    }
    kubernetes cluster.local in-addr.arpa {
        kubeconfig %(kubeconfig)s
        pods insecure
    }
}
"""


class Scene:
    def __init__(self, checks, cluster, population):
        self.checks, self.cluster, self.population = checks, cluster, population
        self.departures, self.late = TransferDepartures(), 0
        self.knot = Secondary(cluster)
        kubeconfig = cluster.kubeconfig("dns")
        text = lambda to: COREFILE % {"to": to, "kubeconfig": kubeconfig}
        self.plain = text("*")
        self.coredns = start_coredns(cluster, self.plain)
        self.troupe = start_troupe(cluster, text(f"* 127.0.0.1:{self.knot.port}"))
        self.replica = start_troupe(cluster, self.plain, "replica")
        for server in (self.coredns, self.troupe, self.replica):
            server.wait_ready(60)
        self.knot.start(self.troupe.port, [FIRST_ZONE])

    def serial(self, server):
        found = soa_serial(server.port, FIRST_ZONE)
        if found is None:
            raise Failed(f"{server.name} has no serial")
        return found

    def same_zone(self, label):
        """CoreDNS hears of changes at its own time, so it is asked again for a while."""
        left, end = None, time.monotonic() + 10
        while left != [] and time.monotonic() < end:
            theirs, ours = (transfer(server.port, FIRST_ZONE) for server in (self.coredns, self.troupe))
            left = unexplained(theirs, ours, FIRST_ZONE, self.departures)
        self.checks.check(left == [], f"{label}: {len(left)} records differ: {left[:5]}")
        self.checks.check(ours.repeated == 0, f"{label}: {ours.repeated} records came more than once")
        return ours

    def standing(self, good, *servers):
        """Whether `good(serials)`. It is not if it was not twice with the same serials: where one moves, something came in
        late, and not every loop and connection of a server sees that at the same moment."""
        before = None
        for _ in range(TRIES):
            serials = [self.serial(server) for server in servers]
            if good(*serials):
                return True
            if serials == before:
                break
            before = serials
            time.sleep(SETTLED)
        return False

    def secondary_has(self, label):
        def same(serial):
            ours = transfer(self.troupe.port, FIRST_ZONE)
            self.knot.wait_for(FIRST_ZONE, serial, NOTIFIED)
            return transfer(self.knot.port, FIRST_ZONE).records == ours.records
        self.checks.check(self.standing(same, self.troupe), f"{label}: the secondary's zone is not ours")

    def change(self, count):
        """Early in a second, so that all replicas hear of it in the same one."""
        self.before = [self.serial(server) for server in (self.troupe, self.replica)]
        time.sleep(1.05 - time.time() % 1)
        done = []
        for _ in range(count):
            self.last_change = int(time.time())
            done.append(self.population.change())
        return ", ".join(done)

    def same_serial(self, what):
        """After a change. A serial beyond the end of the second in which that began says that somebody heard of it later: where
        not all did, serials differ until the next change (net/zone/README.md). One that moves no serial is none, like a label."""
        for _ in range(TRIES):
            time.sleep(SETTLED)
            if self.standing(operator.eq, self.troupe, self.replica):
                return self.checks.check(True, "")
            found = [self.serial(server) for server in (self.troupe, self.replica)]
            if found != self.before and max(found) <= self.last_change + 1:
                break
            self.late += found != self.before
            what += ", " + self.change(1)
        return self.checks.check(False, f"after {what}: serials {found}, before {self.before}")


def questions(scene):
    """Everything that is answered without a zone."""
    checks, servers = scene.checks, (scene.coredns, scene.troupe)
    names = {**RCODES, 9: "NOTAUTH"}
    rcode = lambda server, *asked, **how: names.get(transfer(server.port, *asked, **how).rcode)
    for zone, theirs, ours in (("svc." + FIRST_ZONE, "NOERROR", "NOTAUTH"), ("10.in-addr.arpa", "NOERROR", "NOTAUTH"),
                               ("example.org", "REFUSED", "REFUSED")):
        for server, expected in zip(servers, (theirs, ours)):
            got = rcode(server, zone)
            checks.check(got == expected, f"AXFR of {zone} from {server.name}: {got}")
    for server in servers:
        for older, soas in ((0, 1), (1, 2)):
            def good(serial):
                got = transfer(server.port, FIRST_ZONE, IXFR, serial - older)
                return got.soas == soas and got.serial == serial
            checks.check(scene.standing(good, server), f"IXFR from {older} below the serial, {server.name}: not {soas} SOA")
        got = rcode(server, FIRST_ZONE, IXFR)
        checks.check(got == "SERVFAIL", f"IXFR without a serial from {server.name}: {got}")
    ahead = scene.serial(scene.troupe) + 1000
    checks.check(transfer(scene.troupe.port, FIRST_ZONE, IXFR, ahead).soas == 1, "IXFR from who is ahead")


def reverse_zone(scene):
    """Each PTR record that is sent is what CoreDNS answers."""
    zone = transfer(scene.troupe.port, "in-addr.arpa")
    owners = sorted({name_text(owner) for owner, qtype, _ in zone.records if qtype == 12})
    scene.checks.check(len(owners) > 20, f"only {len(owners)} addresses in in-addr.arpa")
    answers = scene.coredns.asker().ask([question(owner, "PTR", "tcp") for owner in owners])
    answered = {(r.owner, r.type, r.data): r.ttl for a in answers if a for r in a.answer}
    sent = {key: ttl for key, ttl in zone.records.items() if key[1] == 12}
    scene.checks.check(answered == sent, lambda: f"PTR records differ: {sorted(answered.items() ^ sent.items())[:5]}")


def follow(scene, rounds):
    zone = transfer(scene.troupe.port, FIRST_ZONE)
    for number in range(rounds):
        before, old = scene.serial(scene.troupe), zone.records
        what = scene.change(1 + number % 3)
        scene.same_serial(what)
        zone = scene.same_zone(f"after {what}")
        moved = zone.records == old or scene.standing(lambda serial: serial > before, scene.troupe)
        scene.checks.check(moved, f"after {what}: the serial stays {before}")
        if number % 4 == 3:
            scene.secondary_has(f"after {what}")


def restart(scene):
    """A successor begins above its predecessor, and has the others' serial with the next change."""
    before = scene.serial(scene.replica)
    time.sleep(max(0, before + 1.05 - time.time()))  # what comes late has a number of this very second, with which a successor begins
    scene.replica.process.stop()
    scene.replica = start_troupe(scene.cluster, scene.plain, "successor").wait_ready(60)
    scene.checks.check(scene.serial(scene.replica) > before, "a successor goes back")
    scene.same_serial(f"a restart, {scene.change(1)}")


def transfers(checks):
    seed, rounds = seed_from(), number_from("TROUPE_TRANSFER_CHANGES", 12)
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, "mycorp.local")
        create_oddities(population)
        population.fill(FILL)
        scene = Scene(checks, cluster, population)
        ours = scene.same_zone("start")
        checks.check(len(ours.records) >= LEAST_RECORDS, f"only {len(ours.records)} records")
        checks.check(all(size <= 63000 + 512 for size in ours.messages), f"messages of {ours.messages} octets")
        scene.secondary_has("start")
        questions(scene)
        reverse_zone(scene)
        follow(scene, rounds)
        restart(scene)
        print(f"{len(ours.records)} records at start in {len(ours.messages)} messages, {rounds} rounds of changes, {scene.late} heard of late")
        for name, count in scene.departures.used.items():
            print(f"  {count:7d}  {name}")


if __name__ == "__main__":
    main(transfers)
