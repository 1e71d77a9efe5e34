# SPDX-License-Identifier: Apache-2.0
"""The cluster that the resolvers ask about, as objects of the API."""

BACKEND, MANY = "10.96.68.177", 30


def named(name, **more):
    return {"name": name, "namespace": "default", **more}


def service(name, *addresses):
    """Without addresses it is headless."""
    families = ["IPv6" if ":" in a else "IPv4" for a in addresses] or ["IPv4"]
    return {"apiVersion": "v1", "kind": "Service", "metadata": named(name),
            "spec": {"type": "ClusterIP", "clusterIP": (addresses or ("None",))[0], "clusterIPs": list(addresses) or ["None"],
                     "ipFamilies": families, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}}


def endpoint_slice(name, addresses):
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": named(f"{name}-1", labels={"kubernetes.io/service-name": name}),
            "endpoints": [{"addresses": [a], "conditions": {"ready": True}} for a in addresses],
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}


def pods(count):
    return [f"10.244.{i // 8}.{i + 1}" for i in range(count)]


OBJECTS = ([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}],
           [service("backend", BACKEND), service("both", "10.96.0.11", "fd00::11"), service("six", "fd00::6"), service("pair"),
            service("thirty")],
           [endpoint_slice("backend", pods(2)), endpoint_slice("pair", pods(2)), endpoint_slice("thirty", pods(MANY))])
