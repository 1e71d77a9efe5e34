# SPDX-License-Identifier: Apache-2.0
"""Checks on what may include what."""
import posixpath
import re

NET = ("net/dns", "net/kube", "net/zone", "net")
# Folder -> folders whose headers it may use. Includes go one way; net/dns knows nobody.
MAY_USE = {
    "net/dns": ("net/dns",),
    "net/kube": ("net/dns", "net/kube"),
    "net/zone": ("net/dns", "net/kube", "net/zone"),
    "net": ("net/dns", "net"),
    "config": ("net/dns", "config", "config/directives"),
    "config/directives": ("net/dns", "config", "config/directives"),
    "messages": (*NET, "config", "config/directives", "messages"),
    "actors/http": ("net/dns", "net", "actors/http"),
    "actors/stages": (*NET, "config", "config/directives", "messages", "actors", "actors/stages", "actors/http"),
    "actors": (*NET, "config", "config/directives", "messages", "actors", "actors/stages", "actors/http"),
}
# Library's header prefix -> folders that may include it; tests may include all.
LIBRARIES = {
    "caf/": ("messages", "actors", "actors/stages"),
    "boost/asio": ("net", "net/kube", "actors", "actors/stages"),
    "boost/beast": ("net", "net/kube"),
    "Poco/": ("actors/http",),
    "prometheus/": ("actors/http", "actors"),
    "yaml-cpp/": ("net/kube",),
    "simdjson": ("net/kube",),
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
    """includes go one way: net/dns <- net/kube <- net/zone, net, config <- messages <- actors <- tests"""
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


CHECKS = (directions, libraries, once)
