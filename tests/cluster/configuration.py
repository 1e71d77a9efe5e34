# SPDX-License-Identifier: Apache-2.0
"""One Corefile of the comparison and what follows from it: where to ask, which zones, what may be asked while things change,
how to see that a server has started, where its metrics are."""
import os
import subprocess
from collections import namedtuple

from corefile_reader import Stanza, blocks, is_address, is_reverse, lines, reverse_zones
from model import Zone
from room import SERVER
from servers import troupe_binary

NOT_YET = "not built into Troupe yet"
LOOPBACK = "127.0.0.1"
INTERFACES = {"lo": LOOPBACK, "eth0": SERVER, "0.0.0.0": LOOPBACK, "": LOOPBACK}
OWN_ADDRESSES = {LOOPBACK, SERVER}  # that every room has
ENVIRONMENT = {"MY_HOST_IP": SERVER}  # of the pod, as far as a distribution's Corefile asks for it
PORTS = {"ready": 8181, "health": 8080, "prometheus": 9153}
CLUSTER_DOMAIN = "cluster.local"
# What the cluster's DNS runs that is asked by a server without `kubernetes`. No `cache`: each answer is of its moment.
CLUSTER_DNS = """.:53 {
    errors
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    forward . /etc/resolv.conf
}
"""
# Options that change no answer of the names that the model knows.
NEUTRAL = {"pods", "ttl", "endpoint_pod_names", "fallthrough", "kubeconfig", "endpoint", "tls", "startup_timeout", "apiserver_qps",
           "apiserver_burst", "apiserver_max_inflight"}

# Where a server listens and the blocks that answer there.
Place = namedtuple("Place", "host port blocks")


class Configuration:
    """`conf`: the Corefile's path; `files`: what is mounted beside it, as `Room.serve` takes it."""

    def __init__(self, label, text, conf="/etc/coredns/Corefile", files=None):
        self.label, self.text, self.conf, self.files = label, text, conf, files or {}
        for name, value in ENVIRONMENT.items():
            text = text.replace("{$%s}" % name, value)
        self.blocks = blocks(text)
        self.read_hosts()
        self.features = {directive.name for block in self.blocks for directive in block.directives}
        self.stanzas = [Stanza(block, directive) for block in self.blocks for directive in block.named("kubernetes")]
        self.features |= {option for stanza in self.stanzas for option in stanza.options}

    def zones(self):
        """All zones of all stanzas, networks as the reverse zones that they are."""
        written = {zone for stanza in self.stanzas for zone in stanza.zones}
        return sorted({name for zone in written for name in (reverse_zones(zone) if "/" in zone else [zone])})

    def read_hosts(self):
        """What is in a mounted file of `hosts` is as if it stood in the Corefile."""
        for hosts in (directive for block in self.blocks for directive in block.named("hosts")):
            for word in hosts.words:
                folder, name = os.path.split(os.path.relpath(word, "/etc"))
                hosts.options.extend(lines(self.files.get(folder, {}).get(name, "")))

    def places(self):
        """One for each address that a block is bound to, and port."""
        found = {}
        for block in self.blocks:
            words = [word for directive in block.named("bind") for word in directive.words] or [LOOPBACK]
            for host in (INTERFACES.get(word, word) for word in words):
                for port in block.ports:
                    served = found.setdefault((host, port), [])
                    served += [] if block in served else [block]
        return [Place(host, port, served) for (host, port), served in found.items()]

    def own_addresses(self):
        """Those that a room must have besides what every room has."""
        return sorted({place.host for place in self.places()} - OWN_ADDRESSES)

    def endpoints(self, directive):
        """(host, port) where this directive is served over HTTP."""
        found = []
        for one in (one for block in self.blocks for one in block.named(directive)):
            host, _, port = (one.words or [f":{PORTS[directive]}"])[0].rpartition(":")
            found.append((INTERFACES.get(host, host), int(port)))
        return sorted(set(found))

    def forwards_to(self, of_cluster):
        """Addresses that blocks of the cluster's zones forward to, or those that only others do."""
        of_the_cluster = lambda block: any(zone == CLUSTER_DOMAIN or is_reverse(zone) for zone in block.zones)
        found = {word for block in self.blocks if of_the_cluster(block) for one in block.named("forward") for word in one.words[1:]}
        rest = {word for block in self.blocks for one in block.named("forward") for word in one.words[1:]} - found
        return sorted(word for word in (found if of_cluster else rest) if is_address(word))

    def asks_cluster_dns(self, place):
        """True if this place leads to the cluster's DNS."""
        there = set(self.forwards_to(of_cluster=True))
        return any(there & set(one.words) for block in place.blocks for one in block.named("forward"))

    def stanzas_of(self, place):
        """The uses of `kubernetes` that answer at this place, be it those of the cluster's DNS behind it."""
        own = [stanza for stanza in self.stanzas if stanza.block in place.blocks]
        return own or [STANZA_BEHIND] * self.asks_cluster_dns(place)

    def needs_service_imports(self):
        return any(stanza.has("multicluster") for stanza in self.stanzas)

    def may_be_old(self, name):
        """True if CoreDNS may answer from its cache, which knows nothing of changes."""
        name = name.lower()
        for block in self.blocks:
            for cache in block.named("cache"):
                kept_out = [set(words[2:]) for words in cache.options if words[0] == "disable"]
                never_kept = set.intersection(*kept_out) if len(kept_out) == 2 else set()
                if not name.endswith(tuple("." + zone for zone in never_kept)):
                    return True
        return False

    def model_zones(self, place):
        """The zones as the model knows them; none where it does not know all options of a block or its resolver."""
        served = self.stanzas_of(place)
        if "forward" in self.features or any(not set(stanza.options) <= NEUTRAL for stanza in served):
            return []
        if any(stanza.has("fallthrough") or "/" in zone or "arpa" in stanza.zones[0] for stanza in served for zone in stanza.zones):
            return []
        return [Zone(zone, int((stanza.options.get("ttl") or ["5"])[0]), (stanza.options.get("pods") or ["disabled"])[0],
                     stanza.has("endpoint_pod_names"), "in-addr.arpa" in stanza.zones and zone == stanza.forward_zones()[0])
                for stanza in served for zone in stanza.forward_zones()]

    def not_yet(self, path):
        """What of it Troupe does not have yet, in its own words; nothing if it takes the Corefile at `path`."""
        done = subprocess.run([troupe_binary(), "-conf", path, "-validate"], capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()
        return said.split("parsing: ")[-1] if done.returncode and NOT_YET in said else ""


STANZA_BEHIND = Configuration("the cluster's DNS", CLUSTER_DNS).stanzas[0]
