# SPDX-License-Identifier: Apache-2.0
"""deploy/packages against an apt and a dpkg made up for the test: it installs what is missing and removes nothing."""
import os
import pathlib
import subprocess
import tempfile

# What stands in for dpkg-query and apt-get. $installed lists the packages that are there; apt-get notes its calls in $calls
# and adds what it installs; $removes is what the simulation says it would remove.
DPKG = """#!/bin/bash
while IFS= read -r name; do echo "installed $name"; done < "$installed"
"""
APT = """#!/bin/bash
echo "$*" >> "$calls"
case " $* " in
  *" -s "*) for name in $removes; do echo "Remv $name [1.0]"; done ;;
  *" install "*)
    $apt_fails && { echo "E: broken"; exit 100; }
    wanted=false
    for word in "$@"; do
      $wanted && [[ $word != -* ]] && echo "$word" >> "$installed"
      [[ $word == install ]] && wanted=true
    done ;;
esac
exit 0
"""
SUDO = """#!/bin/bash
exec "$@"
"""


class Machine:
    """A machine with the packages `installed`, for one call of deploy/packages."""

    def __init__(self, root, folder, installed, removes="", apt_fails=False):
        self.script = root / "deploy/packages"
        self.folder = pathlib.Path(folder)
        for name, text in (("dpkg-query", DPKG), ("apt-get", APT), ("sudo", SUDO)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        (self.folder / "installed").write_text("".join(f"{p}\n" for p in installed))
        (self.folder / "calls").write_text("")
        self.environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}",
                            "installed": f"{folder}/installed", "calls": f"{folder}/calls", "removes": removes,
                            "apt_fails": str(apt_fails).lower(), "TROUPE_POLICY": f"{folder}/policy-rc.d"}

    def run(self, *arguments):
        done = subprocess.run([self.script, *arguments], env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        calls = (self.folder / "calls").read_text().splitlines()
        return done.returncode, done.stdout, [c for c in calls if " -s " not in f" {c} " and "update" not in c]


def _case(root, installed, arguments, status, says, installs, **machine):
    """Problems of one call: its exit status, a part of what it says, and whether apt-get was told to install."""
    with tempfile.TemporaryDirectory() as folder:
        it = Machine(root, folder, installed, **machine)
        got, output, calls = it.run(*arguments)
        problems = []
        if got != status:
            problems.append(f"exit status {got}, wanted {status}: {output}")
        if says not in output:
            problems.append(f"'{says}' is not in: {output}")
        if bool(calls) != installs:
            problems.append(f"apt-get was called with {calls}")
        if any(word in call.split() for call in calls for word in ("remove", "purge", "autoremove")):
            problems.append(f"asked apt to remove something: {calls}")
        if (it.folder / "policy-rc.d").exists():
            problems.append("left its policy-rc.d behind")
        return problems


def results(root):
    everything = subprocess.run([root / "deploy/packages", "--tests", "--run", "--list"], stdout=subprocess.PIPE,
                                text=True, check=True).stdout.split()
    some = [p for p in everything if p != "libcaf-dev"]
    return [
        ("deploy/packages: with all there it asks apt nothing",
         _case(root, everything, ["--tests"], 0, "", installs=False)),
        ("deploy/packages: installs what is missing", _case(root, some, [], 0, "installing libcaf-dev", installs=True)),
        ("deploy/packages: says what conflicts and changes nothing",
         _case(root, some, [], 1, "would remove: libboost1.74-dev", installs=False, removes="libboost1.74-dev")),
        ("deploy/packages: shows why apt failed",
         _case(root, some, [], 1, "E: broken", installs=True, apt_fails=True)),
        ("deploy/packages: refuses unknown arguments", _case(root, everything, ["-x"], 1, "usage:", installs=False)),
    ]
