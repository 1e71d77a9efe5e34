# SPDX-License-Identifier: Apache-2.0
"""ServiceImports of the multi-cluster services API (v1alpha1), as a custom resource of the test's API server, and the
EndpointSlices of other clusters that belong to them."""
from api import ApiError
from objects import PORTS, key_of
from oddities import HTTP, endpoint_slice, plain
from processes import wait_until

GROUP = "multicluster.x-k8s.io"
IMPORTS = f"/apis/{GROUP}/v1alpha1"
SERVICE_LABEL, CLUSTER_LABEL = "multicluster.kubernetes.io/service-name", "multicluster.kubernetes.io/source-cluster"
CLUSTERS = ["cluster-1", "cluster-2", "3"]

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {
        "name": f"serviceimports.{GROUP}",
        "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements/pull/1646"}},
    "spec": {"group": GROUP, "scope": "Namespaced",
             "names": {"plural": "serviceimports", "singular": "serviceimport", "kind": "ServiceImport", "listKind": "ServiceImportList"},
             "versions": [{"name": "v1alpha1", "served": True, "storage": True,
                           "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


def service_import(namespace, name, kind, ports, ips=()):
    return {"apiVersion": f"{GROUP}/v1alpha1", "kind": "ServiceImport", "metadata": {"namespace": namespace, "name": name},
            "spec": {"type": kind, "ports": ports, **({"ips": list(ips)} if ips else {})}}


def imports(rng):
    port = lambda name, proto: {"name": name, "protocol": proto, "port": rng.randrange(1, 65536)}
    yield service_import("default", "imported", "ClusterSetIP", [port("http", "TCP"), port("dns", "UDP")], ["10.97.0.1"])
    yield service_import("default", "imported-dual", "ClusterSetIP", [port("http", "TCP")], ["10.97.0.2", "fd00:10:97::2"])
    yield service_import("default", "imported-portless", "ClusterSetIP", [], ["10.97.0.3"])
    yield service_import("default", "imported-nowhere", "ClusterSetIP", [port("http", "TCP")])
    yield service_import("alpha", "imported-headless", "Headless", [port("http", "TCP")])
    yield service_import("alpha", "imported-empty", "Headless", [port("http", "TCP")])
    yield service_import("default", "kubernetes", "ClusterSetIP", [port("https", "TCP")], ["10.97.0.4"])  # as a service is called
    for i in range(6):
        ports = [port(*chosen) for chosen in rng.sample(PORTS, rng.choice([0, 1, 2]))]
        kind = rng.choice(["ClusterSetIP", "Headless"])
        yield service_import("beta", f"imported-{i}", kind, ports, [f"10.97.1.{i + 1}"] if kind == "ClusterSetIP" else [])


def slices(rng, known):
    for number, one in enumerate(known):
        for cluster in rng.sample(CLUSTERS, rng.choice([0, 1, 2])) if one["metadata"]["name"] != "imported-headless" else CLUSTERS:
            ends = [plain(f"10.245.{number}.{i}", **({"hostname": f"far-{i}"} if rng.random() < 0.5 else {})) for i in range(1, rng.randrange(2, 5))]
            made = endpoint_slice(f"{one['metadata']['name']}-{cluster}", "", ends, namespace=one["metadata"]["namespace"], ports=[HTTP])
            made["metadata"]["labels"] = {SERVICE_LABEL: one["metadata"]["name"], CLUSTER_LABEL: cluster}
            yield made


def create(population):
    """`population.imports` and `population.import_slices` are filled."""
    api, rng = population.api, population.rng
    api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION)

    def served():
        try:
            return api.get(f"{IMPORTS}/serviceimports")
        except ApiError:
            return None

    wait_until("ServiceImports in the API server", served, 20)
    for one in imports(rng):
        made = api.create(f"{IMPORTS}/namespaces/{one['metadata']['namespace']}/serviceimports", population.labelled(one))
        population.imports[key_of(made)] = made
    for one in slices(rng, list(population.imports.values())):
        made = api.create(population.slice_path(one["metadata"]["namespace"]), population.labelled(one))
        population.import_slices[key_of(made)] = made
