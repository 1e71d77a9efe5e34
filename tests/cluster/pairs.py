# SPDX-License-Identifier: Apache-2.0
"""CoreDNS and Troupe side by side with one configuration, in rooms of their own, asked the same at every place where they listen."""
import random

from askable import Askable
from comparison import Comparison
from configuration import CLUSTER_DNS, ENVIRONMENT
from departures import Departures
from dnsclient import Asker, question
from exposition import families, family_differences, parse
from external import World
from model_check import ModelCheck, describe
from processes import wait_until
from room import Room
from servers import http_status, http_text, listens, troupe_binary

# One that no test asks for again: the answer stays in caches.
TO_SEE_AN_ANSWER = question("started.test", "SOA")
MOST, MOST_BEHIND = 6500, 1200  # questions about the cluster at one place, and at one that only leads to the cluster's DNS
MOST_OUTSIDE = 300              # questions about names outside at such a place
READY_WITHIN = 90  # seconds; many servers start at once
SETTLE = 8.0       # seconds that both have to see a change
CACHED = 3.0       # the same with a cache: TTLs that count down agree within one second


class PlacedServer:
    """One of the two in its room."""

    def __init__(self, cluster, name, binary):
        self.name, self.binary, self.room, self.process = name, binary, Room(cluster, name), None
        self.answering = set()

    def furnish(self, configuration):
        self.room.has(configuration.own_addresses(), *(configuration.forwards_to(of_cluster) for of_cluster in (False, True)))

    def start(self, configuration, env):
        user = "fleet" if configuration.needs_service_imports() else "dns"
        self.process = self.room.serve(self.binary, configuration.text, user, {**env, **ENVIRONMENT}, configuration.conf, configuration.files)

    def ready(self, configuration):
        """All that the Corefile has to say so agrees; without `ready`, each place has answered a question besides."""
        with self.room.entered():
            return (self.process.must_live() and all(listens(place.port, place.host) for place in configuration.places())
                    and all(http_status(port, "/" + word, host) == 200 for word in ("ready", "health") for host, port in configuration.endpoints(word))
                    and (configuration.endpoints("ready") or all(self.answers(place) for place in configuration.places())))

    def answers(self, place):
        if place[:2] not in self.answering and Asker(place.port, place.host, tries=1).ask_one(TO_SEE_AN_ANSWER):
            self.answering.add(place[:2])
        return place[:2] in self.answering

    def metrics(self, host, port):
        with self.room.entered():
            return parse(http_text(port, "/metrics", host))


class ClusterDns:
    """The cluster's own DNS in a room: CoreDNS, whoever asks it."""

    def __init__(self, cluster):
        self.room, self.binary = Room(cluster, "cluster-dns", is_cluster_dns=True), f"{cluster.bin}/coredns"

    def start(self):
        process = self.room.serve(self.binary, CLUSTER_DNS)
        with self.room.entered():
            wait_until("the cluster's DNS", lambda: process.must_live() and listens(53) and http_status(8181, "/ready") == 200, READY_WITHIN)


class At:
    """A server at one place, as Comparison and ModelCheck want it."""

    def __init__(self, server, place, decoded):
        self.server, self.place, self.decoded, self.port = server, place, decoded, place.port

    def asker(self):
        return Asker(self.place.port, self.place.host, place=self.server.room.entered, decoded=self.decoded)


class Asked:
    """One place of both: its questions and the comparison. Where the same blocks answer at several addresses, one cache does,
    and all are asked the same."""

    def __init__(self, checks, pair, place, population, seed, outside_seed, decoded):
        self.configuration, self.place = pair.configuration, place
        behind, own_seed = pair.configuration.asks_cluster_dns(place), f"{seed} {pair.configuration.label} {place.host} {place.port}"
        twin = next((other for other in pair.places if other.place.blocks == place.blocks), None)
        self.askable = twin.askable if twin else Askable(population, pair.configuration.stanzas_of(place), own_seed, MOST_BEHIND if behind else MOST)
        outside = World(outside_seed).plain_questions() if behind else []
        self.outside = twin.outside if twin else random.Random(own_seed).sample(outside, min(len(outside), MOST_OUTSIDE))
        at = [At(server, place, decoded) for server in (pair.coredns, pair.troupe)]
        self.comparison = Comparison(checks, *at, pair.departures, twin and twin.comparison.ages)
        zones = pair.configuration.model_zones(place)
        self.model = ModelCheck(population, at[1], zones, population.fixed) if zones else None

    def questions(self):
        return self.askable.current() + self.outside


class Pair:
    def __init__(self, cluster, configuration, number, decoded):
        self.configuration, self.decoded = configuration, decoded
        self.coredns = PlacedServer(cluster, f"coredns-{number}", f"{cluster.bin}/coredns")
        self.troupe = PlacedServer(cluster, f"troupe-{number}", troupe_binary())
        self.departures = Departures(features=configuration.features, zones=configuration.zones(), has_data=bool(configuration.stanzas))
        self.places = []
        for server in self.servers():
            server.furnish(configuration)

    def servers(self):
        return self.coredns, self.troupe

    def start(self, env):
        for server in self.servers():
            server.start(self.configuration, env)

    def wait_ready(self, checks, population, seed, outside_seed):
        for server in self.servers():
            wait_until(f"{server.name} ready ({self.configuration.label})", lambda: server.ready(self.configuration), READY_WITHIN)
        for place in self.configuration.places():
            self.places.append(Asked(checks, self, place, population, seed, outside_seed, self.decoded))

    def label(self, when, place):
        return f"{self.configuration.label}, {when}" + ("" if len(self.places) == 1 else f", {place.place.host} port {place.place.port}")

    def ask_all(self, when):
        """Every question, then by TCP what was cut. Returns how many."""
        asked = 0
        for place in self.places:
            questions = place.questions()
            place.comparison.cut.clear()
            place.comparison.round(self.label(when, place), questions, settle=self.settle(when))
            asked += len(questions)
            place.comparison.truncated(self.label(when, place))
        return asked

    def compare_metrics(self, checks, departures):
        """Wherever the Corefile says so, every family of metrics that CoreDNS exports is there, of the same type, with the same
        labels."""
        after = "cluster" if self.configuration.stanzas else ""
        for host, port in self.configuration.endpoints("prometheus"):
            theirs, ours = (families(*server.metrics(host, port)) for server in self.servers())
            missing = [found for found in family_differences(theirs, ours, self.configuration.features) if not departures.covers(*found[:2], after)]
            checks.passed += len(theirs) - len({series.name for series, *_ in missing})
            for series, word, text in missing:
                checks.check(False, f"{self.configuration.label}: metrics of {host}:{port}: {series.name}: {word}: {text}")

    def ask_some(self, when, wanted):
        """The questions that `wanted` takes, of those that may be asked while things change. Returns how many."""
        asked = 0
        for place in self.places:
            questions = [q for q in wanted(place.askable.current()) if not self.configuration.may_be_old(q.name)]
            place.comparison.round(self.label(when, place), questions, settle=SETTLE)
            asked += len(questions)
        return asked

    def settle(self, when):
        """Seconds. Where nothing has changed and the cluster's data is one server's, none: TTLs of a few seconds agree by chance
        if they are only looked at often enough."""
        if when == "start" and not self.configuration.stanzas:
            return 0
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
