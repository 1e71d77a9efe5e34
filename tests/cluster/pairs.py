# SPDX-License-Identifier: Apache-2.0
"""CoreDNS and Troupe side by side with one configuration, in rooms of their own, asked the same at every place where they listen."""

from askable import Askable
from comparison import Comparison
from departures import Departures
from dnsclient import Asker
from model_check import ModelCheck, describe
from processes import wait_until
from room import Room
from servers import http_status, listens, troupe_binary

READY_PORT = 8181
READY_WITHIN = 90  # seconds; many servers start at once
SETTLE = 8.0       # seconds that both have to see a change
CACHED = 3.0       # the same with a cache: TTLs that count down agree within one second


class PlacedServer:
    """One of the two in its room."""

    def __init__(self, cluster, name, binary):
        self.name, self.binary, self.room, self.process = name, binary, Room(cluster, name), None

    def start(self, configuration, env):
        user = "fleet" if configuration.needs_service_imports() else "dns"
        self.process = self.room.serve(self.binary, configuration.text, user, env)

    def ready(self, places):
        with self.room.entered():
            return (self.process.must_live() and http_status(READY_PORT, "/ready") == 200
                    and all(listens(place.port, place.host) for place in places))


class At:
    """A server at one place, as Comparison and ModelCheck want it."""

    def __init__(self, server, place, decoded):
        self.server, self.place, self.decoded, self.port = server, place, decoded, place.port

    def asker(self):
        return Asker(self.place.port, self.place.host, place=self.server.room.entered, decoded=self.decoded)


class Asked:
    """One place of both: its questions and the comparison."""

    def __init__(self, checks, pair, place, population, seed, decoded):
        self.configuration, self.place = pair.configuration, place
        self.askable = Askable(population, pair.configuration.stanzas_of(place), f"{seed} {pair.configuration.label} {place.port}")
        at = [At(server, place, decoded) for server in (pair.coredns, pair.troupe)]
        self.comparison = Comparison(checks, *at, pair.departures)
        zones = pair.configuration.model_zones(place)
        self.model = ModelCheck(population, at[1], zones, population.fixed) if zones else None


class Pair:
    def __init__(self, cluster, configuration, number, decoded):
        self.configuration, self.decoded = configuration, decoded
        self.coredns = PlacedServer(cluster, f"coredns-{number}", f"{cluster.bin}/coredns")
        self.troupe = PlacedServer(cluster, f"troupe-{number}", troupe_binary())
        self.departures = Departures(features=configuration.features, zones=configuration.zones())
        self.places = []

    def servers(self):
        return self.coredns, self.troupe

    def start(self, env):
        for server in self.servers():
            server.start(self.configuration, env)

    def wait_ready(self, checks, population, seed):
        places = self.configuration.places()
        for server in self.servers():
            wait_until(f"{server.name} ready ({self.configuration.label})", lambda: server.ready(places), READY_WITHIN)
        self.places = [Asked(checks, self, place, population, seed, self.decoded) for place in places]

    def label(self, when, place):
        return f"{self.configuration.label}, {when}" + ("" if len(self.places) == 1 else f", port {place.place.port}")

    def ask_all(self, when):
        """Every question, then by TCP what was cut. Returns how many."""
        asked = 0
        for place in self.places:
            questions = place.askable.current()
            place.comparison.cut.clear()
            place.comparison.round(self.label(when, place), questions, settle=self.settle())
            asked += len(questions)
            place.comparison.truncated(self.label(when, place))
        return asked

    def ask_some(self, when, wanted):
        """The questions that `wanted` takes, of those that may be asked while things change. Returns how many."""
        asked = 0
        for place in self.places:
            questions = [q for q in wanted(place.askable.current()) if not self.configuration.may_be_old(q.name)]
            place.comparison.round(self.label(when, place), questions, settle=SETTLE)
            asked += len(questions)
        return asked

    def settle(self):
        return CACHED if "cache" in self.configuration.features else SETTLE

    def hold_against_model(self, checks):
        """Returns how many answers the model knew."""
        known = 0
        for place in self.places:
            if place.model:
                left, asked, _ = place.model.settle(SETTLE)
                known += asked
                checks.passed += asked - len(left)
                for wrong in left:
                    checks.check(False, lambda: f"{self.label('model', place)}: {describe(wrong)}")
        return known

    def stop(self):
        for server in self.servers():
            server.process.kill()
