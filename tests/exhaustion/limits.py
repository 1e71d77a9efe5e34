# SPDX-License-Identifier: Apache-2.0
"""The kernel's own limits, from too little for a start up to enough: each time the server says what it could not have, or
serves."""
import os
import pathlib
import sys

import phases
from world import World

NOBODY = "65532"  # whom the image runs as; threads are counted by user
LIMITS = {
    "nproc": ((1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 32), lambda n: [f"--nproc={n}:{n}"]),
    "nofile": ((12, 16, 20, 24, 32, 40, 48, 64, 128), lambda n: [f"--nofile={n}:{n}"]),
    "as": ((64, 96, 128, 160, 224, 320, 512, 1024), lambda n: [f"--as={n << 20}:{n << 20}"]),
}
ENOUGH = {"nproc": 32, "nofile": 128, "as": 1024}  # with which it serves
NOT_LOADED = 127  # the loader found no room for the program itself


# AddressSanitizer maps terabytes of address space; UBSan opens a pipe to look at an object, and takes it for another
# one if it cannot.
NOT_SANITIZED = ("as", "nofile")


def is_sanitized(program):
    return b"__asan_init" in pathlib.Path(program).read_bytes()


def one(world, limit, size):
    """What was wrong with a server under a limit, and whether it served."""
    prefix = ["prlimit", *LIMITS[limit][1](size)]
    if limit == "nproc":
        prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *prefix]
    world.write()
    world.begin(prefix, injected=False)
    served = world.is_well() and not world.until_ended(phases.SETTLED)
    if served:
        return phases.stopped_well(world), True
    if world.ended() and limit == "as" and world.process.returncode == NOT_LOADED:
        return "", False
    if world.ended():
        return phases.ended_well(world, limit), False
    # Some of it may not be had later: it lives, says so, and stops when it is told to.
    wrong = world.wrong()
    return phases.stopped_well(world) or (f"it lives but does not serve: {wrong}" if limit == "nproc" else ""), False


def all_of(program, only):
    """(name, what was wrong)"""
    for limit, (sizes, _) in LIMITS.items():
        if only not in f"limits/{limit}" or (limit in NOT_SANITIZED and is_sanitized(program)):
            continue
        if limit == "nproc" and os.geteuid() != 0:
            yield f"limits/{limit}", "only root can run a server as somebody else"
            continue
        for size in sizes:
            with World(program, "") as world:
                world.folder.chmod(0o755)
                wrong, served = one(world, limit, size)
                if size == ENOUGH[limit] and not served:
                    wrong = wrong or "that much is enough, but it did not serve"
                said = (world.output().strip().splitlines() or [""])[-1]
                if wrong:
                    sys.stdout.write("\n".join("      " + line for line in world.output().splitlines()[-15:]) + "\n")
            yield f"limits/{limit} {size}: {'serves' if served else said}", wrong
