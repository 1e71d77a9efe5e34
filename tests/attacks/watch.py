# SPDX-License-Identifier: Apache-2.0
"""Who suffers from an attack: a client at another address, the kubelet's liveness probe, the process's memory. In a process of
its own, so that the attacker's work does not count as the server's slowness; spawned, not forked: whoever attacks has
threads, and what they hold locked would stay locked in a fork."""
import multiprocessing
import pathlib
import threading
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

from asking import Follower
from server import before_others

VICTIM = "127.0.0.2"
VICTIM_RATE = 100      # questions a second
PROBE_EVERY = 0.25     # seconds
PROBE_TIMEOUT = 1.0    # seconds; a kubelet's default
MOST_WAIT = 0.050      # seconds, of 99 in a hundred victims' questions
MOST_MEMORY = 170      # MiB resident, what kubeadm's Deployment allows


class Probe(threading.Thread):
    """GET /health, a connection each time, until finish()."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}/health"
        self.asked = self.well = 0
        self.last_failure = ""
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(PROBE_EVERY):
            self.asked += 1
            try:
                with urllib.request.urlopen(self.url, timeout=PROBE_TIMEOUT) as r:
                    self.well += r.status == 200
            except (urllib.error.HTTPError, OSError) as e:
                self.last_failure = str(e)

    def finish(self):
        self.over.set()
        self.join(2 * PROBE_TIMEOUT)


def resident(pid, what="VmRSS"):
    """MiB; what="VmHWM": the most since the watch began."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] if sorted_values else float("inf")


def _watch(target, listed, rate, over):
    """In the watching process: victims and probe until `over` says something; then the figures go back."""
    before_others()
    follower, probe = Follower(target, listed, rate, source=VICTIM), Probe(target.pages["health"])
    over.send("begun")
    over.recv()
    probe.finish()
    seen = follower.finish()
    took = sorted(follower.took)
    over.send({**seen, "p50": percentile(took, 0.5), "p99": percentile(took, 0.99), "most": took[-1] if took else 0,
               "probes": probe.asked, "well": probe.well, "failure": probe.last_failure})


class Watch:
    """Use as a context around the attack; `figures` are there afterwards. `listed`: (name, address) of what victims ask;
    `server`: a Server of tests/faults, or anything with its port, pages and process."""

    def __init__(self, server, listed, rate=VICTIM_RATE):
        self.server, self.listed, self.rate = server, listed, rate
        self.figures = {}

    def __enter__(self):
        self.before = resident(self.server.process.pid)
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")  # VmHWM begins anew
        self.pipe, theirs = multiprocessing.Pipe()
        target = SimpleNamespace(port=self.server.port, pages=self.server.pages)
        self.process = multiprocessing.get_context("spawn").Process(
            target=_watch, args=(target, self.listed, self.rate, theirs), daemon=True)
        self.process.start()
        self.pipe.recv()
        self.began = time.monotonic()
        return self

    def __exit__(self, failed, *_):
        alive = self.server.process.poll() is None
        self.pipe.send("over")
        seen = self.pipe.recv() if self.pipe.poll(30) else {}
        self.process.join(10)
        pid = self.server.process.pid
        self.figures = {**seen, "alive": alive and self.server.process.poll() is None, "seconds": time.monotonic() - self.began}
        if self.figures["alive"]:
            self.figures.update(before=self.before, peak=resident(pid, "VmHWM"), after=resident(pid))

    @property
    def text(self):
        f = self.figures
        if not f.get("alive"):
            return f"the process ended; {f}"
        return (f"{f['asked']} asked, {f['lost']} lost, {f['servfail']} SERVFAIL, {f['wrong']} wrong, p50 {f['p50'] * 1000:.1f} ms, "
                f"p99 {f['p99'] * 1000:.1f} ms, most {f['most'] * 1000:.0f} ms; /health {f['well']} of {f['probes']}"
                f"{' (' + f['failure'] + ')' if f['failure'] else ''}; {f['before']:.0f} MiB, peak {f['peak']:.0f}, after {f['after']:.0f}")

    def held(self, most_wait=MOST_WAIT, most_memory=MOST_MEMORY):
        """True if nobody lost anything: what every attack must leave as it is."""
        f = self.figures
        return (bool(f.get("alive")) and f["asked"] > 0 and f["right"] == f["asked"] and f["p99"] <= most_wait
                and f["well"] == f["probes"] > 0 and f["peak"] <= most_memory)


def held(report, title, watch, peer=None, **limits):
    """Reports the watch. `peer`: a function that puts CoreDNS under the same attack and returns its Watch; asked only if
    victims waited longer than they should: a machine that is full is full for both."""
    right, text = watch.held(**limits), watch.text
    if not right and peer and watch.figures.get("alive") and watch.held(most_wait=float("inf"), **limits):
        other = peer()
        right = watch.figures["p99"] <= other.figures.get("p99", 0)
        text += f"; CoreDNS: {other.text}"
    report(title, right, text)
