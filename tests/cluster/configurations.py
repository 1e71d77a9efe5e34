# SPDX-License-Identifier: Apache-2.0
"""The Corefiles of the comparison: one row of TABLE each, and those of `distributions/` as they are shipped, with the files
that are mounted beside them. A row is a label and a Corefile; what there is to ask follows from the Corefile itself
(configuration.py)."""
import glob
import os

from configuration import Configuration

CLUSTER, OTHER, REVERSE = "cluster.local", "mycorp.local", "in-addr.arpa ip6.arpa"
ALL = f"{CLUSTER} {REVERSE}"
FORWARD = "forward . /etc/resolv.conf"


def server(keys, *directives):
    return "%s {\n    errors\n    ready\n%s}\n" % (keys, "".join(f"    {directive}\n" for directive in directives))


def kubernetes(zones, *options):
    return f"kubernetes {zones} {{\n" + "".join(f"        {option}\n" for option in options) + "    }"


TABLE = [
    # Zones and where they come from.
    ("defaults, zones from the block", server(ALL, "kubernetes", "loadbalance")),
    ("root block, options of kubeadm", server(".", kubernetes(ALL, "pods insecure", f"fallthrough {REVERSE}", "ttl 30"), "loadbalance")),
    ("two forward zones in one", server(".", kubernetes(f"{CLUSTER} {OTHER} {REVERSE}", "pods insecure"))),
    ("a zone inside the block's", server("local", kubernetes(CLUSTER, "pods disabled"))),
    ("a zone inside another", server(".", kubernetes(f"local {CLUSTER} {REVERSE}", "pods insecure"))),
    ("one label", server("k8s", kubernetes("k8s", "pods insecure"))),
    ("zones under namespaces' names", server(".", kubernetes(f"svc.{CLUSTER} default.svc.local", "pods insecure"))),
    ("mixed case in the Corefile", server("Cluster.LOCAL", kubernetes("Cluster.Local", "pods insecure"))),
    ("networks for the reverse zones", server(".", kubernetes(f"{CLUSTER} 10.96.0.0/16 10.244.0.0/16 fd00:10:96::/112", "pods insecure"))),
    ("networks between two octets", server(".", kubernetes(f"{CLUSTER} 10.96.0.0/13 10.244.8.0/21 fd00:10:244::/61", "pods insecure"))),
    ("a reverse zone first", server(".", kubernetes(f"in-addr.arpa {CLUSTER}"))),
    # Several blocks.
    ("two blocks on one port", server(ALL, kubernetes(ALL, "pods insecure"), "loadbalance")
     + server(OTHER, kubernetes(OTHER, "pods disabled", "ttl 30", "endpoint_pod_names"), "loadbalance")),
    ("other ports", server(" ".join(f"{zone}:5353" for zone in ALL.split()), kubernetes("", "pods insecure", "ttl 60"))
     + server(f"{ALL}:53", kubernetes(""))),
    ("each zone in a block", "".join(server(zone, kubernetes(f"{CLUSTER} {zone}" if "arpa" in zone else zone, "ttl 10")) for zone in ALL.split())),
    # Options, one at a time.
    ("fallthrough of everything", server(".", kubernetes(ALL, "fallthrough"))),
    ("fallthrough of one namespace", server(".", kubernetes(ALL, f"fallthrough alpha.svc.{CLUSTER}"))),
    ("fallthrough to the resolver", server(".", kubernetes(ALL, "pods insecure", "fallthrough"), FORWARD)),
    ("namespaces", server(ALL, kubernetes(ALL, "namespaces default beta", "pods insecure"))),
    ("namespaces, some absent", server(ALL, kubernetes(ALL, "namespaces alpha nosuch", "namespaces gamma", f"fallthrough {REVERSE}"))),
    ("noendpoints", server(ALL, kubernetes(ALL, "noendpoints"))),
    ("ttl 0", server(ALL, kubernetes(ALL, "ttl 0", "pods insecure"))),
    ("ttl 3600, names of pods", server(ALL, kubernetes(ALL, "ttl 3600", "endpoint_pod_names"))),
    ("kubeconfig with a context", server(ALL, kubernetes(ALL, "kubeconfig {$KUBECONFIG} test", "startup_timeout 20s", "pods insecure"))),
    ("endpoint and tls", server(ALL, kubernetes(ALL, "endpoint https://10.96.0.1:443", "tls {$CLIENT_CERT} {$CLIENT_KEY} {$CA_CERT}"))),
    ("a slow client", server(ALL, kubernetes(ALL, "apiserver_qps 20", "apiserver_burst 30", "apiserver_max_inflight 5", "pods insecure"))),
    # Other directives around it.
    ("bound to one address", server(".", "bind 10.244.99.2", kubernetes(ALL, "pods insecure"))),
    ("bound to an interface", server(".", "bind eth0", kubernetes(ALL, "pods insecure"), "loadbalance")),
    ("bound to loopback", server(".", "bind 127.0.0.1", kubernetes(ALL, "noendpoints"))),
    ("a cache before the cluster", server(".", kubernetes(ALL, "pods insecure", "ttl 3"), "cache 60")),
    ("a cache and a resolver for the rest", server(".", kubernetes(ALL, f"fallthrough {REVERSE}"), FORWARD, "cache 30", "loadbalance round_robin")),
    ("logged", server(".", "log", kubernetes(ALL, "pods insecure"), "loadbalance")),
    # Options that need objects of their own: labels, pods, zones of nodes, ServiceImports.
    ("labels", server(ALL, kubernetes(ALL, "labels tier=front", "pods insecure"))),
    ("labels by sets", server(ALL, kubernetes(ALL, "labels tier in (front, back),env notin (prod)"))),
    ("namespace_labels", server(ALL, kubernetes(ALL, "namespace_labels team=blue", "pods insecure"))),
    ("pods verified", server(ALL, kubernetes(ALL, "pods verified", f"fallthrough {REVERSE}"))),
    ("ignore empty_service", server(ALL, kubernetes(ALL, "ignore empty_service"))),
    ("zonal", server(ALL, kubernetes(ALL, "zonal", "pods insecure"), "loadbalance")),
    ("multicluster", server(f"{ALL} clusterset.local", kubernetes(f"{ALL} clusterset.local", "multicluster clusterset.local", "pods insecure"))),
    ("multicluster alone", server(".", kubernetes(f"clusterset.local {CLUSTER}", "multicluster clusterset.local", "ttl 30", "endpoint_pod_names"))),
    # Directives that answer from the cluster's data. AXFR and IXFR have a test of their own: they are more than one message.
    ("k8s_external", server(f"{ALL} ext.test", kubernetes(ALL, "pods insecure"), "k8s_external ext.test")),
    ("k8s_external with its options", server(".", kubernetes(ALL, f"fallthrough {REVERSE}"),
                                             "k8s_external ext.test other.test {\n        headless\n        apex edge\n        ttl 17\n        fallthrough\n    }")),
    ("autopath", server(".", "bind 10.244.99.2", kubernetes(ALL, "pods verified"), "autopath @kubernetes", FORWARD)),
    ("all options", server(f"{ALL} {OTHER}", kubernetes(f"{OTHER} {ALL}", "namespaces default alpha beta", "labels tier", "pods verified",
                                                        "endpoint_pod_names", "ttl 77", "ignore empty_service", "zonal", f"fallthrough {REVERSE}"))),
]


def mounted(folder):
    """{folder below /etc: {name: text}} of the files in a distribution's folder, which stands for /etc."""
    found = {}
    for below, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(below, name)) as text:
                found.setdefault(os.path.relpath(below, folder), {})[name] = text.read()
    return found


def distribution(path):
    """node-cache reads the Corefile that it makes of a mounted one; all others read the mounted one."""
    folder = path.removesuffix(".corefile")
    label = os.path.basename(folder)
    with open(path, newline="") as text:
        return Configuration(label, text.read(), "/etc/Corefile" if label.startswith("nodelocal") else "/etc/coredns/Corefile", mounted(folder))


def distributions():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "distributions")
    return [distribution(path) for path in sorted(glob.glob(os.path.join(folder, "*.corefile")))]


def configurations():
    """All of them: the table, then the distributions."""
    return [Configuration(*row) for row in TABLE] + distributions()
