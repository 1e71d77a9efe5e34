# SPDX-License-Identifier: Apache-2.0
"""Objects that single options of `kubernetes` are about: pods, topology zones, imports from other clusters, labels."""
from api import ApiError
from processes import wait_until

MCS = "multicluster.x-k8s.io"
NAME_LABEL, CLUSTER_LABEL = "multicluster.kubernetes.io/service-name", "multicluster.kubernetes.io/source-cluster"
WEB = [{"name": "web", "protocol": "TCP", "port": 80}]
SERVER_SIDE = f"/apis/{MCS}/v1alpha1/namespaces/{{}}/serviceimports"


def import_definition():
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": anything, "status": anything}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"serviceimports.{MCS}",
                         "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements/pull/1646"}},
            "spec": {"group": MCS, "scope": "Namespaced",
                     "names": {"kind": "ServiceImport", "plural": "serviceimports", "singular": "serviceimport", "listKind": "ServiceImportList"},
                     "versions": [{"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}}


def allow_imports(api, user):
    rbac, name = "/apis/rbac.authorization.k8s.io/v1/", "troupe:imports"
    api.create(rbac + "clusterroles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
        "rules": [{"apiGroups": [MCS], "resources": ["serviceimports"], "verbs": ["list", "watch"]}]})
    api.create(rbac + "clusterrolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]})


class Kinds:
    """Writes everything. `names`: all that is worth asking, below the cluster's zone."""

    def __init__(self, api):
        self.api, self.names = api, set()

    def create(self):
        for name, labels in (("alpha", {"tier": "front"}), ("beta", {"tier": "back"}), ("gamma", {})):
            self.api.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
            self.names |= {f"{name}.svc", f"{name}.pod"}
        self.services()
        self.pods()
        self.imports()

    def service(self, namespace, name, labels, endpoints=(), headless=False, ports=WEB):
        spec = {"ports": ports, **({"clusterIP": "None"} if headless else {})}
        self.api.create(f"/api/v1/namespaces/{namespace}/services",
                        {"metadata": {"name": name, "labels": labels}, "spec": spec})
        below = f"{name}.{namespace}.svc"
        self.names |= {below, f"_web._tcp.{below}", f"web.tcp.{below}", f"_tcp.{below}", f"_dns._udp.{below}", f"nobody.{below}"}
        for family in ("IPv4", "IPv6"):
            mine = [e for e in endpoints if (":" in e["addresses"][0]) == (family == "IPv6")]
            if mine:
                self.slice(namespace, f"{name}-{family.lower()}", {**labels, "kubernetes.io/service-name": name}, family, mine)
        for one in endpoints:
            label = one.get("hostname") or one["addresses"][0].replace(".", "-").replace(":", "-")
            self.names |= {f"{label}.{below}", f"_web._tcp.{label}.{below}"}
            self.names |= {f"{one['targetRef']['name']}.{below}"} if "targetRef" in one else set()

    def slice(self, namespace, name, labels, family, endpoints, ports=WEB):
        self.api.create(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
                        {"metadata": {"name": name, "labels": labels}, "addressType": family, "endpoints": endpoints, "ports": ports})

    def services(self):
        ready = lambda address, zone=None, **more: {"addresses": [address], **({"zone": zone} if zone else {}), **more}
        self.service("alpha", "web", {"app": "web"}, [ready("10.244.1.1", "zone-a")])
        self.service("alpha", "api", {"app": "api"}, [ready("10.244.1.2", "zone-b")])
        self.service("alpha", "empty", {"app": "web"})
        self.service("alpha", "peers", {"app": "web"}, [
            ready("10.244.1.3", "zone-a", hostname="peer-0"), ready("10.244.1.4", "Zone-B"), ready("10.244.1.5", "eu.west-1"),
            ready("10.244.1.6"), ready("fd00:10:244::7", "zone-a"),
            ready("10.244.1.8", "zone-a", targetRef={"kind": "Pod", "name": "pod-8"}, conditions={"ready": False})], headless=True)
        self.service("alpha", "idle", {}, headless=True)
        self.service("beta", "web", {"app": "web", "extra": "yes"}, [ready("10.244.2.1", "zone-a")])
        self.service("gamma", "plain", {}, [ready("10.244.3.1")])
        self.api.create("/api/v1/namespaces/alpha/services",
                        {"metadata": {"name": "out", "labels": {"app": "web"}}, "spec": {"type": "ExternalName", "externalName": "x.invalid"}})
        self.names |= {"out.alpha.svc", "dns-version", "ns.dns", "svc", "pod"}
        for service in ("web.alpha", "peers.alpha", "idle.alpha", "out.alpha", "none.alpha", "peers.beta"):
            for zone in ("zone-a", "zone-b", "ZONE-A", "eu.west-1", "west-1", "none"):
                self.names |= {f"{zone}.{how}._zone.{service}.svc" for how in ("pin", "prefer", "other")}
            self.names |= {f"{front}{service}.svc" for front in ("_zone.", "pin._zone.", "prefer._zone.", "x.y.z.")}
            self.names.add(f"zone-a.pin._zone.{service}.pod")

    def pod(self, name, addresses, namespace="alpha", host=False, phase="Running", finalizers=(), labels=None):
        path = f"/api/v1/namespaces/{namespace}/pods"
        spec = {"containers": [{"name": "c", "image": "i"}], "nodeName": "node-1", **({"hostNetwork": True} if host else {})}
        self.api.create(path, {"metadata": {"name": name, "finalizers": list(finalizers), "labels": labels or {}}, "spec": spec})
        status = {"phase": phase, "hostIP": "192.0.2.10", "hostIPs": [{"ip": "192.0.2.10"}]}
        if addresses:
            status.update(podIP=addresses[0], podIPs=[{"ip": a} for a in addresses])
        self.api.merge(f"{path}/{name}/status", {"status": status})
        for address in addresses:
            label = address.replace(".", "-").replace(":", "-")
            self.names |= {f"{label}.{other}.pod" for other in ("alpha", "beta", "none")}
            self.names |= {f"x.{label}.{namespace}.pod", f"x.y.{label}.{namespace}.pod"}
        return path

    def pods(self):
        self.pod("one", ["10.244.9.1"], labels={"app": "web"})
        self.pod("dual", ["10.244.9.2", "fd00:10:244::92"])
        self.pod("six", ["fd00:10:244::93"])
        self.pod("host-1", ["192.0.2.10"], host=True)
        self.pod("host-2", ["192.0.2.10"], host=True, labels={"app": "web"})
        self.pod("host-3", ["192.0.2.10"], namespace="beta", host=True)
        self.pod("done", ["10.244.9.3"], phase="Succeeded")
        self.pod("failed", ["10.244.9.4"], phase="Failed")
        self.pod("waiting", [], phase="Pending")
        path = self.pod("ending", ["10.244.9.5"], finalizers=["example.com/hold"])
        self.api.delete(f"{path}/ending")
        self.names |= {"10-244-9-99.alpha.pod", "fd00-10-244-0--92.alpha.pod", "one.alpha.pod", "1-2-3.alpha.pod"}

    def imports(self):
        self.api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", import_definition())
        path = SERVER_SIDE.format("alpha")
        wait_until("ServiceImports", lambda: self.served(path), 60)
        make = lambda name, kind, ips, ports: self.api.create(path, {
            "apiVersion": f"{MCS}/v1alpha1", "kind": "ServiceImport", "metadata": {"name": name},
            "spec": {"type": kind, "ips": ips, "ports": ports}})
        make("vip", "ClusterSetIP", ["10.97.0.1"], WEB)
        make("twice", "ClusterSetIP", ["10.97.0.2", "fd00:10:97::2"], WEB + [{"name": "dns", "protocol": "UDP", "port": 53}])
        make("bare", "ClusterSetIP", ["10.97.0.3"], [])
        make("shared", "Headless", [], WEB)
        make("away", "Headless", [], WEB)
        far = lambda name, service, cluster, *endpoints: self.slice(
            "alpha", name, {NAME_LABEL: service, **({CLUSTER_LABEL: cluster} if cluster else {})}, "IPv4", list(endpoints))
        far("c1-shared", "shared", "c1", {"addresses": ["10.245.1.1"], "hostname": "db-0"}, {"addresses": ["10.245.1.2"]})
        far("c2-shared", "shared", "c2", {"addresses": ["10.245.2.1"], "hostname": "db-0"})
        far("c1-vip", "vip", "c1", {"addresses": ["10.245.1.9"]})
        for name in ("vip", "twice", "bare", "shared", "away", "none"):
            below = f"{name}.alpha.svc"
            self.names |= {below, f"_web._tcp.{below}", f"_dns._udp.{below}", f"web.tcp.{below}", f"_tcp.{below}"}
            for cluster in ("c1", "c2", "c3"):
                self.names |= {f"{front}.{cluster}.{below}" for front in ("db-0", "10-245-1-2", "10-245-1-9", "none")}
            self.names |= {f"db-0.{below}", f"10-245-1-9.{below}", f"c1.{below}"}

    def served(self, path):
        try:
            return self.api.get(path) is not None
        except ApiError:
            return False

    def addresses(self):
        """Reverse names of what has, or could have, a PTR record."""
        for tail in ("1.1", "1.2", "1.3", "1.4", "1.6", "2.1", "3.1", "9.1", "9.9"):
            third, fourth = tail.split(".")
            yield f"{fourth}.{third}.244.10.in-addr.arpa"
        for namespace in ("alpha", "beta", "gamma"):
            for service in self.api.get(f"/api/v1/namespaces/{namespace}/services")["items"]:
                if service["spec"].get("clusterIP", "None").count(".") == 3:
                    yield ".".join(reversed(service["spec"]["clusterIP"].split("."))) + ".in-addr.arpa"
