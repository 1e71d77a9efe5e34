# SPDX-License-Identifier: Apache-2.0
"""What an image holds, as entries of two layers: Debian's part, the same for many versions of the server, and the server."""
import dataclasses
import pathlib
import re
import struct

from libraries import Missing, loader

USER = 65532  # as in CoreDNS's image; manifests count on it (runAsNonRoot, runAsUser)
NET_BIND_SERVICE = 10  # CAP_NET_BIND_SERVICE of capabilities(7)
COMMON_LICENCES = pathlib.Path("/usr/share/common-licenses")
OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'
FILES = {  # what getaddrinfo and the names of users read
    "etc/passwd": f"root:x:0:0:root:/:/sbin/nologin\nnonroot:x:{USER}:{USER}:nonroot:/:/sbin/nologin\n",
    "etc/group": f"root:x:0:\nnonroot:x:{USER}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    "usr/lib/os-release": OS_RELEASE,  # by this and var/lib/dpkg/status.d scanners know what to look for
}


@dataclasses.dataclass
class Entry:
    """A folder (neither data nor target), a file or a symbolic link."""
    path: str
    mode: int = 0o755
    data: bytes | None = None
    target: str | None = None
    attributes: dict[str, bytes] = dataclasses.field(default_factory=dict)  # extended ones


def file_capability(*numbers):
    """security.capability that permits `numbers` and makes them effective at exec (vfs_cap_data, revision 2)."""
    bits = sum(1 << n for n in numbers)
    return struct.pack("<IIIII", 0x02000001, bits & 0xFFFFFFFF, 0, bits >> 32, 0)


def _text(path, text):
    return Entry(path, 0o644, text.encode())


def _link(path, target):
    return Entry(path, 0o777, target=target)


def _with_folders(entries):
    """`entries` sorted, each after the folders that it is in."""
    paths = {e.path for e in entries}
    above = {"/".join(e.path.split("/")[:n]) for e in entries for n in range(1, e.path.count("/") + 1)}
    return sorted(entries + [Entry(p) for p in above - paths], key=lambda e: e.path)


def certificates(system):
    """The roots of Debian's package and no others: what this machine trusts besides is its own affair."""
    roots = [f for f in sorted(system.files("ca-certificates")) if re.fullmatch(r"/usr/share/ca-certificates/.*\.crt", f)]
    if not roots:
        raise Missing(f"ca-certificates below {system.root} has no certificates")
    texts = [(system.root / f.lstrip("/")).read_text(encoding="ascii") for f in roots]
    return "".join(t if t.endswith("\n") else t + "\n" for t in texts)


def _licences(packages):
    """Each package's copyright file, and the texts that they refer to."""
    entries = [_text(f"usr/share/doc/{p.name}/copyright", p.copyright) for p in packages]
    names = {n.rstrip(".") for p in packages for n in re.findall(rf"{COMMON_LICENCES}/([\w.+-]+)", p.copyright)}
    for name in sorted(names):
        if (COMMON_LICENCES / name).is_file():
            entries.append(_text(f"{str(COMMON_LICENCES)[1:]}/{name}", (COMMON_LICENCES / name).read_text(encoding="utf-8")))
    return entries


def debian_layer(system, program, libraries, packages):
    """Loader and libraries with their licences, certificates, the files of /etc."""
    own_loader = loader(program)
    entries = [Entry(d) for d in ("dev", "proc", "sys", "run")] + [Entry("tmp", 0o1777)]
    entries += [_link(d, f"usr/{d}") for d in ("bin", "lib", "lib64", "sbin")] + [Entry(f"usr/{d}") for d in ("bin", "lib64", "sbin")]
    entries.append(Entry("usr/" + own_loader.lstrip("/").removeprefix("usr/"), 0o755,
                         (system.root / own_loader.lstrip("/")).read_bytes()))
    entries += [Entry(f"{system.folders[0]}/{name}", 0o644, file.read_bytes()) for name, file in libraries.items()]
    entries += [_text(path, text) for path, text in FILES.items()] + [_link("etc/os-release", "../usr/lib/os-release")]
    entries += [_text(f"etc/{name}", (system.root / "etc" / name).read_text(encoding="utf-8")) for name in ("services", "protocols")]
    entries.append(_text("etc/ssl/certs/ca-certificates.crt", certificates(system)))
    # OpenSSL's own default. SSL_CERT_FILE is not enough: a program that gets rights from its file is kept from its environment.
    entries.append(_link("usr/lib/ssl/cert.pem", "../../../etc/ssl/certs/ca-certificates.crt"))
    entries += [_text(f"var/lib/dpkg/status.d/{p.name}", p.status) for p in packages]
    return _with_folders(entries + _licences(packages))


def server_layer(stripped, licence, bill):
    """The server under all names that manifests start it by, its licence and its bill of materials."""
    right = {"security.capability": file_capability(NET_BIND_SERVICE)}
    return _with_folders([
        Entry("usr/bin/troupe", 0o755, stripped, attributes=right),
        _link("usr/bin/coredns", "troupe"), _link("coredns", "usr/bin/troupe"),
        _text("usr/share/doc/troupe/LICENSE", licence), _text("usr/share/doc/troupe/sbom.spdx.json", bill)])
