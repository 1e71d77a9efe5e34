# SPDX-License-Identifier: Apache-2.0
"""Images as the OCI Image Format Specification 1.0 has them, in an archive of an OCI layout. The same input gives the same
octets: order, owners and times come from the input or are fixed."""
import gzip
import hashlib
import io
import json
import tarfile

KIND = "application/vnd.oci.image."


def digest(octets):
    return "sha256:" + hashlib.sha256(octets).hexdigest()


def _json(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def layer(entries, time):
    """A tar of `entries` (contents.Entry) with owner 0:0 and `time` (seconds since 1970). Extended attributes are PAX records
    SCHILY.xattr.NAME, which containerd, containers/storage and umoci read."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for e in entries:
            info = tarfile.TarInfo(e.path)
            info.mode, info.mtime = e.mode, time
            info.type = tarfile.SYMTYPE if e.target is not None else tarfile.DIRTYPE if e.data is None else tarfile.REGTYPE
            info.linkname, info.size = e.target or "", len(e.data or b"")
            info.pax_headers = {f"SCHILY.xattr.{name}": value.decode("utf-8", "surrogateescape")
                                for name, value in e.attributes.items()}
            tar.addfile(info, io.BytesIO(e.data) if e.data is not None else None)
    return out.getvalue()


def _path(named):
    return "blobs/" + named.replace(":", "/")


class Layout:
    """The blobs of an archive, each once."""

    def __init__(self):
        self._blobs = {}

    def add(self, kind, octets):
        """Keeps `octets` and returns the descriptor that refers to them."""
        self._blobs[digest(octets)] = octets
        return {"mediaType": KIND + kind, "digest": digest(octets), "size": len(octets)}

    def image(self, architecture, created, config, layers):
        """An image of `layers` ((tar, what made it) each); `config` is how it runs, `created` an RFC 3339 time. Returns its
        descriptor and the octets of its packed layers."""
        packed = [self.add("layer.v1.tar+gzip", gzip.compress(tar, 9, mtime=0)) for tar, _ in layers]
        settings = {"created": created, "architecture": architecture, "os": "linux", "config": config,
                    "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar, _ in layers]},
                    "history": [{"created": created, "created_by": by} for _, by in layers]}
        if architecture == "arm64":
            settings["variant"] = "v8"
        manifest = {"schemaVersion": 2, "mediaType": KIND + "manifest.v1+json",
                    "config": self.add("config.v1+json", _json(settings)), "layers": packed, "annotations": config["Labels"]}
        platform = {key: settings[key] for key in ("architecture", "os", "variant") if key in settings}
        return {**self.add("manifest.v1+json", _json(manifest)), "platform": platform}, sum(p["size"] for p in packed)

    def _for_docker(self, descriptor, name):
        """What `docker load` reads where it knows no OCI layout (before 25); it has one architecture."""
        manifest = json.loads(self._blobs[descriptor["digest"]])
        return _json([{"Config": _path(manifest["config"]["digest"]), "RepoTags": [name], "Layers": [_path(l["digest"]) for l in manifest["layers"]]}])

    def archive(self, images, name, tag):
        """The archive with `images` (descriptors) as name:tag, and what name:tag refers to. Several images are one index."""
        top = images[0]
        files = {}
        if len(images) > 1:
            top = self.add("index.v1+json", _json({"schemaVersion": 2, "mediaType": KIND + "index.v1+json", "manifests": images}))
        else:
            files["manifest.json"] = self._for_docker(top, f"{name}:{tag}")
        named = {**top, "annotations": {"org.opencontainers.image.ref.name": tag, "io.containerd.image.name": f"{name}:{tag}"}}
        files |= {_path(d): octets for d, octets in self._blobs.items()}
        files["oci-layout"] = _json({"imageLayoutVersion": "1.0.0"})
        files["index.json"] = _json({"schemaVersion": 2, "mediaType": KIND + "index.v1+json", "manifests": [named]})
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path in sorted(files):
                info = tarfile.TarInfo(path)
                info.size, info.mode = len(files[path]), 0o644
                tar.addfile(info, io.BytesIO(files[path]))
        return out.getvalue(), top["digest"]
