# SPDX-License-Identifier: Apache-2.0
"""What stands beside the server: who reads its log, another server on the host, an API server that gives it no rights."""
import fcntl
import http.server
import os
import pathlib
import re
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request

from ending import KUBECONFIG
from server import PATIENCE, ROOT, free_port, wire_name

TOGETHER = 20
QUESTIONS = 60_000  # of LONG they are twice what the queue of lines holds
LONG = ["x" * 60, "y" * 60, "z" * 60, "cluster", "local"]


class Beside:
    """A server whose standard output is `out`; `at`: addresses of its pages; `more`: lines of its block."""

    def __init__(self, out, more="", pages=()):
        self.folder = tempfile.TemporaryDirectory(prefix="troupe-faults-")
        (pathlib.Path(self.folder.name) / "manifests").mkdir()
        self.port, self.pages = free_port(), {name: free_port() for name in ("health", "ready", "prometheus")} | dict(pages)
        shown = "".join(f"  {name} 127.0.0.1:{port}\n" for name, port in self.pages.items())
        kubernetes = "" if "kubernetes" in more else "  kubernetes cluster.local {\n    manifests manifests\n  }\n"
        text = f".:{self.port} {{\n  bind 127.0.0.1\n{shown}{kubernetes}{more}}}\n"
        (pathlib.Path(self.folder.name) / "Corefile").write_text(text)
        self.process = subprocess.Popen([os.environ.get("TROUPE", ROOT / "build/faults/troupe"), "-conf", "Corefile"],
                                        cwd=self.folder.name, stdout=out, stderr=subprocess.STDOUT)

    def ask(self, how_often, labels=("dns-version", "cluster", "local")):
        """How many of so many questions were answered, TOGETHER under way at a time."""
        answered = 0
        wire = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + wire_name(labels) + struct.pack("!2H", 16, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.port))
            s.settimeout(2)
            for _ in range(how_often // TOGETHER or 1):
                try:
                    for _ in range(min(how_often, TOGETHER)):
                        s.send(wire)
                    for _ in range(min(how_often, TOGETHER)):
                        answered += len(s.recv(4096)) > 0
                except OSError:
                    time.sleep(0.01)
        return answered

    def serves(self):
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if self.ask(1):
                return True
        return False

    def page(self, name, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.pages[name]}{path}", timeout=3) as r:
                return r.read().decode()
        except OSError as e:
            return str(e)

    def lost(self):
        found = re.search(r"^troupe_log_lines_lost_total (\S+)", self.page("prometheus", "/metrics"), re.M)
        return int(float(found[1])) if found else None

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def named(text):
    return sum(map(int, re.findall(r"\[WARNING\] log: (\d+) lines were lost", text)))


def log_to_a_file(report, _):
    with tempfile.TemporaryFile("w+") as out, Beside(out, "  log\n") as server:
        asked = server.serves() + server.ask(QUESTIONS, LONG)
        status = server.end()
        out.seek(0)
        lines = out.read().count('"TXT IN ')
        report("log to a file: no line is lost", status == 0 and lines >= asked > QUESTIONS * 0.99, f"{lines} of {asked}")


def log_to_nobody(report, _):
    """A pipe that nobody reads for a while: nobody waits for it, and what is lost is counted and said."""
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 65536)
    with Beside(theirs, "  log\n") as server:
        os.close(theirs)
        asked = server.serves() + server.ask(QUESTIONS, LONG)
        lost = server.lost()
        report("log to nobody: questions are answered, lost lines counted", asked > QUESTIONS * 0.99 and lost, f"{asked}, {lost}")
        said = []
        reader = threading.Thread(target=lambda: said.extend(iter(lambda: os.read(ours, 65536), b"")))
        reader.start()
        asked += server.ask(1)
        lost = server.lost()  # this one's line may have found no room yet
        status = server.end()
        reader.join(PATIENCE)
        text = b"".join(said).decode()
        lines = text.count('"TXT IN ')
        report("read again it names them where they are missing", status == 0 and named(text) == lost,
               f"{named(text)} named, {lost} counted")
        report("and no line is missing that it does not name", lines + named(text) >= asked, f"{lines} + {named(text)} of {asked}")
    os.close(ours)


def two_on_one_host(report, _):
    """CoreDNS's pages are bound with SO_REUSEPORT; metrics and readiness it serves without."""
    with tempfile.TemporaryFile("w+") as out, Beside(out) as first:
        first.serves()
        with Beside(out, pages=first.pages) as second:
            report("a second server with the same pages serves", second.serves() and first.serves(), second.process.poll())
    for name, goes_on in (("prometheus", True), ("ready", True), ("health", False)):
        with tempfile.TemporaryFile("w+") as out, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with Beside(out, pages={name: port}) as server:
                served = server.serves()
                server.end()
                out.seek(0)
                said = [line for line in out.read().splitlines() if f"127.0.0.1:{port}" in line and "in use" in line]
                report(f"{name}'s port is another's: {'it serves, and says so' if goes_on else 'no start'}",
                       served == goes_on and len(said) == 1, said)


class Forbids(http.server.BaseHTTPRequestHandler):
    """An API server that knows no such user."""

    def do_GET(self):
        body = b'{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no rights","reason":"Forbidden","code":403}'
        self.send_response(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def no_rights_at_the_api_server(report, _):
    """Whoever looks at the end of the log finds the cause, as long as it lasts."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forbids) as api, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        config = pathlib.Path(folder) / "kubeconfig"
        config.write_text(KUBECONFIG.format(port=api.server_address[1]))
        with tempfile.TemporaryFile("w+") as out:
            with Beside(out, f"  kubernetes cluster.local {{\n    kubeconfig {config} gone\n  }}\n") as server:
                server.serves()
                end = time.monotonic() + 7
                while time.monotonic() < end:
                    server.page("ready", "/ready")
                    time.sleep(0.1)
                server.end()
            out.seek(0)
            lines = out.read().splitlines()
            waits = [n for n, line in enumerate(lines) if line == '[INFO] plugin/ready: Plugins not ready: "kubernetes"']
            causes = [n for n, line in enumerate(lines) if "still waiting" in line and "403" in line]
            report("without rights the log says again and again that it waits, and for what",
                   len(waits) == 2 and len(causes) >= 2 and causes[-1] > waits[-1], f"{len(waits)} times, {len(causes)} causes")
        api.shutdown()
