# SPDX-License-Identifier: Apache-2.0
"""Knot as a secondary of the server under test, on loopback."""
import os
import shutil

from processes import Failed, Process, free_port, wait_until
from zones import soa_serial

CONFIGURATION = """\
server:
    listen: 127.0.0.1@{port}
    rundir: {folder}
database:
    storage: {folder}
log:
  - target: stderr
    any: info
remote:
  - id: primary
    address: 127.0.0.1@{primary}
acl:
  - id: primary
    address: 127.0.0.1
    action: [notify, transfer]
template:
  - id: default
    storage: {folder}
    master: primary
    acl: primary
zone:
"""


def knot_binary():
    found = shutil.which("knotd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        raise Failed("knotd is not there: deploy/packages --tests")
    return found


class Secondary:
    """Its port is known before it starts, so that its primary can be told to notify it."""

    def __init__(self, cluster):
        self.cluster, self.port, self.folder = cluster, free_port(), cluster.path("knot")
        os.makedirs(self.folder, exist_ok=True)

    def start(self, primary, zones):
        text = CONFIGURATION.format(port=self.port, primary=primary, folder=self.folder)
        path = os.path.join(self.folder, "knot.conf")
        with open(path, "w") as out:
            out.write(text + "".join(f"  - domain: {zone}\n" for zone in zones))
        self.process = Process("knot", self.cluster.folder, [knot_binary(), "-c", path]).start()
        self.cluster.processes.append(self.process)
        return self

    def wait_for(self, zone, serial, seconds):
        """Until it has that serial of the zone."""
        wait_until(f"the secondary has {zone} with serial {serial}",
                   lambda: self.process.must_live() and soa_serial(self.port, zone) == serial, seconds)
