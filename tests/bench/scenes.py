# SPDX-License-Identifier: Apache-2.0
"""What is measured: the scenes of the benchmark, each with its servers, its questions and what may be compared."""
import pathlib
import random
import subprocess
from dataclasses import dataclass

import api_server
import names
import servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
WARM_NAMES = 5000  # a cache of CoreDNS's usual size holds them all


@dataclass
class Scene:
    title: str
    folder: pathlib.Path
    servers: list
    questions: list  # (name, type, rcode, answers)
    compared: list  # those of the questions that all servers are asked before measuring
    bases: tuple  # whose figures the ratios are to
    notes: str
    with_ttl: bool = False  # servers must agree in AA and TTL too
    load_options: tuple = ()
    upstream: servers.Server | None = None  # runs beside the load


def find_coredns(o):
    if o.coredns:
        return o.coredns
    made = subprocess.run([ROOT / "tests/cluster/build"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(made.stdout.strip()) / "coredns"


def chosen(o, made):
    """Of the functions under a server's name those that `--servers` names, called in order."""
    wanted = o.servers.split(",") if o.servers else list(made)
    return [make() for name, make in made.items() if name in wanted]


def cluster(o, folder):
    """Names of a cluster."""
    zone_file = folder / f"{names.ZONE}.zone"
    made = names.make_cluster(o.seed, o.services, o.namespaces, o.endpoints, o.headless)
    listed = list(names.questions(made, o.seed, 50_000, o.absent))
    names.write_manifests(made, folder / "manifests")
    names.write_zone(made, zone_file)

    def coredns(label, cache):
        if o.coredns_source == "kubernetes":
            port = api_server.start(made).server_address[1]
            source = f"kubernetes {names.ZONE} {{\n    endpoint http://127.0.0.1:{port}\n  }}"
        else:
            source = f"file {zone_file} {names.ZONE}"
        return servers.coredns(label, find_coredns(o), folder, o.loops, cache + source)

    running = chosen(o, {
        "echo": lambda: servers.echo(o.build, o.loops),
        "knot": lambda: servers.knot(folder, o.loops),
        "troupe": lambda: servers.troupe("Troupe", o.build / "troupe", folder, o.loops,
                                         f"kubernetes {names.ZONE} {{\n    manifests {folder / 'manifests'}\n  }}"),
        "coredns": lambda: coredns("CoreDNS", ""),
        "coredns-cache": lambda: coredns("CoreDNS, cache 30", "cache 30\n  "),
    })
    source = "`kubernetes` and a stand-in API server" if o.coredns_source == "kubernetes" else "`file` and the zone file"
    return Scene("Cluster names", folder, running, listed, random.Random(o.seed).sample(listed, 300), ("echo", "Knot"),
                 f"{o.services} services in {o.namespaces} namespaces, {o.headless:.0%} headless, {o.endpoints} endpoints "
                 f"each; A, {o.absent:.0%} NXDOMAIN; seed {o.seed}\n"
                 f"CoreDNS has its names by {source}; Knot by a zone file", with_ttl=True)


def hits(o, folder):
    """Names from elsewhere that all servers have asked for before."""
    upstream = servers.echo(o.build, o.loops)
    forward = f"forward . 127.0.0.1:{upstream.port}"
    listed = list(names.outside_questions(o.seed, WARM_NAMES))
    running = chosen(o, {
        "echo": lambda: servers.echo(o.build, o.loops),
        "troupe": lambda: servers.troupe("Troupe", o.build / "troupe", folder, o.loops, f"cache\n  {forward}"),
        "dnsdist": lambda: servers.dnsdist(folder, o.loops, upstream.port, cache=True),
        "unbound": lambda: servers.unbound(folder, o.loops, upstream.port),
        "coredns": lambda: servers.coredns("CoreDNS", find_coredns(o), folder, o.loops, f"cache\n  {forward}"),
    })
    return Scene("Cache hits", folder, running, listed, listed, ("echo", "dnsdist"),
                 f"{WARM_NAMES} names from elsewhere, A, all asked for before; seed {o.seed}", upstream=upstream)


def misses(o, folder):
    """Names from elsewhere that nobody has asked for before."""
    upstream = servers.echo(o.build, o.loops)
    forward = f"forward . 127.0.0.1:{upstream.port}"
    listed = [(f"{i:016x}.example.net", "A", 0, 1) for i in range(100)]
    running = chosen(o, {
        "troupe": lambda: servers.troupe("Troupe", o.build / "troupe", folder, o.loops, forward),
        "troupe-cache": lambda: servers.troupe("Troupe, cache", o.build / "troupe", folder, o.loops,
                                               f"cache\n  {forward}"),
        "dnsdist": lambda: servers.dnsdist(folder, o.loops, upstream.port, cache=False),
        "unbound": lambda: servers.unbound(folder, o.loops, upstream.port),
        "coredns": lambda: servers.coredns("CoreDNS", find_coredns(o), folder, o.loops, forward),
    })
    return Scene("Forwarded misses", folder, running, listed, listed, ("dnsdist", "CoreDNS"),
                 "every question a name that was never asked, A; the upstream answers at once, on the load's cpu\n"
                 "a new port for each query: Troupe, unbound; dnsdist and CoreDNS keep their sockets to the upstream",
                 load_options=("--fresh",), upstream=upstream)


def tls(o, folder):
    """As misses, over TLS."""
    upstream = servers.TlsEcho(o.build, folder)
    forward = (f"forward . tls://127.0.0.1:{upstream.port} {{\n    tls {upstream.authority}\n"
               f"    tls_servername {upstream.name}\n  }}")
    listed = [(f"{i:016x}.example.net", "A", 0, 1) for i in range(100)]
    running = chosen(o, {
        "troupe": lambda: servers.troupe("Troupe", o.build / "troupe", folder, o.loops, forward),
        "troupe-cache": lambda: servers.troupe("Troupe, cache", o.build / "troupe", folder, o.loops, f"cache\n  {forward}"),
        "dnsdist": lambda: servers.dnsdist(folder, o.loops, upstream.port, cache=False, tls=upstream),
        "unbound": lambda: servers.unbound(folder, o.loops, upstream.port, tls=upstream),
        "coredns": lambda: servers.coredns("CoreDNS", find_coredns(o), folder, o.loops, forward),
    })
    return Scene("Forwarded misses over TLS", folder, running, listed, listed, ("dnsdist", "CoreDNS"),
                 "every question a name that was never asked, A; the upstream answers at once, on the load's cpu\n"
                 "all verify its certificate; on one connection CoreDNS has one question under way, the others many", load_options=("--fresh",), upstream=upstream)


ALL = {"cluster": cluster, "hits": hits, "misses": misses, "tls": tls}
