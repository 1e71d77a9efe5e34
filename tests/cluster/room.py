# SPDX-License-Identifier: Apache-2.0
"""A place for one DNS server as a pod has it: network and mounts of its own, so that it has its port 53, resolv.conf and
in-cluster credentials, and a second network on the other end of its wire, where `outside.py` is its resolver and leads
to the API server. All rooms look the same from within, addresses included. Needs root."""
import ctypes
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

from processes import Failed, Process, wait_until

SERVER, OUTSIDE = "10.244.99.2", "10.244.99.1"
API_ADDRESS = "10.96.0.1"  # the first of the service range, as in every cluster
TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
CLONE_NEWNET = 0x40000000
HERE = os.path.dirname(os.path.abspath(__file__))

# $1: the folder of credentials, $2: one whose files are seen in /etc, in front of the machine's own; then the program.
MOUNTS = f"""
mount -t tmpfs none /var/run/ && mkdir -p {TOKEN_FOLDER} && mount --bind "$1" {TOKEN_FOLDER} &&
mount -t overlay overlay -o "lowerdir=$2:/etc" /etc && shift 2 && exec "$@"
"""
RESOLV_CONF = f"search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver {OUTSIDE}\noptions ndots:5\n"
VERSION = "..2026_01_01"  # of a mounted ConfigMap

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


def mount_config_map(folder, files):
    """Writes {name: text} as the kubelet mounts a ConfigMap: symbolic links to a folder that it can exchange at once."""
    os.makedirs(os.path.join(folder, VERSION))
    os.symlink(VERSION, os.path.join(folder, "..data"))
    for name, text in files.items():
        with open(os.path.join(folder, VERSION, name), "w") as out:
            out.write(text)
        os.symlink(f"..data/{name}", os.path.join(folder, name))


def start_outside(cluster, rooms, seed):
    """The other ends of all these rooms' wires, in one process. Returns it once it serves."""
    name = rooms[0].name + "-outside"
    described = [{"pid": room.outer.pid, "resolver": [OUTSIDE, *room.resolvers], "cluster_dns": room.cluster_dns,
                  "serves": SERVER if room.is_cluster_dns else None} for room in rooms]
    outside = cluster.run(name, [sys.executable, f"{HERE}/outside.py", json.dumps(described), API_ADDRESS, cluster.ports["api"], seed])
    wait_until(name, lambda: outside.must_live() and "serving" in outside.tail(), 30)
    return outside


class Room:
    """`name` is that of the server that will live here. Without a seed the outside is left to `start_outside`. The rooms of one
    outside may have a cluster's DNS, which lives in one of them."""

    def __init__(self, cluster, name, seed=None, is_cluster_dns=False):
        self.cluster, self.name, self.server, self.is_cluster_dns = cluster, name, None, is_cluster_dns
        self.resolvers, self.cluster_dns = [], []
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
        within = self.ip
        run(*within(self.outer), "link", "add", "eth0", "address", "02:00:00:00:00:01", "type", "veth", "peer", "name",
            "eth0", "address", "02:00:00:00:00:02", "netns", self.inner.pid)
        for holder, address in ((self.inner, SERVER), (self.outer, OUTSIDE)):
            run(*within(holder), "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                run(*within(holder), "link", "set", device, "up")
        run(*within(self.outer), "address", "add", f"{API_ADDRESS}/32", "dev", "lo")
        run(*within(self.inner), "route", "add", "default", "via", OUTSIDE)

    @staticmethod
    def ip(holder):
        return ["nsenter", f"--net=/proc/{holder.pid}/ns/net", "ip"]

    def has(self, own, resolvers, cluster_dns):
        """Addresses that this room has besides, and those beyond its wire where the resolver and the cluster's DNS listen.
        Before `start_outside`."""
        for holder, addresses in ((self.inner, own), (self.outer, [*resolvers, *cluster_dns])):
            for address in addresses:
                run(*self.ip(holder), "address", "add", f"{address}/32", "dev", "lo")
        self.resolvers, self.cluster_dns = resolvers, cluster_dns

    def cut(self, really=True):
        """Drops what comes from the outside without a word, as a firewall does that forgot a connection; or no more."""
        run("nsenter", f"--net=/proc/{self.outer.pid}/ns/net", "ip", "route", "add" if really else "delete", "blackhole", f"{SERVER}/32")

    def entered(self):
        return inside(self.inside_network)

    def etc(self, files):
        """A folder of what is to be seen in /etc: {folder below /etc: {name: text}}. What is in /etc itself are plain files,
        what is below are ConfigMaps."""
        folder = self.cluster.path(f"{self.name}.etc")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for below, contents in files.items():
            if below:
                mount_config_map(os.path.join(folder, below), contents)
        for name, text in files[""].items():
            with open(os.path.join(folder, name), "w") as out:
                out.write(text)
        return folder

    def serve(self, binary, corefile, user="dns", env=None, conf="/etc/coredns/Corefile", files=None):
        """Starts the program with this Corefile, resolv.conf and the credentials of `user`. `files`: {folder below /etc: {name:
        text}}, each as a ConfigMap of its own; one beside the Corefile is of the same ConfigMap."""
        seen = {"": {"resolv.conf": RESOLV_CONF}, **(files or {})}
        below, name = os.path.split(os.path.relpath(conf, "/etc"))
        seen[below] = {**seen.get(below, {}), name: corefile}
        credentials = self.cluster.path(f"{self.name}.credentials")
        self.cluster.service_account(user, credentials)
        self.server = self.start("server", [
            "nsenter", f"--net=/proc/{self.inner.pid}/ns/net", "unshare", "--mount", "--propagation", "private", "sh", "-c",
            MOUNTS, "sh", credentials, self.etc(seen), binary, "-conf", conf],
            {"KUBERNETES_SERVICE_HOST": API_ADDRESS, "KUBERNETES_SERVICE_PORT": "443", **(env or {})})
        return self.server
