#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""After the same 1,000 questions, Troupe's and CoreDNS's metrics: the same names, types, labels and counts, histograms
with the same bounds and, but for times, contents; first after questions about names outside the cluster, some of them twice, then about the cluster,
last after changes of EndpointSlices, which are the latency of DNS programming.
What differs on purpose is a `metrics:` row of DEPARTURES.md. Questions whose answers differ on purpose are left out.

Environment: TROUPE (binary), TROUPE_SEED. Needs root for network namespaces."""
import random
import time

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE
from exposition import MetricDepartures, differences, parse, since
from external import World
from harness import main, seed_from
from objects import is_external
from oddities import create as create_oddities
from population import Population
from questions import Questions
from standard import corefile, put_kube_dns, start_pair
from wire import FLAGS

OUTSIDE, AGAIN, INSIDE = 300, 150, 550  # questions; the second ones were among the first
FILL = 10
COMPARED = ("coredns_dns_", "coredns_cache_", "coredns_proxy_", "coredns_forward_", "coredns_build_info", "coredns_plugin_enabled",
            "coredns_health_", "coredns_reload_", "coredns_panics_", "coredns_kubernetes_")
LEAST_FAMILIES = 15
LATE = 0.2        # seconds after its answer that CoreDNS may count a question
PROGRAMMED = "coredns_kubernetes_dns_programming_duration_seconds"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/programming/endpointslices"
SEEN = 1.0        # seconds after a write that both servers know of it
OWN_PROBES = 1.5  # seconds in which a server has asked itself what it asks when it starts (`loop`)
# Labels whose values say what was built, and how.
FREE = {"coredns_build_info": {"revision", "goversion"}, "coredns_reload_version_info": {"value"}}


def ask(checks, server, questions):
    """By TCP one after another, as CoreDNS answers what a connection brings; here each would have an upstream connection."""
    asker = server.asker()
    answers = asker.ask([q for q in questions if q.proto == "udp"]) + [asker.ask_one(q) for q in questions if q.proto == "tcp"]
    checks.check(asker.retries == 0 and None not in answers, f"{server.name}: {asker.retries} retries, counts cannot be compared")


def looked_at(text):
    types, series = parse(text)
    of_ours = lambda name: name.startswith(COMPARED)
    free = lambda key: key._replace(labels=tuple((n, "*" if n in FREE.get(key.name, ()) else v) for n, v in key.labels))
    return ({name: kind for name, kind in types.items() if of_ours(name)},
            {free(key): value for key, value in series.items() if of_ours(key.name)})


def metrics(checks):
    seed = seed_from()
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        create_oddities(population)
        put_kube_dns(population)
        population.fill(FILL)
        pair = start_pair(cluster, seed)
        rng = random.Random(seed)
        outside, inside = (rng.sample(all_of_them, number) for all_of_them, number in (
            (World(seed).plain_questions(), OUTSIDE), (uncut(pair[1], plain(population)), INSIDE)))
        time.sleep(OWN_PROBES)
        departures, before = MetricDepartures(), [looked_at(server.metrics()) for server in pair]
        for after, rounds in (("", [outside, outside[:AGAIN]]), ("cluster", [inside])):
            for server in pair:
                for questions in rounds:
                    ask(checks, server, questions)
            time.sleep(LATE)
            compare(checks, departures, after, *(since(at_first, looked_at(server.metrics())) for at_first, server in zip(before, pair)))
        created_before = [looked_at(server.metrics()) for server in pair]
        change_slices(cluster.api)
        texts = [server.metrics() for server in pair]
        compare(checks, departures, "changes", *(since(at_first, looked_at(text)) for at_first, text in zip(created_before, texts)))
        check_programming(checks, *(looked_at(text) for text in texts))
        check_api_client(checks, *(looked_at(text) for text in texts))
        departures.print()
        for server in pair:
            server.process.kill()


def slice_of(service, version, annotation):
    meta = {"name": f"{service}-1", "labels": {"kubernetes.io/service-name": service}}
    if annotation is not None:
        meta["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": annotation}
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta, "addressType": "IPv4",
            "endpoints": [{"addresses": [f"10.250.0.{version}"], "conditions": {"ready": True}}],
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}


def change_slices(api):
    """Slices of a headless Service, of one with a cluster IP and of none; with a time, without, with what is none."""
    api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "programming"}})
    for name, spec in (("headless", {"clusterIP": "None"}), ("normal", {}), ("odd", {"clusterIP": "None"})):
        api.create("/api/v1/namespaces/programming/services",
                   {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                    "spec": dict(spec, selector={"app": name}, ports=[{"name": "http", "port": 80}])})
    time.sleep(SEEN)
    now = lambda: time.strftime("%Y-%m-%dT%H:%M:%S.123456789Z", time.gmtime())
    for service, annotation in (("headless", now), ("normal", now), ("nobody", now), ("odd", lambda: "yesterday")):
        api.create(SLICES, slice_of(service, 1, annotation()))
        for version in (2, 3):
            api.merge(f"{SLICES}/{service}-1", slice_of(service, version, annotation()))
    api.merge(f"{SLICES}/odd-1", slice_of("odd", 4, "2026-01-02T03:04:05+01:00"))
    time.sleep(SEEN)
    for service in ("headless", "normal"):
        api.delete(f"{SLICES}/{service}-1")
    time.sleep(SEEN)


def check_programming(checks, theirs, ours):
    counts = [{dict(key.labels).get("service_kind"): value[0] for key, value in series.items() if key.name == PROGRAMMED}
              for _, series in (theirs, ours)]
    checks.check(counts[0] == counts[1] and len(counts[0]) == 2, f"latencies of DNS programming: {counts[0]} there, {counts[1]} here")
    print(f"latencies of DNS programming: {counts[1]}")


def check_api_client(checks, theirs, ours):
    """What CoreDNS counts of its client is there; ours also has how long requests took and were held back."""
    known = [{(key.name, tuple(label for label in key.labels if label[0] != "host")) for key in series
              if "_rest_client_" in key.name and dict(key.labels).get("code", "200") == "200"} for _, series in (theirs, ours)]
    checks.check(bool(known[0]) and known[0] <= known[1], f"series of the API client: {known[0]} there, {known[1]} here")


def plain(population):
    """Each name and type once, and none where CoreDNS asks itself what nobody asked: it looks for every target of an FQDN
    slice, and for the address of an alias's target outside the cluster whatever the type of the question; nor where it has
    answers of its own, as DEPARTURES.md names them; nor where the size of an answer is a matter of chance: which of many
    shuffled targets are cut off, or stand where compression can still point (RFC 1035 section 4.1.4)."""
    questions = Questions(population, [(FIRST_ZONE, False)], reverse=True).current()
    once = {(q.name.lower(), q.qtype): q for q in questions}
    outside = {f"{name}.{namespace}.svc.{FIRST_ZONE}" for (namespace, name), one in population.services.items()
               if is_external(one) and not one["spec"]["externalName"].rstrip(".").endswith(FIRST_ZONE)}
    return [q for (name, qtype), q in sorted(once.items())
            if not departs(q.name, name, qtype) and not shuffles(name, qtype) and "named-by-fqdn" not in name
            and (name not in outside or qtype in ("A", "AAAA"))]


def uncut(server, questions):
    """Those whose answers are given whole: of one that is cut, CoreDNS counts what it would have been. The server is
    started anew afterwards, and has counted nothing."""
    answers = server.asker().ask(questions)
    server.restart(corefile(server.name))
    return [q for q, answer in zip(questions, answers) if answer and not answer.flags & FLAGS["tc"]]


def shuffles(name, qtype):
    """Many targets whose names are of different lengths."""
    return qtype == "SRV" and bool({"big", "big6"} & set(name.split(".")))


def departs(asked, name, qtype):
    """TXT; the zone's NS in capitals; names that exist because others are below them, or with other types; SOA at names
    that do not. `name` is `asked` in small letters."""
    first, _, rest = name.partition(".")
    return (qtype == "TXT" or (qtype == "NS" and asked != name) or first in ("ns", "dns", "dns-version")
            or (first.startswith("_") and not rest.startswith("_")) or (qtype == "SOA" and name.rstrip(".") != FIRST_ZONE) or (name.rstrip(".").endswith(".arpa") and qtype != "PTR"))


def compare(checks, departures, after, theirs, ours):
    checks.check(len(theirs[0]) >= LEAST_FAMILIES, f"CoreDNS has only {len(theirs[0])} families")
    wrong = [found for found in differences(theirs, ours) if not departures.covers(*found[:2], after)]
    checks.passed += len(theirs[1]) - len({series for series, *_ in wrong})
    for series, word, text in wrong:
        labels = ", ".join(f'{name}="{value}"' for name, value in series.labels)
        checks.check(False, f"{series.name}{{{labels}}}: {word}: {text}")
    print(f"{len(theirs[0])} families there, {len(ours[0])} here; {len(theirs[1])} series there, {len(ours[1])} here")


if __name__ == "__main__":
    main(metrics)
