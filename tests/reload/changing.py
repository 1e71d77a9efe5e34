# SPDX-License-Identifier: Apache-2.0
"""A server whose Corefile changes while it runs."""
import os
import pathlib
import signal
import socket
import tempfile
import time

import names
from asking import write_list, services_of
from authority import Authority
from server import Server, free_port, question
from upstream import TlsUpstream, secret_lines, secret_names, zoned_names

SERVICES, NAMESPACES = 10_000, 50


class World:
    """The cluster as manifests and as questions."""

    def __init__(self, seed=1):
        self.temporary = tempfile.TemporaryDirectory(prefix="troupe-reload-")
        self.folder = pathlib.Path(self.temporary.name)
        self.cluster = names.make_cluster(seed, SERVICES, NAMESPACES)
        names.write_manifests(self.cluster, self.folder / "manifests")
        write_list(services_of(self.cluster), self.folder / "all")
        write_list(services_of(self.cluster)[:len(zoned_names()) * 10] + secret_names() + zoned_names(), self.folder / "mixed")
        self.service = self.cluster.services[0]
        self.authority = Authority(str(self.folder), "authority")
        self.certificate = self.authority.issue("upstream", "IP:127.0.0.1")

    def tls_upstream(self):
        return TlsUpstream(*self.certificate)


class Changing(Server):
    """The Corefile is `block()` and what tests make of it. `second` is a port for another server block."""

    def __init__(self, world, corefile=None, **how):
        self.world, self.second, self.moved = world, free_port(), free_port()
        self.first_corefile = corefile
        super().__init__(folder=world.folder / "manifests", **how)
        self.folder.chmod(0o755)

    def corefile(self, cluster, loops, lameduck):
        return (self.first_corefile or Changing.block)(self)

    def block(self, ttl=5, zones=("cluster.local", "in-addr.arpa"), metrics="prometheus", bind="127.0.0.1", more="",
              kubernetes=""):
        """A server block for `zones` with all pages."""
        pages = dict(self.pages, moved=self.moved)
        keys = " ".join(f"{z}:{self.port}" for z in zones)
        return (f"{keys} {{\n  {f'bind {bind}' if bind else ''}\n  multisocket 2\n  errors\n"
                f"  health 127.0.0.1:{pages['health']}\n  ready 127.0.0.1:{pages['ready']}\n"
                f"  prometheus 127.0.0.1:{pages[metrics]}\n  {more}\n"
                f"  kubernetes {' '.join(zones)} {{\n    manifests {self.folder / 'manifests'}\n    ttl {ttl}\n    {kubernetes}\n"
                "  }\n}\n")

    def other_block(self, port=None):
        """A server block on another port."""
        return (f"cluster.local:{port or self.second} {{\n  bind 127.0.0.1\n  kubernetes cluster.local {{\n"
                f"    manifests {self.folder / 'manifests'}\n  }}\n}}\n")

    def example_block(self, upstreams, most):
        """A server block for a zone's file and for names that are asked by TLS, of which `most` may be under way."""
        lines = secret_lines(upstreams, self.world.authority.certificate).replace("    tls ", f"    max_concurrent {most}\n    tls ")
        return f"example:{self.port} {{\n  bind 127.0.0.1\n{lines}}}\n"

    def write(self, text, name="Corefile"):
        """As an editor does: the old file or the new one, never a part."""
        fresh = self.folder / (name + ".new")
        fresh.write_text(text)
        os.rename(fresh, self.folder / name)

    def count(self, line):
        return self.output().count(line)

    def reload(self, text=None, says="[INFO] Reloading complete"):
        """Seconds from SIGUSR1 to the line that says how it ended."""
        if text is not None:
            self.write(text)
        before = self.count(says)
        self.process.send_signal(signal.SIGUSR1)
        return self.until(f"said '{says}'", lambda: self.count(says) > before)

    def answer(self, service=None, port=None, patience=0.5):
        """(rcode, TTL) for a service's name; None if nobody answers."""
        host = (service or self.world.service).host
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(patience)
            s.connect(("127.0.0.1", port or self.port))
            asked = question(host.split("."), 4711)
            try:
                s.send(asked)
                wire = s.recv(65535)
            except OSError:
                return None
        at = len(asked) + 6  # name as a pointer, type, class
        return wire[3] & 15, int.from_bytes(wire[at:at + 4], "big") if wire[7] else None

    def metric_at(self, port, name):
        """Sum of a metric on the page of another port than the first Corefile's."""
        pages, self.pages = self.pages, dict(self.pages, prometheus=port)
        try:
            return self.metric(name)
        finally:
            self.pages = pages

    def resident(self):
        """Resident memory in KiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


def pause(until):
    time.sleep(max(0.0, until - time.monotonic()))
