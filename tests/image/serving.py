# SPDX-License-Identifier: Apache-2.0
"""The unpacked image serves: its own files alone, as user 65532."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
AS_USER = ["chroot", "--userspec=65532:65532"]
COREFILE = """.:53 {
  bind 127.0.0.1
  hosts {
    192.0.2.53 served.test
  }
}
"""
PATIENCE = 20.0  # seconds until a server answers, under load or an emulator


def wrapper(path, root, emulator):
    """A program that is called like the server and runs the image's in its own root."""
    command = shlex.join([*AS_USER, str(root), *emulator, "/coredns"])
    path.write_text(f"""#!/bin/bash
set -euo pipefail
while (($#)); do if [[ $1 == -conf ]]; then conf=$2; fi; shift; done
mkdir -p {shlex.quote(str(root))}/etc/coredns
cp "$(dirname "$conf")"/* {shlex.quote(str(root))}/etc/coredns/
exec {command} -conf /etc/coredns/Corefile
""", encoding="utf-8")
    path.chmod(0o755)
    return path


def example(report, folder, root, emulator=()):
    done = subprocess.run([ROOT / "deploy/run", "-check", "-binary", wrapper(folder / "as-the-image", root, emulator)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    counts = re.fullmatch(r"(\d+) passed, (\d+) failed", done.stdout.splitlines()[-1])
    right = counts and done.returncode == 0 and int(counts[1]) > 0 and int(counts[2]) == 0
    report("example: the README's questions, as user 65532 in its own root", right, done.stdout.splitlines()[-1] if right else done.stdout)


def libraries(report, root, loader, emulator=()):
    done = subprocess.run(["chroot", root, *emulator, f"/{loader}", "--list", "/usr/bin/troupe"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = [l for l in done.stdout.splitlines() if "=>" in l and "not found" not in l]
    report("libraries: the image's loader finds each in the image", done.returncode == 0 and "not found" not in done.stdout and len(found) > 10,
           len(found) if done.returncode == 0 else done.stdout)


def answer():
    return subprocess.run(["dig", "@127.0.0.1", "+short", "+tries=1", "+time=1", "served.test"], stdout=subprocess.PIPE, text=True).stdout.strip()


def start(root, out):
    return subprocess.Popen([*AS_USER, root, "/coredns", "-conf", "/etc/port53"], stdout=out, stderr=subprocess.STDOUT)


def low_port(report, folder, root):
    """Port 53 without being root: by the file's capability, and without it not."""
    (root / "etc/port53").write_text(COREFILE, encoding="utf-8")
    with open(folder / "port53.log", "w+", encoding="utf-8") as out:
        server, answered, until = start(root, out), "", time.monotonic() + PATIENCE
        while server.poll() is None and not answered.startswith("192") and time.monotonic() < until:
            answered = answer()
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        user = re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)
        server.send_signal(signal.SIGTERM)
        ended = server.wait(timeout=PATIENCE)
        out.seek(0)
        report("port 53 as user 65532 in a namespace where that wants the capability", (answered, user and user[1], ended) == ("192.0.2.53", "65532", 0),
               answered or out.read())
    program = root / "usr/bin/troupe"
    octets = program.read_bytes()
    os.removexattr(program, "security.capability")
    with open(folder / "port53-without.log", "w+", encoding="utf-8") as out:
        ended = start(root, out).wait(timeout=PATIENCE)
        out.seek(0)
        said = out.read()
    report("port 53 is refused without the capability", ended == 1 and "ermission denied" in said and program.read_bytes() == octets, said.strip())


def emulator_in(root, name):
    """The emulator as a file of the image's root, so that it can be run there."""
    shutil.copy(shutil.which(name), root / name)
    return [f"/{name}"]
