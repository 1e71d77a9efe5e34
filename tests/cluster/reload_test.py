#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The API server is killed, then the server is told to reload a changed Corefile, while all names are asked without pause:
none may be wrong or unanswered, the change must be in force, and so must what the API server says once it is back. A cluster
that is asked for more than is known of it cannot be had then: that reload is refused.

Environment: TROUPE (binary), TROUPE_SEED."""
import shutil
import signal
import time

from cluster import Cluster
from corefiles import FIRST_ZONE, SECOND_ZONE, two_zones
from harness import main, seed_from
from model_check import ModelCheck
from outage_test import changes_are_visible, during
from population import Population
from processes import wait_until
from servers import http_status, start_troupe

COMPLETE = "[INFO] Reloading complete"
RELOADS = 10
PATIENCE = 10  # seconds for one reload
THIRD_BLOCK = """\
third.local:{$DNS_PORT} {
    kubernetes third.local {
        kubeconfig %s
        startup_timeout 1s
        %s
    }
}
"""


def reload(cluster, troupe, corefile, says):
    """SIGUSR1 with another Corefile; seconds until the server says how it ended."""
    with open(cluster.path("Corefile." + troupe.name), "w") as out:
        out.write(corefile)
    def said():
        with open(troupe.process.log) as log:
            return log.read().count(says)

    before, began = said(), time.monotonic()
    troupe.process.signal(signal.SIGUSR1)
    wait_until(f"{troupe.name} says '{says}'", lambda: troupe.process.must_live() and said() > before, PATIENCE, 0.002)
    return time.monotonic() - began


def without_api_server(checks):
    seed = seed_from()
    with Cluster() as cluster:
        population = Population(cluster.api, seed, FIRST_ZONE, SECOND_ZONE)
        population.fill(55)
        kubeconfig = cluster.kubeconfig("dns")
        here = two_zones(kubeconfig)
        again = shutil.copy(kubeconfig, kubeconfig + ".again")  # the same cluster by another name: a source of its own
        there = here + THIRD_BLOCK % (again, "noendpoints")
        more = here + THIRD_BLOCK % (again, "")
        troupe = start_troupe(cluster, here).wait_ready()
        check = ModelCheck(population, troupe)
        changes_are_visible(checks, check, population, "before")
        reload(cluster, troupe, there, COMPLETE)
        cluster.kill_api_server()

        def reloads():
            changed = there.replace("ttl 30", "ttl 30\n        fallthrough elsewhere.local").replace("third.local:", "fourth.local:{$DNS_PORT} third.local:")
            times = [reload(cluster, troupe, there if n % 2 else changed, COMPLETE) for n in range(RELOADS)]
            print(f"{RELOADS} reloads without API server, the longest took {max(times) * 1000:.0f} ms")
            checks.check(http_status(troupe.ready_port, "/ready") == 200, "/ready after the reloads")
            reload(cluster, troupe, more, "[ERROR] SIGUSR1")
            checks.check(http_status(troupe.ready_port, "/ready") == 200, "/ready after the reload that was refused")

        during(checks, check, "reloads while the API server is away", reloads)
        cluster.restart_api_server()
        changes_are_visible(checks, check, population, "after the start")


if __name__ == "__main__":
    main(without_api_server)
