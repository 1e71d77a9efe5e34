# SPDX-License-Identifier: Apache-2.0
"""Starts a DNS server with a Corefile: CoreDNS, or Troupe from $TROUPE (default build/release/troupe)."""
import os
import socket
import urllib.error
import urllib.request

from dnsclient import Asker
from processes import Failed, Process, free_port, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPARED_BY_UDP = 4096  # octets of an answer by UDP; ours end at 1232 if nobody says otherwise


def troupe_binary():
    path = os.environ.get("TROUPE") or os.path.join(ROOT, "build/release/troupe")
    if not os.access(path, os.X_OK):
        raise Failed(f"{path} is not there: build it (cmake --build --preset release) or set TROUPE")
    return path


def http_status(port, path, host="127.0.0.1"):
    """The HTTP status of a GET, 0 if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=2) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def http_text(port, path, host="127.0.0.1"):
    """The body of a GET."""
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=5) as reply:
        return reply.read().decode()


def listens(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return True
    except OSError:
        return False


class DnsServer:
    """One running server. The Corefile takes its ports from the environment, so that one file serves both programs:
    DNS_PORT, READY_PORT; Troupe's own `actors` port comes by TROUPE_ACTORS."""

    def __init__(self, cluster, name, binary, corefile, env=None):
        self.name, self.port, self.ready_port, self.actors_port = name, free_port(), free_port(), free_port()
        with open(cluster.path("Corefile." + name), "w") as out:
            out.write(corefile)
        env = {"DNS_PORT": str(self.port), "READY_PORT": str(self.ready_port),
               "TROUPE_ACTORS": f"127.0.0.1:{self.actors_port}", "TROUPE_UDP_SIZE": str(COMPARED_BY_UDP), **(env or {})}
        self.process = Process(name, cluster.folder, [binary, "-conf", cluster.path("Corefile." + name)], env).start()
        cluster.processes.append(self.process)

    def asker(self):
        return Asker(self.port)

    def wait_ready(self, seconds=30):
        # CoreDNS says that it is ready before its DNS sockets are open.
        wait_until(f"{self.name} ready", lambda: self.process.must_live() and listens(self.port)
                   and http_status(self.ready_port, "/ready") == 200, seconds)
        return self


def start_coredns(cluster, corefile, name="coredns"):
    return DnsServer(cluster, name, f"{cluster.bin}/coredns", corefile)


def start_troupe(cluster, corefile, name="troupe"):
    return DnsServer(cluster, name, troupe_binary(), corefile)
