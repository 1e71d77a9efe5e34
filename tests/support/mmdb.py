# SPDX-License-Identifier: Apache-2.0
"""Writes databases of addresses in MaxMind's format 2.0 (https://maxmind.github.io/MaxMind-DB/), good ones and others."""
import ipaddress
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"
POINTER, TEXT, DOUBLE, UINT16, UINT32, MAP, UINT64, ARRAY, BOOLEAN = 1, 2, 3, 5, 6, 7, 9, 11, 14
SEPARATOR = bytes(16)  # between tree and data


class Raw(bytes):
    """A value that is written already: pointers, types that nobody expects."""


def control(kind, size):
    """The octets in front of a value: its type and how much of it there is."""
    extended = kind > 7
    short, more = (size, b"") if size < 29 else (29, struct.pack(">B", size - 29)) if size < 285 else (30, struct.pack(">H", size - 285))
    return bytes([(0 if extended else kind) << 5 | short]) + (bytes([kind - 7]) if extended else b"") + more


def unsigned(kind, value):
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return Raw(control(kind, len(octets)) + octets)


def encoded(value):
    if isinstance(value, Raw):
        return value
    if isinstance(value, bool):
        return control(BOOLEAN, int(value))
    if isinstance(value, int):
        return unsigned(UINT16 if value < 1 << 16 else UINT32, value)
    if isinstance(value, float):
        return control(DOUBLE, 8) + struct.pack(">d", value)
    if isinstance(value, str):
        octets = value.encode()
        return control(TEXT, len(octets)) + octets
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encoded(part) for item in value.items() for part in item)
    return control(ARRAY, len(value)) + b"".join(encoded(item) for item in value)


def pointer(offset):
    """To a value below 2 KiB in the data."""
    return Raw(struct.pack(">H", POINTER << 13 | offset))


class Tree:
    """Networks and what they lead to: an entry of a node is None, another node, or the offset of a record."""

    def __init__(self, bits):
        self.bits, self.root = bits, [None, None]

    def put(self, number, length, entry):
        node = self.root
        for at in range(length - 1):
            side = number >> (self.bits - 1 - at) & 1
            if not isinstance(node[side], list):
                node[side] = [node[side], node[side]]  # what holds for the network holds for its halves
            node = node[side]
        node[number >> (self.bits - length) & 1] = entry

    def nodes(self):
        found, todo = [], [self.root]
        while todo:
            node = todo.pop()
            if not any(node is each for each in found):
                found.append(node)
                todo += [entry for entry in node if isinstance(entry, list)]
        return found


def record_octets(left, right, bits):
    if bits == 28:
        return struct.pack(">I", left)[1:] + bytes([left >> 24 << 4 | right >> 24]) + struct.pack(">I", right)[1:]
    return b"".join(struct.pack(">I", each)[4 - bits // 8:] for each in (left, right))


def database(networks, kind, version=6, bits=24, mapped=False, **metadata):
    """`networks`: network -> record, wider ones first. `mapped`: ::ffff:0:0/96 leads to the IPv4 addresses."""
    tree, data = Tree(128 if version == 6 else 32), b""
    for text, record in networks.items():
        network = ipaddress.ip_network(text)
        longer = tree.bits - network.max_prefixlen  # IPv4 stands at ::/96
        tree.put(int(network.network_address), network.prefixlen + longer, len(data))
        data += encoded(record)
    if mapped:
        ipv4 = tree.root
        for _ in range(96):
            ipv4 = ipv4[0]
        tree.put(0xffff << 32, 96, ipv4)
    nodes = tree.nodes()
    numbers = {id(node): number for number, node in enumerate(nodes)}
    value = lambda entry: (len(nodes) if entry is None else numbers[id(entry)] if isinstance(entry, list)
                           else len(nodes) + len(SEPARATOR) + entry)
    octets = b"".join(record_octets(value(node[0]), value(node[1]), bits) for node in nodes)
    return octets + SEPARATOR + data + metadata_of(kind, len(nodes), bits, version, **metadata)


def metadata_of(kind, nodes, bits=24, version=6, **more):
    """What stands at the end: numbers of just those sizes that the format names."""
    return MARKER + encoded({
        "node_count": unsigned(UINT32, nodes), "record_size": bits, "ip_version": version, "database_type": kind, "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": unsigned(UINT64, 1700000000),
        "description": {"en": "made for a test"}, **more})
