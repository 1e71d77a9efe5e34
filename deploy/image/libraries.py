# SPDX-License-Identifier: Apache-2.0
"""The shared libraries that a program needs, and the Debian packages that files come from. Works for any architecture: it reads
what the files say and runs none of them."""
import dataclasses
import os
import pathlib
import re
import subprocess

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}


class Missing(RuntimeError):
    """What an image needs is not there; says what, where it was looked for, and what to do."""


@dataclasses.dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    status: str     # its paragraph of dpkg's database
    copyright: str  # the text of its copyright file


def _output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def needed(file):
    """Names of the libraries that `file` itself asks for (DT_NEEDED)."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", _output("readelf", "--dynamic", "--wide", file))


def loader(file):
    """Path of the program that loads `file` (PT_INTERP)."""
    found = re.search(r"program interpreter: (.+)\]", _output("readelf", "--program-headers", "--wide", file))
    if not found:
        raise Missing(f"{file}: names no loader, so it is no program with shared libraries")
    return found[1]


class System:
    """Debian as installed below `root`: this machine (/) or a folder that deploy/image/sysroot made."""

    def __init__(self, root, architecture):
        self.root, self.architecture = pathlib.Path(root), architecture
        self.folders = [f"usr/lib/{TRIPLETS[architecture]}", f"lib/{TRIPLETS[architecture]}"]

    def library(self, name):
        for folder in self.folders:
            if (self.root / folder / name).exists():
                return self.root / folder / name
        raise Missing(f"{name} is not in {' or '.join(str(self.root / f) for f in self.folders)}: libraries elsewhere belong to "
                      "no Debian package and are not taken; build against Debian's")

    def closure(self, program):
        """{name: file} of all that `program` needs, and what that needs, without the loader."""
        own_loader = loader(program).rsplit("/", 1)[1]
        found, ask = {}, needed(program)
        while ask:
            name = ask.pop()
            if name not in found and name != own_loader:
                found[name] = self.library(name)
                ask += needed(found[name])
        return dict(sorted(found.items()))

    def _query(self, *arguments):
        """What dpkg-query says; nothing if it knows no such package or file."""
        return subprocess.run(["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env={**os.environ, "LC_ALL": "C"}).stdout

    def package(self, name):
        """The installed package `name` of this architecture or of all."""
        fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${db:Status-Status}\n"
        for qualified in (f"{name}:{self.architecture}", name):
            row = self._query("--show", f"--showformat={fields}", qualified).rstrip("\n").split("\t")
            if row[-1] == "installed":
                legal = self.root / "usr/share/doc" / name / "copyright"
                return Package(*row[:4], self._query("--status", qualified), legal.read_text(encoding="utf-8"))
        raise Missing(f"package {name} is not installed below {self.root}: deploy/packages --image")

    def owner(self, file):
        """The package that `file`, a path below the root, comes from. Packages name files in /lib as well as in /usr/lib."""
        path = "/" + str(pathlib.Path(file).relative_to(self.root))
        other = path[4:] if path.startswith("/usr/") else "/usr" + path
        for each in (path, other):
            lines = [l for l in self._query("--search", each).splitlines() if not l.startswith("diversion ")]
            if lines:
                return self.package(re.split("[:,]", lines[0])[0])
        raise Missing(f"{file} belongs to no Debian package: its version and licence are unknown")

    def files(self, package):
        """Paths, as on that system, of the files of `package`."""
        return self._query("--listfiles", package).splitlines()

    def outdated(self, packages):
        """["name: this version, that one is newer"] by what apt knows here; nothing for a folder, whose lists are gone."""
        if self.root != pathlib.Path("/"):
            return []
        names = [p.name if p.architecture == "all" else f"{p.name}:{p.architecture}" for p in packages]
        rows = re.findall(r"^(\S+):\n +Installed: (\S+)\n +Candidate: (\S+)", _output("apt-cache", "policy", *names), re.MULTILINE)
        return [f"{name}: {ours}, {newest} is newer" for name, ours, newest in rows if ours != newest]
