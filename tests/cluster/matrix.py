# SPDX-License-Identifier: Apache-2.0
"""One generated cluster, many configurations on it at once: asked, changed, asked again."""
import random
import time
from collections import Counter

from cluster import Cluster
from harness import number_from
from objects import SERVICE_LABEL, key_of
from exposition import MetricDepartures
from pairs import ClusterDns, Pair
from questions import addresses, reverse_name
from room import API_ADDRESS, start_outside
from varieties import generated

ROUNDS = 6       # of changes
CHANGES = 15     # in each
SAMPLE = 500     # questions of a round that have nothing to do with the changes
LEAST_GOOD = 30   # answers with records at each place, or both may only agree that they know nothing


class Matrix:
    """`counts`: questions of the first round under each label; `waiting`: what Troupe does not have yet; `used`: departures."""

    def __init__(self, configurations, seed):
        self.configurations, self.seed, self.rng = configurations, seed, random.Random(seed)
        self.counts, self.waiting, self.used, self.modelled, self.later = {}, [], Counter(), 0, 0
        self.decoded = {}

    def run(self, checks):
        with Cluster() as cluster:
            began = time.monotonic()
            cluster.bind_fleet()
            population = generated(cluster.api, self.seed)
            pairs = self.start(checks, cluster, population)
            self.say(f"{len(population.services)} services, {len(population.slices)} slices, {len(population.pods)} pods; "
                     f"{len(pairs)} pairs of servers ready", began)
            self.at_the_start(checks, pairs)
            self.under_change(pairs, population)
            self.at_the_end(checks, pairs)
            for pair in pairs:
                self.used.update(pair.departures.used)
                pair.stop()

    def say(self, text, began):
        print(f"[{self.seed.split()[1]}] {text} ({time.monotonic() - began:.1f} s)", flush=True)

    def start(self, checks, cluster, population):
        pairs = []
        for number, configuration in enumerate(self.configurations):
            path = cluster.path(f"{number}.corefile")
            with open(path, "w") as out:
                out.write(configuration.text)
            missing = configuration.not_yet(path)
            if missing:
                self.waiting.append((configuration.label, missing))
            else:
                pairs.append(Pair(cluster, configuration, number, self.decoded))
        outside_seed, rooms = self.rng.randrange(1 << 32), [server.room for pair in pairs for server in pair.servers()]
        cluster_dns = ClusterDns(cluster) if any(room.cluster_dns for room in rooms) else None
        start_outside(cluster, rooms + ([cluster_dns.room] if cluster_dns else []), outside_seed)
        if cluster_dns:
            cluster_dns.start()
        env = {"KUBECONFIG": cluster.kubeconfig("dns", server=f"https://{API_ADDRESS}:443"), "CLIENT_CERT": cluster.path("dns.crt"),
               "CLIENT_KEY": cluster.path("dns.key"), "CA_CERT": cluster.path("ca.crt")}
        for pair in pairs:
            pair.start(env)
        for pair in pairs:
            pair.wait_ready(checks, population, self.seed, outside_seed)
        return pairs

    def at_the_start(self, checks, pairs):
        departures = MetricDepartures()
        for pair in pairs:
            began = time.monotonic()
            asked = self.counts[pair.configuration.label] = pair.ask_all("start")
            for place in pair.places:
                good = place.comparison.kinds["NOERROR"]
                checks.check(good >= LEAST_GOOD, f"{pair.label('start', place)}: only {good} answers have records")
            pair.compare_metrics(checks, departures)
            self.say(f"{pair.configuration.label}: {asked} questions", began)

    def under_change(self, pairs, population):
        for number in range(1, number_from("TROUPE_MATRIX_ROUNDS", ROUNDS) + 1):
            began, before = time.monotonic(), snapshot(population)
            done = [population.change() for _ in range(CHANGES)]
            touched = Touched(before, snapshot(population))
            wanted = lambda questions: self.some(questions, touched)
            asked = sum(pair.ask_some(f"round {number}, the last change: {done[-1]}", wanted) for pair in pairs)
            self.later += asked
            self.say(f"round {number}: {CHANGES} changes, {asked} questions", began)

    def some(self, questions, touched):
        picked = set(self.rng.sample(range(len(questions)), min(SAMPLE, len(questions))))
        return [q for i, q in enumerate(questions) if i in picked or touched.concerns(q.name.lower())]

    def at_the_end(self, checks, pairs):
        for pair in pairs:
            began = time.monotonic()
            asked = pair.ask_all("end")
            known = pair.hold_against_model(checks)
            self.say(f"{pair.configuration.label}: {asked} questions again, {known} held against the model", began)
            for place in pair.places:
                for kind, count in place.comparison.by_kind.most_common():
                    print(f"  differs {count:6d}  {kind}")


def snapshot(population):
    return {**population.services, **{("slice", *key): one for key, one in population.slices.items()},
            **{("pod", *key): one for key, one in population.pods.items()}}


class Touched:
    """What differs between two snapshots, as parts of the names that this may change."""

    def __init__(self, before, after):
        self.parts = set()
        for key in before.keys() | after.keys():
            if before.get(key) is not after.get(key):
                for one in filter(None, (before.get(key), after.get(key))):
                    self.add(one)

    def add(self, one):
        namespace, name = key_of(one)
        if one["kind"] == "Pod":
            ips = [each["ip"] for each in one.get("status", {}).get("podIPs") or []]
        elif one["kind"] == "Service":
            self.parts.add(f"{name}.{namespace}.")
            ips = addresses(one)
        else:
            self.parts.add(f"{one['metadata'].get('labels', {}).get(SERVICE_LABEL)}.{namespace}.")
            ips = [ip for ep in one.get("endpoints") or [] for ip in ep["addresses"]]
        self.parts.update(reverse_name(ip) for ip in ips)

    def concerns(self, name):
        return any(part in name for part in self.parts)
