# SPDX-License-Identifier: Apache-2.0
"""The server of the test build, with a cluster of 50 namespaces from manifests; and orders to fail."""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from parts import Held  # noqa: E402
from ports import free_port  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 20.0  # seconds for anything that should happen soon
# Microseconds of CPU time that a handler or timer may hold its loop. The test build names those above 1 ms; twice as much
# is what the kernel's other work and a hypervisor add to the figure, and now and then much more: what is too long by
# itself is so again, so the third longest of a kind is judged, and of a server that lives long the third in every ten
# seconds: what the kernel adds grows with the time (the server names enough of each: net/work_meter.hpp).
# What is too long must be so in each attempt of a part (support/parts.py). $TROUPE_MOST_HELD=1000 is for a quiet machine.
MOST_HELD = int(os.environ.get("TROUPE_MOST_HELD", 2_000))
OFTEN, EACH, TOLD = 3, 10.0, 64  # times, in so many seconds; of so many that the server names at least
CLUSTER = "    manifests manifests\n    pods verified\n"


def wire_name(labels):
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def question(labels, identity):
    """A question for an A record, recursion desired."""
    return struct.pack("!6H", identity, 0x100, 1, 0, 0, 0) + wire_name(labels) + struct.pack("!2H", 1, 1)


def before_others():
    """What else the machine does should not be measured; without the right to it, it is."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        pass


class Server:
    """Use as a context. `cluster`: lines of the kubernetes block; `prefix`: before the command line; `upstreams`: where
    names below `example` are forwarded to, those below `cached.example` through a cache; `port`: that of another
    server, which serves on; `lines`: of the first block, `more`: server blocks after it; `files`: name and text of what
    lies beside the Corefile; `program`: another one than ours; `costly`:
    questions are, on purpose. Raises Held at its end if a loop was held for longer than MOST_HELD, unless it was costly."""

    def __init__(self, cluster=CLUSTER, loops=2, lameduck="", prefix=(), folder=None, answers=True, upstreams=(), port=0,
                 lines="", more="", files=(), program=None, costly=False):
        self.costly = costly
        self.program = str(program or os.environ.get("TROUPE", ROOT / "build/faults/troupe"))
        self.lines, self.more = lines, more
        self.temporary = tempfile.TemporaryDirectory(prefix="troupe-faults-")
        self.folder = pathlib.Path(self.temporary.name)
        self.upstreams = [f"127.0.0.1:{each.port}" for each in upstreams]
        self.port, self.pages = port or free_port(), {name: free_port() for name in ("actors", "health", "ready", "prometheus")}
        (self.folder / "Corefile").write_text(self.corefile(cluster, loops, lameduck))
        for name, text in files:
            (self.folder / name).write_text(text)
        if folder:
            (self.folder / "manifests").symlink_to(folder)
        self.log = tempfile.TemporaryFile("w+")
        environment = dict(os.environ, TROUPE_ACTORS=f"127.0.0.1:{self.pages['actors']}", HOME=str(self.folder))
        self.folder.chmod(0o555)
        self.began = time.monotonic()
        self.process = subprocess.Popen([*prefix, self.program, "-conf", "Corefile"], cwd=self.folder, env=environment,
                                        stdout=self.log, stderr=subprocess.STDOUT, preexec_fn=before_others)
        if port:
            self.until("was ready", lambda: self.page("ready", "/ready")[0] == 200)
        elif answers:
            self.until("answered", lambda: self.ask(["dns-version", "cluster", "local"], patience=0.2) is not None)

    def corefile(self, cluster, loops, lameduck):
        at = {name: f"127.0.0.1:{port}" for name, port in self.pages.items()}
        grace = f" {{\n    lameduck {lameduck}\n  }}" if lameduck else ""
        others = (f"  cache 30 cached.example\n  forward . {' '.join(self.upstreams)}\n" if self.upstreams else "")
        keys = " ".join(f"{zone}:{self.port}" for zone in ("cluster.local", "in-addr.arpa", *["example"] * bool(others)))
        return (f"{keys} {{\n  bind 127.0.0.1\n  multisocket {loops}\n  errors\n  reload 2s 1s\n"
                f"  health {at['health']}{grace}\n  ready {at['ready']}\n  prometheus {at['prometheus']}\n"
                f"  kubernetes cluster.local in-addr.arpa {{\n{cluster}  }}\n{self.lines}{others}}}\n{self.more}")

    def output(self):
        """What the server wrote so far. Opened anew: the position of `self.log` is where the server writes."""
        return pathlib.Path(f"/proc/self/fd/{self.log.fileno()}").read_text(errors="replace")

    def held_for_long(self):
        """(microseconds, by what) of what held a loop for longer than it may, OFTEN times: each kind once."""
        often = min(TOLD, round(OFTEN * max(1.0, (time.monotonic() - self.began) / EACH)))
        times = {}
        for took, what in re.findall(r"held its loop for (\d+) us: (.*)", self.output()):
            times.setdefault(what, []).append(int(took))
        judged = ((sorted(each)[-often], what) for what, each in times.items() if len(each) >= often)
        return sorted(((took, what) for took, what in judged if took > MOST_HELD), reverse=True)

    def until(self, what, holds, patience=PATIENCE):
        """Seconds until `holds()` was true."""
        began = time.monotonic()
        while not holds():
            if self.process.poll() is not None or time.monotonic() - began > patience:
                raise RuntimeError(f"the server never {what}; it wrote:\n{self.output()[-3000:]}")
            time.sleep(0.005)
        return time.monotonic() - began

    def ask(self, labels, patience=2.0):
        """The response to one question over UDP, None if there is none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.port))
            s.settimeout(patience)
            try:
                s.send(question(labels, 4711))
                return s.recv(65535)
            except OSError:
                return None

    def rcode(self, labels):
        answer = self.ask(labels)
        return None if answer is None else answer[3] & 15

    def page(self, which, path):
        """(status, text) of a page; (None, reason) if nobody is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.pages[which]}{path}", timeout=3) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except OSError as e:
            return None, str(e)

    def actors(self):
        """name -> what /actors says of it. Asks until the page is there: its actor may be among the killed."""
        found = []
        self.until("showed its actors", lambda: self.page_into(found))
        return {a["name"]: a for a in json.loads(found[-1])["actors"]}

    def page_into(self, found):
        status, text = self.page("actors", "/actors")
        found.append(text)
        return status == 200

    def metric(self, name):
        text = self.page("prometheus", "/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name)

    def order(self, what, actor):
        """Makes an actor fail; true if the order was taken."""
        return self.rcode([what, *actor.split("/"), "fault-injection"]) == 0

    def kernel_drops(self):
        """Datagrams for the server's port that the kernel had no room for."""
        with open("/proc/net/udp") as f:
            rows = [line.split() for line in f][1:]
        return sum(int(r[12]) for r in rows if r[1].endswith(f":{self.port:04X}"))

    def stop(self, how=signal.SIGTERM, patience=15.0):
        """(status, seconds it took)"""
        began = time.monotonic()
        self.process.send_signal(how)
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if exception[0]:
            print(self.output()[-3000:])
        self.folder.chmod(0o755)
        self.temporary.cleanup()
        long = [] if self.costly or exception[0] else self.held_for_long()
        if long:
            raise Held(f"loops were held for longer than {MOST_HELD} us: {long}", (what for _, what in long))
