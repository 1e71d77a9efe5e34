# SPDX-License-Identifier: Apache-2.0
"""A tenant makes as many services as it is let, and deletes them again: tables of that size are built and freed while
others are served, and no loop is held for it."""
import pathlib
import shutil
import tempfile
import time

import names
from asking import services_of
from server import Server
from watch import Watch, held

SERVICES = 10_000
PATIENCE = 30.0  # seconds; manifests are looked at every second, and read as YAML
SETTLED = 2.0    # seconds in which what was replaced is freed


def big_namespace_comes_and_goes(report, world):
    big = names.Cluster(["tenant"], [names.Service("tenant", s.name, s.cluster_ip.replace("10.96.", "10.97."))
                                     for s in names.make_cluster(9, SERVICES, 1).services])
    with tempfile.TemporaryDirectory(prefix="troupe-attacks-") as temporary:
        folder, made = pathlib.Path(temporary) / "manifests", pathlib.Path(temporary) / "big"
        shutil.copytree(world.folder / "manifests", folder)
        names.write_manifests(big, made)
        last = big.services[-1].host.split(".")
        with Server(folder=folder) as server:
            with Watch(server, services_of(world.cluster)) as watch:
                shutil.move(made / "tenant.yaml", folder)
                came = server.until("had the namespace", lambda: server.rcode(last) == 0, PATIENCE)
                time.sleep(SETTLED)
                (folder / "tenant.yaml").unlink()
                went = server.until("was rid of the namespace", lambda: server.rcode(last) == 3, PATIENCE)
                time.sleep(SETTLED)
            held(report, f"a namespace of {SERVICES} services comes and goes", watch)
            print(f"     came after {came:.1f} s, went after {went:.1f} s")


ATTACKS = [big_namespace_comes_and_goes]
