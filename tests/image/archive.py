# SPDX-License-Identifier: Apache-2.0
"""Reads an OCI archive as the specification says, taking nothing on trust: each blob is held to its digest and size."""
import dataclasses
import gzip
import hashlib
import io
import json
import posixpath
import tarfile


class Broken(RuntimeError):
    """The archive contradicts itself."""


@dataclasses.dataclass
class File:
    """What the layers leave at a path."""
    info: tarfile.TarInfo
    octets: bytes


def digest(octets):
    return "sha256:" + hashlib.sha256(octets).hexdigest()


class Archive:
    def __init__(self, path):
        with tarfile.open(path) as tar:
            self.members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
        self.index = json.loads(self.members["index.json"])
        self.layout = json.loads(self.members["oci-layout"])
        for name, octets in self.members.items():
            if name.startswith("blobs/") and name != f"blobs/{digest(octets).replace(':', '/')}":
                raise Broken(f"{name} is named by another digest than its own")

    def blob(self, descriptor):
        octets = self.members["blobs/" + descriptor["digest"].replace(":", "/")]
        if len(octets) != descriptor["size"]:
            raise Broken(f"{descriptor['digest']} has {len(octets)} octets, its descriptor says {descriptor['size']}")
        return octets

    def images(self):
        """{architecture: Image} of the one thing that index.json names: an image, or an index of several."""
        top = self.index["manifests"][0]
        below = json.loads(self.blob(top))["manifests"] if top["mediaType"].endswith("index.v1+json") else [top]
        return {d["platform"]["architecture"]: Image(self, d) for d in below}


class Image:
    def __init__(self, archive, descriptor):
        self.digest, self.platform = descriptor["digest"], descriptor["platform"]
        self.manifest = json.loads(archive.blob(descriptor))
        self.settings = json.loads(archive.blob(self.manifest["config"]))
        self.packed = sum(d["size"] for d in self.manifest["layers"])
        self.layers = [gzip.decompress(archive.blob(d)) for d in self.manifest["layers"]]
        self.files = {}
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                for member in tar.getmembers():
                    self.files[member.name] = File(member, tar.extractfile(member).read() if member.isfile() else b"")

    def resolve(self, path):
        """The path, without links, that `path` means inside the image; None where nothing is or where it leads out."""
        done, left, steps = [], path.strip("/").split("/"), 0
        while left:
            step, steps = left.pop(0), steps + 1
            if steps > 100 or (step == ".." and not done):
                return None
            if step == "..":
                done.pop()
                continue
            here = self.files.get(posixpath.join(*done, step))
            if here is None:
                return None
            if here.info.issym():
                target = here.info.linkname
                left = target.strip("/").split("/") + left
                done = [] if target.startswith("/") else done
            else:
                done.append(step)
        return "/".join(done)

    def read(self, path):
        return self.files[self.resolve(path)].octets
