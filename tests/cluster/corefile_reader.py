# SPDX-License-Identifier: Apache-2.0
"""What a Corefile says, as far as the tests need it to know what to ask: server blocks, their zones, ports and addresses,
directives with their options. Imports are passed over; no snippets."""
import ipaddress
import re
from collections import namedtuple

from processes import Failed

TOKEN = re.compile(r'"((?:\\"|[^"])*)"|(\n)|#[^\n]*|([^\s"#]+)')
DEFAULT_PORT = 53

# `options`: lists of words, one a line of the directive's own block.
Directive = namedtuple("Directive", "name words options")


def lines(text):
    """The lines of words; an opening brace at the end of a line and a closing one are words like others."""
    line = []
    for quoted, newline, word in TOKEN.findall(text):
        if newline:
            if line:
                yield line
            line = []
        elif quoted or word:
            line.append(quoted or word)
    if line:
        yield line


class Block:
    """One server block. `zones`: lower case, without the last dot; the root is the empty string."""

    def __init__(self, keys, directives):
        self.directives = directives
        self.zones, self.ports = [], []
        for key in keys:
            key = key.rstrip(",").split("://")[-1]
            zone, _, port = key.rpartition(":") if re.search(r":\d+$", key) else (key, "", DEFAULT_PORT)
            self.zones.append(zone.lower().rstrip("."))
            self.ports.append(int(port))

    def named(self, name):
        return [directive for directive in self.directives if directive.name == name]

    def has(self, name):
        return bool(self.named(name))


class Stanza:
    """One use of `kubernetes`, in this server or in one that it asks: `block` is what leads there."""

    def __init__(self, block, directive):
        self.block = block
        self.zones = [word.lower().rstrip(".") for word in directive.words] or block.zones
        self.options = {}  # name → words, of all lines of that name
        for name, *words in directive.options:
            self.options.setdefault(name, []).extend(words)

    def has(self, option):
        return option in self.options

    def forward_zones(self):
        """Those that names of services are in."""
        return [zone for zone in self.zones if not is_reverse(zone)]

    def reverse(self):
        return any(is_reverse(zone) for zone in self.zones)


def is_reverse(zone):
    return "/" in zone or zone.endswith("arpa")


def blocks(text):
    """The server blocks of a Corefile."""
    found, rest = [], [line for line in lines(text) if line[0] != "import"]
    while rest:
        keys = rest.pop(0)
        if keys[-1] != "{":
            raise Failed(f"a server block begins with `{' '.join(keys)}`, not with `{{` at the end of its line")
        directives = []
        while (line := rest.pop(0)) != ["}"]:
            options = []
            if line[-1] == "{":
                line.pop()
                while (option := rest.pop(0)) != ["}"]:
                    options.append(option)
            directives.append(Directive(line[0], line[1:], options))
        found.append(Block(keys[:-1], directives))
    return found


def reverse_zones(network):
    """The reverse zones of a network that ends between two octets, or two digits of an IPv6 address, are several."""
    network = ipaddress.ip_network(network, strict=False)
    step = 8 if network.version == 4 else 4
    whole = -(-network.prefixlen // step) * step
    for part in network.subnets(new_prefix=whole):
        yield ".".join(part.network_address.reverse_pointer.split(".")[(network.max_prefixlen - whole) // step:])


def is_address(word):
    try:
        ipaddress.ip_address(word)
        return True
    except ValueError:
        return False
