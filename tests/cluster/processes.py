# SPDX-License-Identifier: Apache-2.0
"""Child processes of the cluster tests: started with a log, ended by their own process id, never left behind."""
import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from ports import free_port  # noqa: E402

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class Failed(Exception):
    """The test or its surroundings failed; the text says what and where to look."""


def wait_until(what, condition, seconds, pause=0.05):
    """Calls `condition` until it returns something true, and returns that. Raises Failed after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(pause)


def die_with_parent():
    # The kernel ends the child even when this program is killed and cannot clean up.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One child process. Its output goes to `<folder>/<name>.log`, later starts append to it."""

    def __init__(self, name, folder, args, env=None):
        self.name, self.args, self.env = name, [str(a) for a in args], env
        self.log = os.path.join(folder, name + ".log")
        self.child = None

    def start(self):
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(self.args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                          env={**os.environ, **(self.env or {})}, preexec_fn=die_with_parent)
        started.append(self)
        return self

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def must_live(self):
        if not self.alive():
            raise Failed(f"{self.name} ended with status {self.child.returncode}:\n{self.tail()}")
        return True

    def signal(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self.child:
            self.child.wait()

    def stop(self, grace=10):
        """SIGTERM, then SIGKILL after `grace` seconds. Returns the exit status."""
        if not self.child:
            return None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.child.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.child.returncode

    def tail(self, lines=25):
        try:
            with open(self.log, errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""


started = []


def stop_all():
    while started:
        started.pop().stop(grace=5)  # the newest first: clients before their servers


atexit.register(stop_all)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: sys.exit(128 + number))  # through atexit
