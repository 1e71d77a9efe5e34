# SPDX-License-Identifier: Apache-2.0
"""Knot, Troupe and CoreDNS with the same zones, on loopback; each in a folder of its own, ended by its process id."""
import os
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.append(os.path.join(HERE, "../cluster"))

from corpus import for_knot  # noqa: E402
from processes import Failed, Process, free_port, wait_until  # noqa: E402
from secondary import knot_binary  # noqa: E402
from zones import soa_serial  # noqa: E402

SECONDS = 60  # for a start with all zones, on a busy machine
KNOT = """\
server:
    listen: 127.0.0.1@{port}
    rundir: {folder}
    udp-max-payload: 4096
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {folder}
log:
  - target: stderr
    any: info
acl:
  - id: anybody
    address: 127.0.0.1
    action: transfer
policy:
  - id: nsec
    single-type-signing: on
    cds-cdnskey-publish: none
  - id: nsec3
    single-type-signing: on
    cds-cdnskey-publish: none
    nsec3: on
    nsec3-iterations: 1
template:
  - id: default
    storage: {folder}
    acl: anybody
    journal-content: none
    zonefile-load: whole
    zonefile-sync: 0
zone:
"""


class Server:
    def __init__(self, name, folder):
        self.name, self.folder, self.port = name, os.path.join(folder, name), free_port()
        os.makedirs(self.folder, exist_ok=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run(self, arguments, environment=None):
        self.process = Process(self.name, self.folder, arguments, environment).start()

    def has(self, zone):
        return soa_serial(self.port, zone.name) is not None


class Knot(Server):
    def __init__(self, folder):
        super().__init__("knot", folder)

    def start(self, zones):
        text = KNOT.format(port=self.port, folder=self.folder)
        for zone in zones:
            self.write(zone.file, zone.knot_text)
            text += f"  - domain: {zone.name}\n    file: {zone.file}\n"
            text += f"    dnssec-signing: on\n    dnssec-policy: {zone.signed}\n" if zone.signed else ""
        for name, part in {name: part for zone in zones for name, part in zone.parts.items()}.items():
            self.write(name, for_knot(part))
        self.run([knot_binary(), "-c", self.write("knot.conf", text)])
        for zone in zones:
            wait_until(f"Knot has {zone.name}\n{self.process.tail()}", lambda: self.process.must_live() and self.has(zone), SECONDS)
        return self

    def signed_text(self, zone):
        """The zone as Knot has written it once it was signed."""
        path = os.path.join(self.folder, zone.file)

        def text():
            with open(path, encoding="utf-8") as file:
                written = file.read()
            return written if "RRSIG\tSOA" in written else None
        return wait_until(f"Knot has signed {zone.name}", text, SECONDS)


class Corefile(Server):
    """A server that reads Corefiles: a block for each zone."""

    def __init__(self, name, program, folder):
        super().__init__(name, folder)
        self.program = program

    def begin(self, zones):
        for zone in zones:
            self.write(zone.file, zone.text)
            for name, part in zone.parts.items():
                self.write(name, part)
        block = "{} {{\n    transfer {{\n        to *\n    }}\n    file {}\n}}\n"
        path = self.write("Corefile", "".join(block.format(zone.name, os.path.join(self.folder, zone.file)) for zone in zones))
        self.run([self.program, "-conf", path, "-dns.port", str(self.port)],
                 {"TROUPE_ACTORS": f"127.0.0.1:{free_port()}", "TROUPE_UDP_SIZE": "4096"})

    def start(self, zones):
        self.begin(zones)
        end = time.monotonic() + SECONDS
        while True:
            self.process.must_live()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > end:
                    raise Failed(f"{self.name} does not listen after {SECONDS} s\n{self.process.tail()}") from None
                time.sleep(0.02)

    def refusal(self, zones):
        """What it says last, where it is to end before it serves."""
        self.begin(zones)
        wait_until(f"{self.name} refuses", lambda: not self.process.alive(), SECONDS)
        return self.process.tail(1).strip()
