# SPDX-License-Identifier: Apache-2.0
"""CoreDNS and Troupe side by side with the Corefile that most clusters run, each in a room of its own."""
import os

from cluster import HERE
from dnsclient import Asker
from oddities import HTTP, endpoint_slice, plain, service
from processes import wait_until
from room import SERVER, Room
from servers import http_status, http_text, listens, troupe_binary

DNS_PORT, READY_PORT, METRICS_PORT = 53, 8181, 9153  # as the Corefile has them
KUBE_DNS = "10.96.0.10"


def corefile(name):
    """The Corefile byte for byte; CoreDNS 1.14 refuses the word `upstream`, which it ignored for years before."""
    with open(os.path.join(HERE, "standard.corefile")) as text:
        whole = text.read()
    return whole if name == "troupe" else whole.replace("       upstream\n", "")


def put_kube_dns(population):
    """The server's own Service, as a cluster has it: its address stands behind `kube-dns`."""
    ports = [{**HTTP, "name": "dns", "protocol": "UDP", "port": 53}, {**HTTP, "name": "dns-tcp", "port": 53}]
    population.put_service(service("kube-dns", "kube-system", clusterIP=KUBE_DNS, ports=ports))
    population.put_slice(endpoint_slice("kube-dns-1", "kube-dns", [plain(SERVER)], namespace="kube-system", ports=ports))


class RoomServer:
    """A server in its room. What it is asked here is asked from inside of the room."""

    def __init__(self, cluster, name, binary, seed, text):
        self.name, self.binary, self.room = name, binary, Room(cluster, name, seed)
        self.process = self.room.serve(binary, text)

    def restart(self, text):
        """Ends it at once and starts it with another Corefile."""
        self.process.kill()
        self.process = self.room.serve(self.binary, text)
        self.wait_ready()

    def wait_ready(self):
        wait_until(f"{self.name} ready", self.ready, 30)

    def asker(self):
        return Asker(DNS_PORT, place=self.room.entered)

    def ready(self):
        with self.room.entered():
            return self.process.must_live() and listens(DNS_PORT) and http_status(READY_PORT, "/ready") == 200

    def metrics(self):
        with self.room.entered():
            return http_text(METRICS_PORT, "/metrics")

    def verbose(self):
        with self.room.entered():
            return http_text(READY_PORT, "/ready?verbose")


def start_pair(cluster, seed, corefiles=None):
    """CoreDNS and Troupe, both ready, with the standard Corefile or those given."""
    names = {"coredns": f"{cluster.bin}/coredns", "troupe": troupe_binary()}
    pair = [RoomServer(cluster, name, binary, seed, text)
            for (name, binary), text in zip(names.items(), corefiles or map(corefile, names))]
    for server in pair:
        server.wait_ready()
    return pair
