# SPDX-License-Identifier: Apache-2.0
"""Checks on what may include what."""
import posixpath
import re

NET = ("net/dns", "net/master", "net/template", "net/expression", "net/geo", "net/hosts", "net/rewrite", "net/kube", "net/zone", "net")
BELOW_ACTORS = (*NET, "config", "config/directives", "messages")
# Each uses those before it; those of one line do not know each other.
ACTORS = (
    ("actors/http",),
    ("actors/runtime",),
    ("actors/questions",),
    ("actors/cluster", "actors/forwarding", "actors/caching"),
    ("actors/stages",),
    ("actors/serving",),
    ("actors/server",),
    ("actors",),
)
# Folder -> folders whose headers it may use. Includes go one way; net/dns knows nobody.
MAY_USE = {
    "net/dns": ("net/dns",),
    "net/master": ("net/dns", "net/master"),
    "net/template": ("net/template",),
    "net/expression": ("net/expression",),
    "net/geo": ("net/geo",),
    "net/kube": ("net/dns", "net/kube"),
    "net/zone": ("net/dns", "net/kube", "net/zone"),
    "net/hosts": ("net/dns", "net/hosts"),
    "net/rewrite": ("net/dns", "net/rewrite"),
    "net": ("net/dns", "net"),
    "config": ("net/dns", "net/rewrite", "net/master", "net/template", "net/expression", "net/geo", "config", "config/directives"),
    "config/directives": ("net/dns", "net/rewrite", "net/master", "net/template", "net/expression", "net/geo", "config", "config/directives"),
    "messages": BELOW_ACTORS,
}
for floor, rooms in enumerate(ACTORS):
    for each in rooms:
        MAY_USE[each] = (*BELOW_ACTORS, *(room for lower in ACTORS[:floor] for room in lower), each)
MAY_USE["actors/http"] = ("net/dns", "net", "actors/http")
WITH_CAF = tuple(room for floor in ACTORS for room in floor if room != "actors/http")
# Library's header prefix -> folders that may include it; tests may include all.
LIBRARIES = {
    "caf/": ("messages", *WITH_CAF),
    "boost/asio": ("net", "net/kube", *WITH_CAF),
    "boost/beast": ("net", "net/kube"),
    "Poco/": ("actors/http",),
    "prometheus/": ("actors/http", "actors/runtime", "actors/cluster", "actors/server"),
    "yaml-cpp/": ("net/kube",),
    "simdjson": ("net/kube",),
    "ldns/": ("net/master",),
    "maxminddb": ("net/geo",),
}
# Header -> how many of ours it may bring.
MOST_BEHIND = {
    "actors/runtime/pinned.hpp": 15,
    "actors/stages/stage.hpp": 15,
    "actors/stages/loadbalance.hpp": 15,
}
TOO_WIDE = {"caf/all.hpp", "boost/asio.hpp", "boost/beast.hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def _includes(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        if found := INCLUDE.match(line):
            yield number, found[1] == '"', found[2]


def _room(path):
    """The folder whose rules hold for `path`; None where there are none (tests)."""
    folder = path.rsplit("/", 1)[0]
    while folder not in MAY_USE and "/" in folder:
        folder = folder.rsplit("/", 1)[0]
    return folder if folder in MAY_USE else None


def _neighbour(path, header):
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), header))


def _sources(tree):
    return [p for p in tree.matching(".cpp", ".hpp") if "/" in p]


def _is_made(tree, header):
    """True for what the build makes of a .proto that is there."""
    return header.endswith(".pb.h") and tree.has(header.removesuffix(".pb.h") + ".proto")


def directions(tree):
    """includes go one way: net/dns <- net/kube <- net/zone, net, net/master, net/template, net/expression, net/geo <- config <- messages <- actors' rooms <- tests"""
    for path in _sources(tree):
        room = _room(path)
        for number, own, header in _includes(tree, path):
            if not own:
                continue
            if not room and tree.has(_neighbour(path, header)):
                continue # a test's helper beside it
            if not tree.has(header) and not _is_made(tree, header):
                yield f'{path}:{number}: "{header}" is not there: own headers are named from the root'
            elif room and _room(header) not in MAY_USE[room]:
                yield f"{path}:{number}: {room} may not use {header.rsplit('/', 1)[0]}"


def bags(tree):
    """what nearly every file includes brings little: the base of actors, the base of stages, a small stage"""
    for path, most in MOST_BEHIND.items():
        behind, todo = set(), [path] if tree.has(path) else []
        while todo:
            for _, own, header in _includes(tree, todo.pop()):
                if own and tree.has(header) and header not in behind:
                    behind.add(header)
                    todo.append(header)
        if len(behind) > most:
            yield f"{path}: {len(behind)} headers of ours behind it, at most {most}: {', '.join(sorted(behind))}"


def libraries(tree):
    """each library stays in its rooms: no CAF in net and config, no Asio in net/dns and net/zone, …"""
    for path in _sources(tree):
        room = _room(path)
        for number, _, header in _includes(tree, path):
            if path.endswith(".hpp") and header in TOO_WIDE:
                yield f"{path}:{number}: <{header}> is too wide for a header: include the parts"
            for prefix, rooms in LIBRARIES.items():
                if room and header.startswith(prefix) and room not in rooms:
                    yield f"{path}:{number}: {room} may not include <{header}>"


def once(tree):
    """every header begins with #pragma once"""
    for path in tree.matching(".hpp"):
        if "#pragma once" not in tree.lines(path)[:3]:
            yield f"{path}: no #pragma once in its first lines"


def rooms(tree):
    """A line for each folder: which others it uses."""
    uses = {}
    for path in _sources(tree):
        if room := _room(path):
            used = {_room(header) for _, own, header in _includes(tree, path) if own} - {room, None}
            uses.setdefault(room, set()).update(used)
    return [f"{room} <- {', '.join(sorted(users))}" for room in MAY_USE
            if (users := {user for user, used in uses.items() if room in used})]


CHECKS = (directions, bags, libraries, once)
