# SPDX-License-Identifier: Apache-2.0
"""The cluster's objects as the tests know them, and random changes to them through the API server.

What stands here is what the API server accepted: a change is made there first, then here."""
import random

from api import ApiError
from objects import (FAMILIES, KINDS, SERVICE_LABEL, endpoint, endpoint_slice, is_external, key_of, random_ports, service,
                     slice_ports)

NAMESPACES = ["default", "alpha", "beta", "gamma", "delta"]
FIRST_NAMESPACES = {"default", "kube-system", "kube-public", "kube-node-lease"}
LEAST_SERVICES, MOST_SERVICES = 45, 75


class Population:
    """`zone`: the cluster domain that ExternalName services point into; `other_zone`: the second one, or None."""

    def __init__(self, api, seed, zone="cluster.local", other_zone=None):
        self.api, self.rng = api, random.Random(seed)
        self.zone, self.other_zone = zone, other_zone
        self.namespaces = {item["metadata"]["name"] for item in api.get("/api/v1/namespaces")["items"]}
        self.services = {key_of(item): item for item in api.get("/api/v1/services")["items"]}
        self.slices = {}      # (namespace, name) -> EndpointSlice
        self.fixed = set(self.services)  # keys of services and slices that random changes leave alone
        self.gone = []        # names "<service>.<namespace>" that were deleted, oldest first
        self.counter = 0
        self.changes = [  # (weight, change)
            (30, self.change_endpoints), (10, self.change_slice_ports), (10, self.change_service_ports),
            (12, self.create_service), (12, self.delete_service), (10, self.create_slice), (8, self.delete_slice),
            (4, self.relabel_slice), (5, self.change_external_target), (4, self.touch_labels), (2, self.delete_namespace),
            (6, self.create_namespace)]

    def fill(self, services):
        for name in NAMESPACES:
            if name not in self.namespaces:
                self.put_namespace(name)
        while len(self.services) - len(self.fixed & self.services.keys()) < services:
            self.create_service()

    def change(self):
        """One random change; returns what it was, for the log."""
        while True:
            act = self.rng.choices([a for _, a in self.changes], [w for w, _ in self.changes])[0]
            done = act()
            if done:
                return done

    # -- paths and places

    def service_path(self, namespace, name=""):
        return f"/api/v1/namespaces/{namespace}/services" + (f"/{name}" if name else "")

    def slice_path(self, namespace, name=""):
        return f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices" + (f"/{name}" if name else "")

    def open_namespaces(self):
        return sorted(self.namespaces & set(NAMESPACES))

    def in_open(self, store, condition=lambda document: True):
        return sorted(key for key, document in store.items()
                      if key[0] in self.namespaces and key not in self.fixed and condition(document))

    def pick(self, store, condition=lambda document: True):
        keys = self.in_open(store, condition)
        return self.rng.choice(keys) if keys else None

    def fresh(self, prefix):
        self.counter += 1
        return f"{prefix}-{self.counter}"

    def external_targets(self, namespace, own):
        """Other services in the zone, absent ones, the own name, names of nobody and, if there is one, the other zone's."""
        known = [f"{n}.{ns}.svc.{self.zone}" for ns, n in self.in_open(self.services)]
        targets = self.rng.sample(known, min(3, len(known))) + ["www.example.com", f"absent.{namespace}.svc.{self.zone}",
                                                                f"{own}.{namespace}.svc.{self.zone}"]
        if self.other_zone and known:
            targets.append(self.rng.choice(known).replace(self.zone, self.other_zone))
        return targets

    # -- writes

    def put_namespace(self, name):
        self.api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.namespaces.add(name)

    def put_service(self, document):
        namespace = document["metadata"]["namespace"]
        made = self.api.create(self.service_path(namespace), document)
        self.services[key_of(made)] = made
        return made

    def put_slice(self, document):
        made = self.api.create(self.slice_path(document["metadata"]["namespace"]), document)
        self.slices[key_of(made)] = made
        return made

    def replace_slice(self, key, **fields):
        self.slices[key] = self.api.replace(self.slice_path(*key), {**self.slices[key], **fields})

    # -- changes: each returns a description, or None if there was nothing to change

    def create_service(self):
        if len(self.in_open(self.services)) >= MOST_SERVICES or not self.open_namespaces():
            return None
        namespace = self.rng.choice(self.open_namespaces())
        name, kind = self.fresh("svc"), self.rng.choice(KINDS)
        old = [g for g in self.gone if g[0] == namespace and g not in self.services]
        if old and self.rng.random() < 0.3:
            name = self.rng.choice(old)[1]
        made = self.put_service(service(self.rng, namespace, name, kind, self.external_targets(namespace, name)))
        for family in FAMILIES.get(kind, []):
            for _ in range(self.rng.choice([0, 1, 1, 1, 2])):
                self.put_slice(endpoint_slice(self.rng, namespace, self.fresh(name), name, family, made))
        return f"create {kind} {name}.{namespace}"

    def delete_service(self):
        if len(self.in_open(self.services)) <= LEAST_SERVICES:
            return None
        key = self.pick(self.services)
        if not key:
            return None
        self.api.delete(self.service_path(*key))
        del self.services[key]
        self.gone.append(key)
        orphans = self.rng.random() < 0.2
        for one in [] if orphans else self.slices_of(key):
            self.api.delete(self.slice_path(*one))
            del self.slices[one]
        return f"delete service {key[1]}.{key[0]}" + (" without its slices" if orphans else "")

    def slices_of(self, key):
        return sorted(k for k, s in self.slices.items()
                      if k[0] == key[0] and s["metadata"].get("labels", {}).get(SERVICE_LABEL) == key[1])

    def owner_of(self, key):
        return self.services.get((key[0], self.slices[key]["metadata"].get("labels", {}).get(SERVICE_LABEL)))

    def change_endpoints(self):
        key = self.pick(self.slices)
        if not key:
            return None
        endpoints = list(self.slices[key].get("endpoints") or [])
        family = self.slices[key]["addressType"]
        what = self.rng.choice(["add", "remove", "replace", "all", "ready"]) if endpoints else "add"
        if what == "remove":
            endpoints.pop(self.rng.randrange(len(endpoints)))
        elif what == "replace":
            endpoints[self.rng.randrange(len(endpoints))] = endpoint(self.rng, family)
        elif what == "ready":
            i = self.rng.randrange(len(endpoints))
            ready = (endpoints[i].get("conditions") or {}).get("ready", True)
            endpoints[i] = {**endpoints[i], "conditions": {"ready": not ready}}
        elif what == "all":
            endpoints = [endpoint(self.rng, family) for _ in range(self.rng.randrange(5))]
        else:
            endpoints.append(endpoint(self.rng, family))
        self.replace_slice(key, endpoints=endpoints)
        return f"{what} endpoints of {key[1]}.{key[0]}"

    def change_slice_ports(self):
        key = self.pick(self.slices)
        if not key:
            return None
        self.replace_slice(key, ports=slice_ports(self.rng, self.owner_of(key)))
        return f"ports of slice {key[1]}.{key[0]}"

    def change_service_ports(self):
        key = self.pick(self.services, lambda s: not is_external(s) and s["spec"].get("ports"))
        if not key:
            return None
        document = self.services[key]
        changed = {**document, "spec": {**document["spec"], "ports": random_ports(self.rng)}}
        self.services[key] = self.api.replace(self.service_path(*key), changed)
        return f"ports of {key[1]}.{key[0]}"

    def change_external_target(self):
        key = self.pick(self.services, is_external)
        if not key:
            return None
        target = self.rng.choice(self.external_targets(*key))
        self.services[key] = self.api.merge(self.service_path(*key), {"spec": {"externalName": target}})
        return f"{key[1]}.{key[0]} now points to {target}"

    def create_slice(self):
        key = self.pick(self.services, lambda s: not is_external(s))
        if not key or len(self.slices_of(key)) >= 5:
            return None
        family = self.rng.choice(["IPv4", "IPv6"])
        made = self.put_slice(endpoint_slice(self.rng, key[0], self.fresh(key[1]), key[1], family, self.services[key]))
        return f"create slice {made['metadata']['name']}.{key[0]}"

    def delete_slice(self):
        key = self.pick(self.slices)
        if not key:
            return None
        self.api.delete(self.slice_path(*key))
        del self.slices[key]
        return f"delete slice {key[1]}.{key[0]}"

    def relabel_slice(self):
        key = self.pick(self.slices)
        others = [k for k in self.in_open(self.services, lambda s: not is_external(s)) if key and k[0] == key[0]]
        if not others:
            return None
        owner = self.rng.choice(others)[1]
        metadata = self.slices[key]["metadata"]
        self.replace_slice(key, metadata={**metadata, "labels": {**metadata.get("labels", {}), SERVICE_LABEL: owner}})
        return f"slice {key[1]}.{key[0]} now belongs to {owner}"

    def touch_labels(self):
        """A change that no answer may notice."""
        key = self.pick(self.services)
        if not key:
            return None
        label = {"metadata": {"labels": {"touched": self.fresh("t")}}}
        self.services[key] = self.api.merge(self.service_path(*key), label)
        return f"label of {key[1]}.{key[0]}"

    def delete_namespace(self):
        """Removes the Namespace only: what is in it stays in the API server, hidden until the namespace is back."""
        closable = [n for n in self.open_namespaces() if n not in FIRST_NAMESPACES]
        if len(closable) < 3:
            return None
        name = self.rng.choice(closable)
        try:
            document = self.api.delete(f"/api/v1/namespaces/{name}")
        except ApiError as error:
            if error.code != 409:
                raise
            document = self.api.get(f"/api/v1/namespaces/{name}")
        document["spec"]["finalizers"] = []
        self.api.replace(f"/api/v1/namespaces/{name}/finalize", document)
        self.namespaces.discard(name)
        return f"delete namespace {name}"

    def create_namespace(self):
        closed = sorted(set(NAMESPACES) - self.namespaces)
        if not closed:
            return None
        name = self.rng.choice(closed)
        self.put_namespace(name)
        return f"create namespace {name}"
