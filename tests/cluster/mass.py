# SPDX-License-Identifier: Apache-2.0
"""Big clusters, written straight into etcd in seconds: through the API server 10,000 services take minutes. What is
written is what the API server itself would have stored (it reads JSON as well as protobuf), its IPAddress objects
included, so that it finds nothing to repair."""
import base64
import ipaddress
import json
import urllib.request
import uuid
from dataclasses import dataclass

from objects import SERVICE_LABEL, SLICES

CREATED = "2026-01-01T00:00:00Z"
PUTS = 100  # in one transaction; etcd takes 128
OCTETS = 1_000_000  # of values in one; etcd takes 1.5 MiB
FIRST_CLUSTER_IP = ipaddress.ip_address("10.96.16.0")  # above those that the API server gives out itself
FIRST_POD = ipaddress.ip_address("10.128.0.1")
PORTS = [("http", 80), ("metrics", 9090)]


@dataclass
class Mass:
    """What a cluster holds. `headless`: every so many-th service has no ClusterIP; 0: none."""
    services: int = 10_000
    namespaces: int = 200
    endpoints: int = 10
    headless: int = 5
    per_slice: int = 100  # as the slice controller does it

    def namespace(self, i):
        return f"team-{i % self.namespaces:03d}"

    def service(self, i):
        return f"backend-{i:05d}"

    def is_headless(self, i):
        return bool(self.headless) and i % self.headless == 0

    def cluster_ip(self, i):
        return None if self.is_headless(i) else str(FIRST_CLUSTER_IP + i)

    def pods(self, i):
        return [str(FIRST_POD + i * self.endpoints + n) for n in range(self.endpoints)]

    def answers(self, i):
        """The A records of service `i`, sorted."""
        return sorted([self.cluster_ip(i)] if self.cluster_ip(i) else self.pods(i))

    def name(self, i, zone="cluster.local"):
        return f"{self.service(i)}.{self.namespace(i)}.svc.{zone}"


def managed(manager, version, fields):
    """Who wrote what: a third of a real object's size."""
    return [{"manager": manager, "operation": "Update", "apiVersion": version, "time": CREATED, "fieldsType": "FieldsV1",
             "fieldsV1": fields}]


def metadata(namespace, name, labels, manager, version, fields):
    where = {"namespace": namespace} if namespace else {}
    return {"name": name, **where, "uid": str(uuid.uuid4()), "creationTimestamp": CREATED, "generation": 1, "labels": labels,
            "managedFields": managed(manager, version, fields)}


def owned(names):
    return {f"f:{name}": {} for name in names}


def namespace_document(name):
    return {"apiVersion": "v1", "kind": "Namespace", "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
            "metadata": metadata(None, name, {"kubernetes.io/metadata.name": name}, "kubectl", "v1",
                                 {"f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}})}


def service_document(mass, i):
    ip, name = mass.cluster_ip(i) or "None", mass.service(i)
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "Helm"}
    fields = {"f:metadata": {"f:labels": {".": {}, **owned(labels)}}, "f:spec": owned(
        ["internalTrafficPolicy", "selector", "sessionAffinity", "type"]) | {"f:ports": {
            ".": {}, **{f'k:{{"port":{p},"protocol":"TCP"}}': {".": {}, **owned(["name", "port", "protocol", "targetPort"])}
                        for _, p in PORTS}}}}
    return {"apiVersion": "v1", "kind": "Service", "status": {"loadBalancer": {}},
            "metadata": metadata(mass.namespace(i), name, labels, "helm", "v1", fields),
            "spec": {"type": "ClusterIP", "clusterIP": ip, "clusterIPs": [ip], "ipFamilies": ["IPv4"],
                     "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster", "sessionAffinity": "None",
                     "selector": {"app.kubernetes.io/name": name},
                     "ports": [{"name": n, "protocol": "TCP", "port": p, "targetPort": 8000 + p} for n, p in PORTS]}}


def endpoint(service, address, n):
    return {"addresses": [address], "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": f"node-{n % 97}", "zone": "zone-" + "abc"[n % 3],
            "targetRef": {"kind": "Pod", "namespace": "any", "name": f"{service}-{n % 7919:07x}-{n % 99991:05d}",
                          "uid": str(uuid.UUID(int=n + 1))}}


def slice_document(namespace, service, name, addresses, first=0):
    """A slice as the controller writes it; `first` numbers its first pod."""
    labels = {SERVICE_LABEL: service, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    fields = {"f:addressType": {}, "f:endpoints": {}, "f:ports": {},
              "f:metadata": {"f:generateName": {}, "f:labels": {".": {}, **owned(labels)}, "f:ownerReferences": {".": {}}}}
    return {"apiVersion": SLICES, "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": metadata(namespace, name, labels, "kube-controller-manager", SLICES, fields),
            "ports": [{"name": n, "protocol": "TCP", "port": 8000 + p} for n, p in PORTS],
            "endpoints": [endpoint(service, a, first + n) for n, a in enumerate(addresses)]}


def ip_address_document(mass, i):
    labels = {"ipaddress.kubernetes.io/ip-family": "IPv4",
              "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
            "metadata": metadata(None, mass.cluster_ip(i), labels, "kube-apiserver", "networking.k8s.io/v1", {}),
            "spec": {"parentRef": {"resource": "services", "namespace": mass.namespace(i), "name": mass.service(i)}}}


def stored(mass):
    """(key in etcd, document) of everything."""
    for n in range(mass.namespaces):
        yield f"/registry/namespaces/{mass.namespace(n)}", namespace_document(mass.namespace(n))
    for i in range(mass.services):
        namespace, name = mass.namespace(i), mass.service(i)
        if mass.cluster_ip(i):
            yield f"/registry/ipaddresses/{mass.cluster_ip(i)}", ip_address_document(mass, i)
        yield f"/registry/services/specs/{namespace}/{name}", service_document(mass, i)
        pods = mass.pods(i)
        for at in range(0, len(pods), mass.per_slice):
            slice_name = f"{name}-{at // mass.per_slice:03d}x"
            yield (f"/registry/endpointslices/{namespace}/{slice_name}",
                   slice_document(namespace, name, slice_name, pods[at:at + mass.per_slice], i * mass.endpoints + at))


class Etcd:
    """Writes through etcd's JSON gateway (etcd.io, "gRPC gateway")."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/v3/kv/txn"

    def put_all(self, pairs):
        """Writes all pairs of key and document; returns how many."""
        waiting, count, octets = [], 0, 0
        for key, document in pairs:
            value = encoded(json.dumps(document))
            if len(waiting) == PUTS or octets + len(value) > OCTETS and waiting:
                self.send(waiting)
                waiting, octets = [], 0
            waiting.append({"requestPut": {"key": encoded(key), "value": value}})
            count, octets = count + 1, octets + len(value)
        if waiting:
            self.send(waiting)
        return count

    def send(self, puts):
        body = json.dumps({"success": puts}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url, body), timeout=60) as reply:
            reply.read()


def encoded(text):
    return base64.b64encode(text.encode()).decode()
