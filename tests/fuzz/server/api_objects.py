# SPDX-License-Identifier: Apache-2.0
"""The objects of the API server that hostile_api.py plays, their lists and their events."""
import copy
import json
import threading

import names
from paths import played_lists

KEPT_EVENTS = 500
SERVICES, NAMESPACES, PODS = 60, 4, 20


class Objects:
    """Thread-safe. `canary`: the address of service `canary` in namespace `default`; each change gives it another one."""

    def __init__(self, seed):
        self.lock = threading.Condition()
        self.version, self.events, self.changes = 1000, [], 0
        self.replace(seed)

    def replace(self, seed):
        """Another cluster; watches that go on hear nothing of it."""
        cluster = names.make_cluster(seed, SERVICES, NAMESPACES, endpoints=2, headless=0.3)
        lists = {path: json.loads(body) for path, body in played_lists.lists(cluster).items()}
        with self.lock:
            self.lists, self.events = lists, []
            self.version += 1000
            self.services = lists["/api/v1/services"]["items"]
            lists["/api/v1/namespaces"]["items"].append(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": meta("default")})
            lists["/api/v1/pods"] = {"kind": "PodList", "apiVersion": "v1", "items": pods()}
            self.services.append(copy.deepcopy(self.services[0]))
            self.services[-1]["metadata"] = meta("canary", namespace="default")
            self.lock.notify_all()
        self.change_canary()

    @property
    def canary(self):
        return f"10.97.{self.changes >> 8 & 255}.{self.changes & 255}"

    def change_canary(self):
        with self.lock:
            self.changes += 1
            one = self.services[-1]
            one["spec"] = {"type": "ClusterIP", "clusterIP": self.canary, "clusterIPs": [self.canary],
                           "ports": [{"name": "http", "protocol": "TCP", "port": 80}]}
            self.happened("MODIFIED", "/api/v1/services", one)

    def change_some(self, rng):
        """One object comes, changes or goes."""
        with self.lock:
            path = rng.choice(sorted(self.lists))
            items = self.lists[path]["items"]
            what = rng.choice(("ADDED", "MODIFIED", "DELETED"))
            at = rng.randrange(max(1, len(items) - 1))
            if what == "ADDED" or len(items) < 10:
                one = copy.deepcopy(items[at])
                one["metadata"] |= {"name": f"new-{self.version}", "uid": f"n-{self.version}"}
                items.insert(0, one)
                self.happened("ADDED", path, one)
            elif items[at]["metadata"]["name"] not in ("canary", "default"):
                self.happened(what, path, items.pop(at) if what == "DELETED" else items[at])

    def happened(self, what, path, one):
        self.version += 1
        one["metadata"]["resourceVersion"] = str(self.version)
        self.events = self.events[-KEPT_EVENTS:] + [(self.version, path, event(what, one))]
        self.lock.notify_all()

    def list_of(self, path):
        """As JSON octets; None if there is no such list."""
        with self.lock:
            if path not in self.lists:
                return None
            return json.dumps(self.lists[path] | {"metadata": {"resourceVersion": str(self.version)}}).encode()

    def after(self, version, path, patience):
        """(version, the events after `version`); waits for the first. None if what happened then is forgotten, or to come."""
        with self.lock:
            if version > self.version or version < self.version and (not self.events or self.events[0][0] > version + 1):
                return None
            if self.version <= version:
                self.lock.wait(patience)
            return self.version, [octets for v, p, octets in self.events if v > version and p == path]


def meta(name, **more):
    return {"name": name, "uid": name, "resourceVersion": "1", **more}


def pods():
    return [{"apiVersion": "v1", "kind": "Pod", "metadata": meta(f"pod-{n}", namespace="team-00"),
             "status": {"phase": "Running", "podIP": f"10.244.9.{n}", "podIPs": [{"ip": f"10.244.9.{n}"}]}}
            for n in range(1, PODS)]


def event(what, one):
    return json.dumps({"type": what, "object": one}).encode() + b"\n"
