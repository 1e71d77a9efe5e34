# SPDX-License-Identifier: Apache-2.0
"""What an image promises: how it runs, as CoreDNS's own does, and what is in it and what is not."""
import json
import re
import stat
import subprocess

MOST_PACKED = 15e6  # octets; CoreDNS's has 23e6
RIGHT = bytes.fromhex("0100000200040000" + "00" * 12)  # vfs_cap_data of `setcap cap_net_bind_service=ep`
LABELS = ("created", "description", "licenses", "revision", "title", "version")
NOT_HERE = re.compile(rb"/(?:root|home|work|build|builds|tmp|workspace)/[A-Za-z0-9._/-]+")
ROOM = 0o7777


def configuration(report, image, architecture):
    config, settings = image.settings["config"], image.settings
    report("platform", (settings["os"], settings["architecture"]) == ("linux", architecture) == (image.platform["os"], image.platform["architecture"]),
           f"{settings['os']}/{settings['architecture']}")
    for key, wanted in (("User", "65532:65532"), ("Entrypoint", ["/coredns"]), ("Cmd", None), ("WorkingDir", "/"),
                        ("ExposedPorts", {"53/tcp": {}, "53/udp": {}})):
        report(f"config: {key}", config.get(key) == wanted, config.get(key))
    path = dict(e.split("=", 1) for e in config["Env"])["PATH"].split(":")
    report("config: PATH leads to coredns (OpenShift's command)", any(image.resolve(f"{p}/coredns") for p in path), ":".join(path))
    missing = [l for l in LABELS if not config["Labels"].get(f"org.opencontainers.image.{l}")]
    report("config: labels of the OCI specification", not missing, f"missing: {missing}" if missing else len(LABELS))
    report("config: a history line and a diff id for each layer",
           len(settings["history"]) == len(settings["rootfs"]["diff_ids"]) == len(image.layers), len(image.layers))


def names(report, archive, version):
    top = archive.index["manifests"]
    notes = top[0]["annotations"]
    tag, name = notes["org.opencontainers.image.ref.name"], notes["io.containerd.image.name"]
    report("index: one name, with the tag that kubeadm reads", len(top) == 1 and tag == f"v{version}" and name.endswith(f":{tag}"), name)
    report("layout: version", archive.layout == {"imageLayoutVersion": "1.0.0"}, archive.layout)


def diffs(report, image, digest):
    right = [digest(l) for l in image.layers] == image.settings["rootfs"]["diff_ids"]
    report("layers: unpacked, they are what the config says", right, f"{sum(map(len, image.layers)) / 1e6:.1f} MB unpacked")
    report("layers: packed no more than 15 MB", image.packed <= MOST_PACKED, f"{image.packed / 1e6:.1f} MB packed")


def files(report, image):
    infos = [f.info for f in image.files.values()]
    server = image.resolve("coredns")
    report("files: /coredns and /usr/bin/coredns are the server", server == image.resolve("usr/bin/coredns") == "usr/bin/troupe", server)
    found = image.files[server].info.pax_headers.get("SCHILY.xattr.security.capability", "").encode("utf-8", "surrogateescape")
    report("files: capability cap_net_bind_service=ep", found == RIGHT, found.hex())
    others = [i.name for i in infos if i.name != server and any(k.startswith("SCHILY.xattr") for k in i.pax_headers)]
    report("files: nothing else has extended attributes", not others, others)
    report("files: all belong to root", all((i.uid, i.gid) == (0, 0) for i in infos), len(infos))
    raised = [i.name for i in infos if i.mode & (stat.S_ISUID | stat.S_ISGID)]
    report("files: none is setuid or setgid", not raised, raised)
    writable = [i.name for i in infos if i.mode & stat.S_IWOTH and not i.issym()]
    report("files: only /tmp, with the sticky bit, is for all to write", writable == ["tmp"] and image.files["tmp"].info.mode & ROOM == 0o1777, writable)
    lost = [i.name for i in infos if i.issym() and not image.resolve(i.name)]
    report("files: every link leads to something inside", not lost, lost)
    programs = [i.name for i in infos if i.isfile() and i.mode & 0o111]
    report("files: no programs but the server and its loader", len(programs) == 2 and server in programs, programs)
    report("files: users", b"nonroot:x:65532:65532:" in image.read("etc/passwd") and b"nonroot:x:65532:" in image.read("etc/group"))
    times = {i.mtime for i in infos if i.name in (server, "usr/share/doc/troupe/LICENSE")} | {0}
    report("files: no times but the commit's and 0", {i.mtime for i in infos} <= times and len(times) == 2, sorted(times))


def binary(report, image):
    octets = image.read("coredns")
    paths = sorted(set(NOT_HERE.findall(octets)))
    report("server: no path of the machine that built it", not paths, paths[:3])
    report("server: stripped, no build ID", b".debug_info" not in octets and b".symtab" not in octets and b".note.gnu.build-id" not in octets,
           f"{len(octets) / 1e6:.1f} MB")


def certificates(report, image, folder):
    bundle = folder / "roots.pem"
    bundle.write_bytes(image.read("usr/lib/ssl/cert.pem"))
    same = image.read("etc/ssl/certs/ca-certificates.crt") == bundle.read_bytes()
    wrapped = subprocess.run(["openssl", "crl2pkcs7", "-nocrl", "-certfile", bundle], stdout=subprocess.PIPE, check=True).stdout
    listed = subprocess.run(["openssl", "pkcs7", "-print_certs", "-noout"], input=wrapped, stdout=subprocess.PIPE, check=True).stdout
    count = listed.count(b"subject=")
    report("certificates: where CoreDNS and OpenSSL look, all of them readable",
           same and count == bundle.read_bytes().count(b"BEGIN CERTIFICATE") and count >= 100, count)


def materials(report, image, beside, digest):
    bill = json.loads(image.read("usr/share/doc/troupe/sbom.spdx.json"))
    report("SBOM: the file beside the archive is the one inside", json.loads(beside.read_text(encoding="utf-8")) == bill)
    packages, ids = bill["packages"], {"SPDXRef-DOCUMENT", *(p["SPDXID"] for p in bill["packages"])}
    required = [k for k in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo") if not bill.get(k)]
    report("SBOM: SPDX 2.3, all that a document must have", bill["spdxVersion"] == "SPDX-2.3" and not required, required)
    report("SBOM: identifiers are unique and relationships end somewhere", len(ids) == len(packages) + 1 and all(
        {r["spdxElementId"], r["relatedSpdxElement"]} <= ids for r in bill["relationships"]), len(bill["relationships"]))
    bare = [p["name"] for p in packages if p["SPDXID"] != "SPDXRef-Image" and (
        not p.get("versionInfo") or not p.get("downloadLocation") or p["licenseDeclared"] == "NOASSERTION")]
    report("SBOM: every package has a version and a licence", not bare, bare or len(packages))
    used = set(re.findall(r"LicenseRef-[A-Za-z0-9-]+", " ".join(f'{p["licenseDeclared"]} {p.get("licenseComments", "")}' for p in packages)))
    explained = {e["licenseId"] for e in bill.get("hasExtractedLicensingInfos", [])}
    report("SBOM: licences that SPDX does not know are explained, each once",
           used == explained and len(explained) == len(bill["hasExtractedLicensingInfos"]), sorted(used ^ explained))
    libraries = {name.rsplit("/", 1)[1]: f.octets for name, f in image.files.items() if re.match(r"usr/lib/[^/]+-linux-gnu/", name) and f.info.isfile()}
    comments = [p.get("comment", "") for p in packages]
    stray = [n for n, o in libraries.items() if sum(f"{n} (SHA256 {digest(o)[7:]})" in c for c in comments) != 1]
    report("SBOM: each library stands with one package and its own checksum", libraries and not stray, stray or len(libraries))
    report("SBOM: the server's checksum", any(c["checksumValue"] == digest(image.read("coredns"))[7:] for p in packages for c in p.get("checksums", [])))
    versions(report, image, packages)


def versions(report, image, packages):
    """Versions against dpkg's paragraphs in the image, which scanners read, and this machine's packages if it is made of them."""
    wrong, native = [], subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    for package in packages:
        if package["name"] in ("troupe",) or package["SPDXID"] == "SPDXRef-Image" or "compiled into" in package.get("comment", ""):
            continue
        status = image.files.get(f"var/lib/dpkg/status.d/{package['name']}")
        legal = f"usr/share/doc/{package['name']}/copyright"
        if not status or f"\nVersion: {package['versionInfo']}\n".encode() not in status.octets or legal not in image.files:
            wrong.append(package["name"])
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", package["name"]], stdout=subprocess.PIPE, text=True).stdout.split()
        if native == image.settings["architecture"] and package["versionInfo"] not in installed:
            wrong.append(f"{package['name']}: {installed} is installed")
    report("SBOM: versions are dpkg's, and each package has its copyright file", not wrong, wrong)
