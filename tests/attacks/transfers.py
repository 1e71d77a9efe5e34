# SPDX-License-Identifier: Apache-2.0
"""A zone with tens of thousands of records is transferred, to one client as fast as it reads and to many that read slowly:
others have their turn between two of its messages."""
import pathlib
import shutil
import socket
import struct
import tempfile
import threading
import time

import names
from asking import services_of
from server import Server, wire_name
from watch import Watch, held

SERVICES, PODS = 3_000, 10  # headless: four records a pod
SLOW_READERS = 80
READ_FOR = 6.0              # seconds, at most
PAUSE = 0.05                # seconds between two reads of a slow reader
AXFR = 252


def transfer(port, pause, seen):
    """Octets that came until the end or READ_FOR is over."""
    message = struct.pack("!6H", 1, 0, 1, 0, 0, 0) + wire_name(["cluster", "local"]) + struct.pack("!2H", AXFR, 1)
    with socket.create_connection(("127.0.0.1", port), timeout=READ_FOR) as s:
        s.sendall(struct.pack("!H", len(message)) + message)
        octets, end = 0, time.monotonic() + READ_FOR
        s.settimeout(1.0)
        while time.monotonic() < end:
            try:
                part = s.recv(65536)
            except TimeoutError:  # a slow reader waits for those before it
                part = b"" if not pause else None
            if part == b"":
                break
            octets += len(part or b"")
            time.sleep(pause)
        seen.append(octets)


def transfers(report, world):
    pods = [f"10.{100 + n // 60_000}.{n % 60_000 // 250}.{n % 250 + 1}" for n in range(SERVICES * PODS)]
    tenant = names.Cluster(["tenant"], [names.Service("tenant", f"s-{n}", None, pods[n * PODS:(n + 1) * PODS])
                                        for n in range(SERVICES)])
    with tempfile.TemporaryDirectory(prefix="troupe-attacks-") as temporary:
        folder = pathlib.Path(temporary) / "manifests"
        shutil.copytree(world.folder / "manifests", folder)
        names.write_manifests(tenant, folder)
        lines = "    manifests manifests\n  }\n  transfer cluster.local {\n    to *\n"
        with Server(folder=folder, cluster=lines) as server:
            server.until("was synced", lambda: server.page("ready", "/ready")[0] == 200)
            for title, readers, pause in (("as fast as it is read", 1, 0), (f"{SLOW_READERS} slow readers", SLOW_READERS, PAUSE)):
                seen = []
                threads = [threading.Thread(target=transfer, args=(server.port, pause, seen)) for _ in range(readers)]
                with Watch(server, services_of(world.cluster)) as watch:
                    for each in threads:
                        each.start()
                    for each in threads:
                        each.join()
                held(report, f"transfer of {SERVICES * PODS} endpoints, {title} ({max(seen) / 1e6:.1f} MB)", watch)


ATTACKS = [transfers]
