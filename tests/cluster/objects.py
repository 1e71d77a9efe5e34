# SPDX-License-Identifier: Apache-2.0
"""Random Kubernetes objects, as documents for the API server. All randomness comes from the generator that is passed in."""
import ipaddress

SLICES = "discovery.k8s.io/v1"
SERVICE_LABEL = "kubernetes.io/service-name"
PORTS = [("http", "TCP"), ("https", "TCP"), ("dns", "UDP"), ("dns-tcp", "TCP"), ("metrics", "TCP"), ("sip", "SCTP"), ("grpc", "TCP")]
KINDS = ["cluster", "cluster", "cluster6", "dual", "dual", "headless", "headless", "headless6", "headless-dual",
         "headless-bare", "external"]
FAMILIES = {"cluster": ["IPv4"], "cluster6": ["IPv6"], "dual": ["IPv4", "IPv6"], "headless": ["IPv4"], "headless6": ["IPv6"],
            "headless-dual": ["IPv4", "IPv6"], "headless-bare": ["IPv4"]}


def is_headless(service):
    return service["spec"].get("clusterIP") == "None"


def is_external(service):
    return service["spec"].get("type") == "ExternalName"


def key_of(document):
    return document["metadata"]["namespace"], document["metadata"]["name"]


def random_ports(rng):
    """One to three ports; a single one may be unnamed."""
    chosen = rng.sample(PORTS, rng.choice([1, 1, 2, 3]))
    ports = [{"name": name, "protocol": proto, "port": rng.randrange(1, 65536)} for name, proto in chosen]
    if len(ports) == 1 and rng.random() < 0.4:
        del ports[0]["name"]
    return ports


def service(rng, namespace, name, kind, external_targets):
    spec = {}
    if kind == "external":
        spec = {"type": "ExternalName", "externalName": rng.choice(external_targets)}
        if rng.random() < 0.3:
            spec["ports"] = random_ports(rng)
    else:
        families = FAMILIES[kind]
        spec = {"ipFamilies": families, "ipFamilyPolicy": "SingleStack" if len(families) == 1 else "RequireDualStack"}
        if kind != "headless-bare":
            spec["ports"] = random_ports(rng)
        if kind.startswith("headless"):
            spec["clusterIP"] = "None"
            spec["publishNotReadyAddresses"] = rng.random() < 0.2  # for the controller; slices say `ready` themselves
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def random_address(rng, family):
    """From a small range, so that one address often stands behind several services."""
    if family == "IPv4":
        return f"10.244.{rng.randrange(3)}.{rng.randrange(1, 120)}"
    tail = rng.randrange(0, 120)
    # `fd00:10:244:1::` ends in colons: its endpoint name would end in a dash.
    return str(ipaddress.ip_address(f"fd00:10:244:{rng.randrange(3)}::{tail:x}"))


def endpoint(rng, family):
    one = {"addresses": [random_address(rng, family)]}
    ready = rng.choice([True, True, True, True, False, None])
    if ready is not None:
        one["conditions"] = {"ready": ready}
        if not ready:
            one["conditions"].update(serving=rng.random() < 0.5, terminating=rng.random() < 0.5)
    if rng.random() < 0.35:
        one["hostname"] = rng.choice(["web-0", "web-1", "web-2", "db-0", "db-1"])
    if rng.random() < 0.6:
        name = f"pod-{rng.randrange(40)}"
        if rng.random() < 0.1:
            name += "-" + "x" * 60  # too long for a label: not used as a name
        one["targetRef"] = {"kind": "Pod", "name": name, "namespace": "default"}
    if rng.random() < 0.5:
        one["nodeName"], one["zone"] = "node-" + str(rng.randrange(3)), "zone-" + rng.choice("ab")
    return one


def slice_ports(rng, service_document):
    """Usually the service's ports with another number; now and then something else, or none."""
    wanted = (service_document or {}).get("spec", {}).get("ports")
    if rng.random() < 0.1:
        return [] if rng.random() < 0.5 else random_ports(rng)
    ports = [{"protocol": p["protocol"], "port": rng.randrange(1, 65536), "name": p.get("name", "")} for p in wanted or []]
    if ports and rng.random() < 0.05:
        del ports[0]["port"]  # "all ports"
    return ports


def endpoint_slice(rng, namespace, name, owner, family, service_document=None):
    labels = {SERVICE_LABEL: owner} if owner else {}
    return {"apiVersion": SLICES, "kind": "EndpointSlice", "metadata": {"namespace": namespace, "name": name, "labels": labels},
            "addressType": family, "endpoints": [endpoint(rng, family) for _ in range(rng.choice([0, 1, 2, 3, 3, 5]))],
            "ports": slice_ports(rng, service_document)}
