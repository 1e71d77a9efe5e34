# SPDX-License-Identifier: Apache-2.0
"""One Corefile of the comparison and what follows from it: where to ask, which zones, what may be asked while things change."""
import subprocess
from collections import namedtuple

from corefile_reader import Stanza, blocks, is_address, reverse_zones
from model import Zone
from room import SERVER
from servers import troupe_binary

NOT_YET = "not built into Troupe yet"
INTERFACES = {"lo": "127.0.0.1", "eth0": SERVER}
# Options that change no answer of the names that the model knows.
NEUTRAL = {"pods", "ttl", "endpoint_pod_names", "fallthrough", "kubeconfig", "endpoint", "tls", "startup_timeout", "apiserver_qps",
           "apiserver_burst", "apiserver_max_inflight"}

# Where a server listens and the blocks that answer there.
Place = namedtuple("Place", "host port blocks")


class Configuration:
    def __init__(self, label, text):
        self.label, self.text, self.blocks = label, text, blocks(text)
        self.features = {directive.name for block in self.blocks for directive in block.directives}
        self.stanzas = [Stanza(block, directive) for block in self.blocks for directive in block.named("kubernetes")]
        self.features |= {option for stanza in self.stanzas for option in stanza.options}

    def zones(self):
        """All zones of all stanzas, networks as the reverse zones that they are."""
        written = {zone for stanza in self.stanzas for zone in stanza.zones}
        return sorted({name for zone in written for name in (reverse_zones(zone) if "/" in zone else [zone])})

    def has_ready(self):
        return "ready" in self.features

    def places(self):
        found = {}
        for block in self.blocks:
            words = [word for directive in block.named("bind") for word in directive.words] or ["127.0.0.1"]
            host = words[0] if is_address(words[0]) else INTERFACES[words[0]]
            for port in block.ports:
                served = found.setdefault((host, port), [])
                served += [] if block in served else [block]
        return [Place(host, port, served) for (host, port), served in found.items()]

    def stanzas_of(self, place):
        return [stanza for stanza in self.stanzas if stanza.block in place.blocks]

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
