# SPDX-License-Identifier: Apache-2.0
"""The master files of masters/, as values. The file's name is the zone's, and `.zone`. Lines that begin with `;knot ` are what
Knot reads instead of the line above them: it lacks some types, and $GENERATE."""
import glob
import os
from dataclasses import dataclass, field

MASTERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "masters")


@dataclass
class Zone:
    name: str             # without its last dot
    text: str             # of the master file
    knot_text: str        # likewise, in words that Knot knows
    parts: dict = field(default_factory=dict)  # files that it includes
    signed: str = ""      # by Knot, before the others get it: nsec or nsec3

    @property
    def file(self):
        return self.name + ".zone"


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def for_knot(text):
    lines, begun = [], False
    for line in text.splitlines(keepends=True):
        if line.startswith(";knot "):
            if not begun:
                lines.pop()
            lines.append(line[len(";knot "):])
        else:
            lines.append(line)
        begun = line.startswith(";knot ")
    return "".join(lines)


def corpus():
    parts = {os.path.basename(path): read(path) for path in glob.glob(os.path.join(MASTERS, "*.part"))}
    zones = []
    for path in sorted(glob.glob(os.path.join(MASTERS, "*.zone"))):
        text = read(path)
        zones.append(Zone(os.path.basename(path)[:-len(".zone")], text, for_knot(text),
                          {name: part for name, part in parts.items() if name in text},
                          "nsec" if text.startswith("; Signed") else ""))
    return zones
