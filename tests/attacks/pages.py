# SPDX-License-Identifier: Apache-2.0
"""The HTTP pages: connections that say nothing, clients that take nothing, requests without end."""
import contextlib
import resource
import socket
import threading
import time
import urllib.request

from asking import services_of
from watch import PROBE_TIMEOUT, Watch, held

SECONDS = 3.0                                       # of each attack
MOST_OPEN = 1000                                    # connections that an attacker keeps
SAME, OTHER = ["127.0.0.1"], ["127.0.0.9"]          # 127.0.0.1 is where the probes come from
MANY = [f"127.0.1.{n}" for n in range(1, 60)]
PAGES = {"health": "/health", "ready": "/ready", "prometheus": "/metrics", "actors": "/actors"}


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def opened(source, port, receives=None):
    """A connection under way."""
    s = socket.socket()
    if receives:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    s.setblocking(False)
    s.bind((source, 0))
    s.connect_ex(("127.0.0.1", port))
    return s


class Opening(threading.Thread):
    """Opens `rate` connections a second to each of `ports` for SECONDS, from each of `sources` in turn; sends `said` on each
    where its port has any, and reads nothing."""

    def __init__(self, rate, sources, ports, said=None):
        super().__init__(daemon=True)
        self.rate, self.sources, self.ports, self.said = rate, sources, ports, said or {}
        self.opened = 0
        self.start()

    def run(self):
        began, kept, silent = time.monotonic(), [], []
        with contextlib.ExitStack() as at_last:
            at_last.callback(lambda: [s.close() for s in kept])
            while time.monotonic() < began + SECONDS:
                for port in self.ports:
                    s = opened(self.sources[self.opened % len(self.sources)], port, 4096)
                    kept.append(s)
                    silent.append((s, port))
                    self.opened += 1
                silent = [each for each in silent if not self.speaks(*each)]
                while len(kept) > MOST_OPEN:
                    kept.pop(0).close()
                time.sleep(max(0.0, began + self.opened / len(self.ports) / self.rate - time.monotonic()))

    def speaks(self, s, port):
        """True if there is nothing (more) to say."""
        try:
            return port not in self.said or s.send(self.said[port]) > 0
        except BlockingIOError:
            return False
        except OSError:
            return True


class Readers(threading.Thread):
    """Ask for the other pages as those do who should get them, until finish()."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.urls = [f"http://127.0.0.1:{server.pages[page]}{PAGES[page]}" for page in ("ready", "prometheus")]
        self.asked = self.well = 0
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.2):
            for url in self.urls:
                self.asked += 1
                with contextlib.suppress(OSError):
                    with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT) as r:
                        self.well += r.status == 200 and len(r.read()) > 0

    def finish(self):
        self.over.set()
        self.join(3 * PROBE_TIMEOUT)


@contextlib.contextmanager
def watched(report, title, server, world):
    with Watch(server, services_of(world.cluster)) as watch:
        readers = Readers(server)
        yield
        readers.finish()
    held(report, title, watch)
    report(f"{title}: /ready and /metrics", readers.well == readers.asked > 0, f"{readers.well} of {readers.asked}")


def _many_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def silent_connections(report, world):
    """Whoever connects and says nothing keeps no probe out."""
    _many_descriptors()
    with world.server() as server:
        for rate, sources, where in ((15, SAME, "the probe's address"), (200, SAME, "the probe's address"),
                                     (200, OTHER, "another address"), (200, MANY, f"{len(MANY)} addresses")):
            with watched(report, f"{rate} silent connections a second to each page from {where}", server, world):
                Opening(rate, sources, list(server.pages.values())).join()


def silent_connections_that_stay(report, world):
    """A thousand are open all the time, on each page in turn."""
    _many_descriptors()
    with world.server() as server:
        with watched(report, f"{MOST_OPEN} silent connections that stay", server, world):
            ports = list(server.pages.values())
            kept = [opened(MANY[n % len(MANY)], ports[n % len(ports)]) for n in range(MOST_OPEN)]
            time.sleep(SECONDS)
            for s in kept:
                s.close()


def readers_that_do_not_read(report, world):
    """Pages are asked for and not taken."""
    _many_descriptors()
    with world.server() as server:
        said = {server.pages[page]: request(path) for page, path in PAGES.items()}
        for sources, where in ((SAME, "the probe's address"), (MANY, f"{len(MANY)} addresses")):
            with watched(report, f"200 readers a second that do not read, from {where}", server, world):
                Opening(200, sources, list(said), said).join()


def requests_without_end(report, world):
    """Headers that drip, and headers that never end."""
    _many_descriptors()
    with world.server() as server:
        ports = list(server.pages.values())
        with watched(report, "400 headers that drip and 400 that never end", server, world):
            kept = [opened(MANY[n % len(MANY)], ports[n % len(ports)]) for n in range(800)]
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for n, s in enumerate(kept):
                    with contextlib.suppress(OSError):
                        s.send(b"a" if n < 400 else b"a" * 8192)
                time.sleep(0.2)
            for s in kept:
                s.close()


def scrapes_at_full_rate(report, world):
    """Metrics are asked for without a pause, and read: victims of the loops do not notice."""
    _many_descriptors()
    with world.server() as server:
        over = threading.Event()
        counts = []

        def scrape():
            asked = 0
            while not over.is_set():
                with contextlib.suppress(OSError):
                    server.page("prometheus", PAGES["prometheus"])
                asked += 1
            counts.append(asked)

        with watched(report, "20 scrapers without a pause", server, world):
            scrapers = [threading.Thread(target=scrape, daemon=True) for _ in range(20)]
            for each in scrapers:
                each.start()
            time.sleep(SECONDS)
            over.set()
            for each in scrapers:
                each.join()
        report("were answered", sum(counts) > 0, f"{sum(counts) / SECONDS:.0f} a second")


ATTACKS = [silent_connections, silent_connections_that_stay, readers_that_do_not_read, requests_without_end, scrapes_at_full_rate]
