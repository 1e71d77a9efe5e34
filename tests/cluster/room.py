# SPDX-License-Identifier: Apache-2.0
"""A place for one DNS server as a pod has it: network and mounts of its own, so that it has its port 53, resolv.conf and
in-cluster credentials, and a second network on the other end of its wire, where `outside.py` is its resolver and leads
to the API server. All rooms look the same from within, addresses included. Needs root."""
import ctypes
import os
import subprocess
import sys
from contextlib import contextmanager

from processes import Failed, Process, wait_until

SERVER, OUTSIDE = "10.244.99.2", "10.244.99.1"
API_ADDRESS = "10.96.0.1"  # the first of the service range, as in every cluster
TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
CLONE_NEWNET = 0x40000000
HERE = os.path.dirname(os.path.abspath(__file__))

# $1: resolv.conf, $2: the folder of credentials, then the program.
MOUNTS = f"""
mount -t tmpfs none /var/run/ && mkdir -p {TOKEN_FOLDER} &&
mount --bind "$2" {TOKEN_FOLDER} && mount --bind "$1" /etc/resolv.conf && shift 2 && exec "$@"
"""

libc = ctypes.CDLL(None, use_errno=True)


def enter(network):
    if libc.setns(network.fileno(), CLONE_NEWNET):
        raise Failed(f"setns: {os.strerror(ctypes.get_errno())}; network namespaces need root")


@contextmanager
def inside(network):
    """Sockets that this thread makes meanwhile are in `network`, an open file of /proc/…/ns/net."""
    with open("/proc/thread-self/ns/net") as home:
        enter(network)
        try:
            yield
        finally:
            enter(home)


def run(*words):
    subprocess.run([str(w) for w in words], check=True)


def start_outside(cluster, rooms, seed):
    """The other ends of all these rooms' wires, in one process. Returns it once it serves."""
    name = rooms[0].name + "-outside"
    outside = cluster.run(name, [sys.executable, f"{HERE}/outside.py", ",".join(str(room.outer.pid) for room in rooms), OUTSIDE,
                                 API_ADDRESS, cluster.ports["api"], seed])
    wait_until(name, lambda: outside.must_live() and "serving" in outside.tail(), 30)
    return outside


class Room:
    """`name` is that of the server that will live here. Without a seed the outside is left to `start_outside`."""

    def __init__(self, cluster, name, seed=None):
        self.cluster, self.name, self.server = cluster, name, None
        self.inner, self.outer = self.network("inner"), self.network("outer")
        self.wire()
        self.inside_network, self.outside_network = (open(f"/proc/{p.pid}/ns/net") for p in (self.inner, self.outer))
        if seed is not None:
            self.outside = start_outside(cluster, [self], seed)

    def start(self, name, words, env=None):
        return self.cluster.run(f"{self.name}-{name}", words, env)

    def network(self, which):
        holder = self.start(which, ["unshare", "--net", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        wait_until(f"a network for {self.name}", lambda: holder.must_live() and os.readlink(f"/proc/{holder.pid}/ns/net") != own, 10, 0.01)
        return holder

    def wire(self):
        # The same hardware addresses in all rooms: link-local addresses are made of them, and CoreDNS serves those too.
        within = lambda holder: ["nsenter", f"--net=/proc/{holder.pid}/ns/net", "ip"]
        run(*within(self.outer), "link", "add", "eth0", "address", "02:00:00:00:00:01", "type", "veth", "peer", "name",
            "eth0", "address", "02:00:00:00:00:02", "netns", self.inner.pid)
        for holder, address in ((self.inner, SERVER), (self.outer, OUTSIDE)):
            run(*within(holder), "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                run(*within(holder), "link", "set", device, "up")
        run(*within(self.outer), "address", "add", f"{API_ADDRESS}/32", "dev", "lo")
        run(*within(self.inner), "route", "add", "default", "via", OUTSIDE)

    def cut(self, really=True):
        """Drops what comes from the outside without a word, as a firewall does that forgot a connection; or no more."""
        run("nsenter", f"--net=/proc/{self.outer.pid}/ns/net", "ip", "route", "add" if really else "delete", "blackhole", f"{SERVER}/32")

    def entered(self):
        return inside(self.inside_network)

    def serve(self, binary, corefile, user="dns", env=None):
        """Starts the program with this Corefile, resolv.conf and the credentials of `user`."""
        conf, resolv, credentials = (self.cluster.path(f"{self.name}.{what}") for what in ("corefile", "resolv.conf", "credentials"))
        with open(conf, "w") as out:
            out.write(corefile)
        with open(resolv, "w") as out:
            out.write(f"search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver {OUTSIDE}\noptions ndots:5\n")
        self.cluster.service_account(user, credentials)
        self.server = self.start("server", [
            "nsenter", f"--net=/proc/{self.inner.pid}/ns/net", "unshare", "--mount", "--propagation", "private", "sh", "-c",
            MOUNTS, "sh", resolv, credentials, binary, "-conf", conf],
            {"KUBERNETES_SERVICE_HOST": API_ADDRESS, "KUBERNETES_SERVICE_PORT": "443", **(env or {})})
        return self.server
