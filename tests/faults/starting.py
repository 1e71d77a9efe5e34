# SPDX-License-Identifier: Apache-2.0
"""Signals while the server starts: it is held where it reads its Corefile from a pipe, so that nothing is a matter of luck. What
its parent left it."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from server import PATIENCE, ROOT, free_port

QUIET_ONES = (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR2)
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class Start:
    """A server whose Corefile has not come yet. The import without files is what k3s has by default: it makes a warning, which
    is the first line of the log and starts its thread."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="troupe-faults-")
        self.health = free_port()
        self.said = pathlib.Path(self.folder.name) / "said"
        with self.said.open("w") as out:
            self.process = subprocess.Popen([os.environ.get("TROUPE", ROOT / "build/faults/troupe"), "-conf", "stdin"],
                                            cwd=self.folder.name, stdin=subprocess.PIPE, stdout=out, stderr=out)

    def send_corefile(self):
        self.process.stdin.write(f".:{free_port()} {{\n  bind 127.0.0.1\n  import nowhere/*.override\n  forward . 127.0.0.1:9\n"
                                 f"  cache\n}}\n".encode())
        self.process.stdin.close()

    def until(self, holds):
        end = time.monotonic() + PATIENCE
        while not holds():
            if self.process.poll() is not None or time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def serves(self):
        return "CoreDNS-" in self.said.read_text()

    def lets_through(self, which):
        """thread -> those signals that it does not hold back."""
        found = {}
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            mask = int((task / "status").read_text().split("SigBlk:")[1].split()[0], 16)
            passed = [each.name for each in which if not mask >> (each - 1) & 1]
            if passed:
                found[int(task.name)] = passed
        return found

    def reads(self):
        """It holds back what it takes later, and waits for its Corefile."""
        return not self.lets_through(QUIET_ONES) and set(self.lets_through(ENDS)) == {self.process.pid}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def signals_at_the_start(report, _):
    with Start() as start:
        held = start.until(start.reads)
        report("signals are held back before the Corefile is read", held, f"status {start.process.poll()}")
        for each in QUIET_ONES:
            start.process.send_signal(each)
        start.send_corefile()
        while not start.serves() and start.process.poll() is None:
            for each in QUIET_ONES:
                start.process.send_signal(each)
        served = start.until(start.serves)
        report("SIGUSR1, SIGHUP and SIGUSR2 all through the start end nothing", served, f"status {start.process.poll()}")
        open_to = start.lets_through(ENDS + QUIET_ONES) if served else {}
        open_to.pop(start.process.pid, None)  # it waits for them, which shows as if it let them pass
        report("no thread but the first takes a signal", served and not open_to, open_to or "none")
        start.process.terminate()
        report("and SIGTERM ends it with status 0", start.process.wait(PATIENCE) == 0, start.process.returncode)
    for each in ENDS:
        with Start() as start:
            start.until(start.reads)
            start.process.send_signal(each)
            status = start.process.wait(PATIENCE)
            report(f"{each.name} while it waits for its Corefile ends it with status 0", status == 0, status)


def inherited(report, world):
    """What a parent leaves to the process, or leaves out, and Go's runtime sees to without being asked."""
    prefix = ("prlimit", "--nofile=1024:4096", "--")
    with world.server(prefix=prefix) as server:
        most = server.metric("process_max_fds")
        report("the soft limit of descriptors, containerd 2's 1,024, is raised to the hard one", most == 4096, most)
    prefix = ("sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-')
    with world.server(prefix=prefix) as server:
        open_at = [os.readlink(f"/proc/{server.process.pid}/fd/{n}") for n in range(3)]
        report("no socket gets the number of a closed standard descriptor", open_at == ["/dev/null"] * 3, open_at)
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        ignored = int(status.split("SigIgn:")[1].split()[0], 16)
        missed = [each.name for each in (signal.SIGPIPE, signal.SIGCHLD) if not ignored >> (each - 1) & 1]
        report("a reader of the log that goes ends nothing, a child that it inherits leaves no zombie", not missed, missed or "none")
