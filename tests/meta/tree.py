# SPDX-License-Identifier: Apache-2.0
"""The files of the project, as the house tests see them."""
import pathlib

LEFT_OUT = {".git", ".cache", ".venv", "build", "__pycache__"}


class Tree:
    """All files below `root`, without what is built; paths are relative and use `/`."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.paths = sorted(self._walk(self.root))

    def _walk(self, folder):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                if entry.name not in LEFT_OUT:
                    yield from self._walk(entry)
            elif entry.suffix != ".pyc":
                yield entry.relative_to(self.root).as_posix()

    def matching(self, *suffixes, under=""):
        return [p for p in self.paths if p.endswith(suffixes) and p.startswith(under)]

    def lines(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace").splitlines()

    def has(self, path):
        return (self.root / path).is_file()

    def is_script(self, path):
        with open(self.root / path, "rb") as f:
            return f.read(2) == b"#!"
