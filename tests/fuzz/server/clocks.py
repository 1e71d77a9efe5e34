# SPDX-License-Identifier: Apache-2.0
"""The server's clocks, moved from here: clock_shim.cpp is loaded before it and adds what stands in a file."""
import ctypes
import mmap
import pathlib
import re
import subprocess

from paths import HERE, ROOT

SOURCE, LIBRARY = HERE / "clock_shim.cpp", ROOT / "build/tests/clock_shim.so"


class Shifts(ctypes.Structure):
    _fields_ = [("monotonic", ctypes.c_int64), ("real", ctypes.c_int64)]  # nanoseconds


class Clocks:
    """`environment`: what the server has to be started with."""

    def __init__(self, folder, program):
        build()
        file = pathlib.Path(folder) / "clocks"
        file.write_bytes(bytes(ctypes.sizeof(Shifts)))
        with file.open("r+b") as f:
            self.shifts = Shifts.from_buffer(mmap.mmap(f.fileno(), 0))
        self.environment = {"TROUPE_CLOCKS": str(file), "LD_PRELOAD": " ".join([*sanitizer(program), str(LIBRARY)])}

    def shift(self, monotonic, real):
        """Seconds; the monotonic clock goes forwards only."""
        self.shifts.monotonic += int(max(0, monotonic) * 1e9)
        self.shifts.real += int(real * 1e9)

    def shifted(self):
        return self.shifts.monotonic / 1e9, self.shifts.real / 1e9


def build():
    if LIBRARY.exists() and LIBRARY.stat().st_mtime > SOURCE.stat().st_mtime:
        return
    LIBRARY.parent.mkdir(parents=True, exist_ok=True)
    fresh = LIBRARY.with_suffix(".new")
    subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", "-o", fresh, SOURCE], check=True)
    fresh.rename(LIBRARY)


def sanitizer(program):
    """AddressSanitizer wants to be the first library of all."""
    libraries = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"=> (\S*/libasan\S*)", libraries)
