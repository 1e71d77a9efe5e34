# SPDX-License-Identifier: Apache-2.0
"""The process is stopped and goes on: by a freezer, a debugger, a pause of the virtual machine."""
import signal
import time

from asking import Follower, Load, services_of
from watch import VICTIM

PAUSE = 11  # seconds: longer than the watchdog waits for a loop
LOAD = 10_000


def stopped_under_load(report, world):
    """What was asked meanwhile is late; the process is not at fault and lives."""
    with world.server() as server:
        load = Load(server, world.folder / "all", PAUSE + 4, LOAD)
        time.sleep(1)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(PAUSE)
        server.process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        follower = Follower(server, services_of(world.cluster), 100, source=VICTIM)
        load.finish()
        followed = follower.finish()
        health = server.page("health", "/health")[0] if server.process.poll() is None else None
        report(f"SIGSTOP for {PAUSE} s under load: the process goes on", health == 200 and server.process.poll() is None,
               f"/health {health}, exit status {server.process.poll()}")
        report("and answers", followed["right"] == followed["asked"] > 0, followed)


ATTACKS = [stopped_under_load]
