#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The packets of tests/wire, asked of the real CoreDNS with its kubernetes plugin: wherever it does not do what the RFCs want
(and Troupe does: tests/wire/run), a `wire:` row of actors/stages/DEPARTURES.md says so, and every such row is used."""
import os
import re
import subprocess

from cluster import Cluster
from corefiles import two_zones
from harness import main
from servers import start_coredns

# The name that the wire tests ask for to see that the server is well.
KNOWN = {"metadata": {"name": "backend"}, "spec": {"clusterIP": "10.96.0.100", "ports": [{"name": "http", "port": 80}]}}
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../wire/departures")


def departures(checks):
    with Cluster() as cluster:
        cluster.api.create("/api/v1/namespaces/default/services", KNOWN)
        server = start_coredns(cluster, two_zones(cluster.kubeconfig("dns")))
        server.wait_ready()
        done = subprocess.run([SCRIPT, f"127.0.0.1:{server.port}", str(server.process.pid)], capture_output=True,
                              text=True, timeout=300)
        print(done.stdout, end="")
        counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
        if not checks.check(counts, f"no counts; {done.stderr}"):
            return
        checks.passed += int(counts[1])
        checks.failed += int(counts[2])


if __name__ == "__main__":
    main(departures)
