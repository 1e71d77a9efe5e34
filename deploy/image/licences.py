# SPDX-License-Identifier: Apache-2.0
"""Licences of Debian packages in the words of SPDX, from their copyright files."""
import re

from libraries import Missing

# Debian's short names (machine-readable copyright files, version 1.0) where SPDX has others. Case does not count.
NAMES = {"expat": "MIT", "bsl-1": "BSL-1.0", "artistic": "Artistic-1.0-Perl", "bsd-3-clause~google": "BSD-3-Clause",
         "bsd-3-google": "BSD-3-Clause", "apache-2.0 with llvm exception": "Apache-2.0 WITH LLVM-exception"}
SAME = ("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "X11", "Zlib")
GNU = re.compile(r"(A?GPL|LGPL)-(\d)(?:\.(\d))?(\+?)", re.IGNORECASE)
# Sources whose copyright files are prose: the licence of what their libraries are made of, as that prose says.
PROSE = {"gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1", "glibc": "LGPL-2.1-or-later", "ldns": "BSD-3-Clause",
         "pcre3": "BSD-3-Clause"}


def _one(name):
    """One short name in SPDX's words; what SPDX has no word for becomes a LicenseRef."""
    lowered = name.lower()
    if lowered in NAMES:
        return NAMES[lowered]
    for same in SAME:
        if lowered == same.lower():
            return same
    gnu = GNU.fullmatch(name)
    if gnu:
        return f"{gnu[1].upper()}-{gnu[2]}.{gnu[3] or 0}-{'or-later' if gnu[4] else 'only'}"
    return "LicenseRef-Debian-" + re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")


def _expression(short):
    """`Expat or CC0-1.0` and the like as an SPDX expression."""
    parts = re.split(r",? +(and|or) +", short, flags=re.IGNORECASE)
    words = [p.upper() if n % 2 else _one(p.strip(" ,")) for n, p in enumerate(parts)]
    return words[0] if len(words) == 1 else f"({' '.join(words)})"


def _stanzas(text):
    """(files, licence's short name) of each Files stanza."""
    for stanza in re.split(r"\n[ \t]*\n", text):
        files = re.search(r"^Files:[ \t]*((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        licence = re.search(r"^License:[ \t]*(\S.*)", stanza, re.MULTILINE)
        if files and licence:
            yield files[1].split(), licence[1].strip()


def declared(package):
    """(expression, comment) for a libraries.Package: the licence of its source as such (`Files: *`), and in the comment those
    of parts of that source, which may or may not be in the library. Debian's packaging (debian/*) is not in it."""
    if package.source in PROSE:
        return PROSE[package.source], "The copyright file is prose; it has further notices."
    stanzas = [(f, l) for f, l in _stanzas(package.copyright) if not all(each.startswith("debian/") for each in f)]
    if not stanzas:
        raise Missing(f"the copyright file of {package.name} (source {package.source}) is not machine-readable: read it and name "
                      "its licence in PROSE in deploy/image/licences.py")
    whole = {l for f, l in stanzas if "*" in f} or {l for _, l in stanzas}
    parts = sorted({_expression(l) for _, l in stanzas} - {_expression(l) for l in whole})
    comment = f"Files of its source are under: {', '.join(parts)}." if parts else ""
    return " AND ".join(sorted({_expression(l) for l in whole})), comment
