# SPDX-License-Identifier: Apache-2.0
"""The server under attack, and what its Corefile speaks of."""
import os
import pathlib
import random
import re
import tempfile

from paths import ROOT, Finding

import server
import wire_server
from clocks import Clocks
from corefile import corefile
from hostile import Hostile
from hostile_api import HostileApi
from server import free_port
from upstreams import Upstream

PATIENCE = 120.0       # seconds for the start and the end, under AddressSanitizer and beside others
UPSTREAMS = 3
SANITIZER = "detect_stack_use_after_return=1:quarantine_size_mb=32:verify_asan_link_order=1"
REPORT = re.compile(r"(ERROR|SUMMARY): \w*Sanitizer|runtime error:|terminate called|watchdog: .* ending the process")
POD_ADDRESSES = range(2, 6)  # last octets: clients from there are Pods
STABLE = "".join(f"""---
apiVersion: v1
kind: Pod
metadata: {{name: client-{n}, namespace: default}}
status: {{phase: Running, podIP: 127.0.0.{n}, podIPs: [{{ip: 127.0.0.{n}}}]}}
""" for n in POD_ADDRESSES)


class Subject(server.Server):
    """Use as a context. `api`, `resolvers`: what it asks, hostile; `honest`: a resolver that is right."""

    def __init__(self, seed, descriptors):
        self.rng = random.Random(seed)
        self.second_port = free_port()
        self.api, self.honest = HostileApi(free_port(), seed), Hostile({})
        self.resolvers = [Upstream() for _ in range(UPSTREAMS)]
        os.environ.setdefault("TROUPE", str(ROOT / "build/asan/troupe"))
        self.laid = tempfile.TemporaryDirectory(prefix="troupe-server-fuzz-")
        self.clocks = Clocks(self.laid.name, os.environ["TROUPE"])
        settings = {**self.clocks.environment, "TROUPE_LOOP": "report", "ASAN_OPTIONS": SANITIZER,
                    "UBSAN_OPTIONS": "print_stacktrace=1"}
        prefix = ["prlimit", f"--nofile={descriptors}:{descriptors}", "env", *(f"{k}={v}" for k, v in settings.items())]
        super().__init__(prefix=prefix, answers=False, costly=True)  # sanitized, and its clocks jump
        self.folder.chmod(0o755)
        self.seen = wire_server.Server(("127.0.0.1", self.port), self.process.pid)

    @property
    def upstream_ports(self):
        return [each.port for each in self.resolvers]

    def corefile(self, *_):
        """Called when the folder is there, before the server is."""
        for name in ("stable", "changing"):
            (self.folder / name).mkdir()
        (self.folder / "stable/cluster.yaml").write_text(wire_server.manifests() + STABLE)
        return corefile(self.rng, self)

    def write(self, name, text):
        """As an editor does: the old file or the new one, never a part."""
        fresh = pathlib.Path(self.laid.name) / "new"
        fresh.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.replace(fresh, self.folder / name)

    def report(self):
        """What a sanitizer or the watchdog said; "" if nothing."""
        text = self.output()
        found = REPORT.search(text)
        return text[max(0, found.start() - 200):found.start() + 8000] if found else ""

    def end(self):
        """SIGTERM; raises a Finding if it does not end as it should."""
        status, took = self.stop(patience=PATIENCE)
        if status != 0:
            raise Finding(f"SIGTERM: status {status} after {took:.1f} s")

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.api.go()
        for each in (*self.resolvers, self.honest):
            each.__exit__()
        self.laid.cleanup()
