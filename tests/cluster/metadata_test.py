#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Labels of `kubernetes`: CoreDNS and Troupe with `metadata` and a `template` that says them, asked every name that the cluster
of kinds_test could make, by a client whose address is a pod's; again after the pod's labels changed, and after it went.

Environment: TROUPE (binary)."""
from cluster import Cluster
from comparison import Comparison
from departures import Departures
from dnsclient import question
from harness import main
from kinds import Kinds, allow_imports
from servers import start_coredns, start_troupe

ZONE, SET = "cluster.local", "clusterset.local"
LABELS = ["kind", "service", "namespace", "endpoint", "port-name", "protocol", "zone", "cluster", "parse-error", "client-namespace",
          "client-pod-name", "client-label/app", "client-label/example.org/tier", "client-label/none", "none"]
CASES = [  # options of `kubernetes`
    [],
    ["pods verified"],
    ["pods insecure", "zonal"],
    [f"multicluster {SET}", "pods verified"],
    [f"multicluster {ZONE} {SET}", "zonal", "namespaces alpha"],
]
MORE_NAMES = ["a.b.c.d.svc", "a.b.c.d.e.svc", "_a._b.c.d.svc", "__a.__b.c.d.pod", "x.dns", "svc.svc", "pod.svc.pod", "a.svc.b.svc", "_zone.a.b.svc",
              "z.pin._zone.a.b.svc", "y.z.prefer._zone.a.b.svc", "z.keep._zone.a.b.svc", "z.pin._zone.a.b.pod", "A.B.SVC"]


def corefile(kubeconfig, options):
    inside = "".join(f"        {option}\n" for option in options)
    said = "|".join('{{ .Meta \\"kubernetes/%s\\" }}' % label for label in LABELS)
    return (f".:{{$DNS_PORT}} {{\n    errors\n    ready 127.0.0.1:{{$READY_PORT}}\n    metadata\n"
            f"    kubernetes {ZONE} {SET} in-addr.arpa ip6.arpa {{\n        kubeconfig {kubeconfig}\n{inside}    }}\n"
            f'    template IN TXT . {{\n        answer "{{{{ .Name }}}} 60 IN TXT \\"{said}\\""\n    }}\n}}\n')


def questions_of(kinds):
    names = [f"{name}.{zone}" for name in [*sorted(kinds.names), *MORE_NAMES] for zone in (ZONE, SET)]
    return [question(name, "TXT") for name in [*names, ZONE, SET, "example.org", *kinds.addresses()]]


def run(checks):
    with Cluster() as cluster:
        kinds = Kinds(cluster.api)
        kinds.create()
        allow_imports(cluster.api, "dns")
        kubeconfig = cluster.kubeconfig("dns")
        for number, options in enumerate(CASES):
            label = ", ".join(options) or "no options"
            pods = kinds.pod(f"asker-{number}", ["127.0.0.1"], labels={"app": "asker", "example.org/tier": "front"})
            pod, questions = f"{pods}/asker-{number}", questions_of(kinds)
            text = corefile(kubeconfig, options)
            pair = [start(cluster, text, f"{name}-{number}") for name, start in
                    (("coredns", start_coredns), ("troupe", start_troupe))]
            for server in pair:
                server.wait_ready()
            comparison = Comparison(checks, *pair, Departures(zones=(ZONE, SET, "in-addr.arpa", "ip6.arpa")))
            print(f"-- {label}: {len(questions)} questions")
            comparison.round(label, questions)
            for server in pair:  # or the labels of pods would be alike for want of any
                said = str(server.asker().ask([question(f"one.alpha.svc.{ZONE}", "TXT")])[0])
                knows = "|alpha|asker-" in said and "|asker|front|" in said
                checks.check(knows == ("pods verified" in options), f"{server.name} knows its client: {said}")
            cluster.api.merge(pod, {"metadata": {"labels": {"app": "another", "example.org/tier": None}}})
            comparison.round(f"{label}, other labels", questions)
            cluster.api.delete(f"{pod}?gracePeriodSeconds=0")  # nobody is there to end it
            comparison.round(f"{label}, without the pod", questions)
            comparison.report()
            for server in pair:
                server.process.stop()


if __name__ == "__main__":
    main(run)
