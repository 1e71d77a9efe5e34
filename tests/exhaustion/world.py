# SPDX-License-Identifier: Apache-2.0
"""A server that uses everything that can run out: manifests, an API server, another resolver, pages, TCP."""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/reload")]

from order import Order  # noqa: E402
from played_api import PlayedApi  # noqa: E402
from ports import free_port  # noqa: E402

PATIENCE = 20.0  # seconds for anything that should happen soon
RIGHT = {"backend.default.svc.cluster.local": "10.96.0.100", "far.default.svc.other.local": "10.96.0.7"}
FORWARDED = "192.0.2.7"
MANIFEST = """apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {clusterIP: 10.96.0.100, ports: [{port: 80}]}
"""
KUBECONFIG = """apiVersion: v1
kind: Config
current-context: c
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: u, user: {{}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
"""
BAD = ("terminate called", "AddressSanitizer", "runtime error:", "LeakSanitizer", "corrupt", "Assertion")


class Resolver:
    """Answers everything with FORWARDED."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(2048)
            end = query.index(0, 12) + 5
            self.socket.sendto(query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:end] + b"\xc0\x0c\0\1\0\1"
                               + struct.pack("!IH", 30, 4) + socket.inet_aton(FORWARDED), client)


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 4711, 0x100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, 1, 1)


def address_in(answer):
    """The last four octets of a good answer: the address of its one record. Else what it is instead."""
    if answer is None or len(answer) < 12:
        return "no answer"
    return socket.inet_ntoa(answer[-4:]) if answer[3] & 15 == 0 and answer[7] == 1 else f"rcode {answer[3] & 15}"


class World:
    """What servers under test need. Use as a context; one server at a time."""

    fresh = 0

    def __init__(self, program, injector):
        self.program, self.injector = str(program), str(injector)
        self.temporary = tempfile.TemporaryDirectory(prefix="troupe-exhaustion-")
        self.folder = pathlib.Path(self.temporary.name)
        self.resolver, self.api = Resolver(), PlayedApi({"far": RIGHT["far.default.svc.other.local"]})
        self.order = Order(self.folder / "order")
        self.ports = {name: free_port() for name in ("dns", "more", "health", "ready", "prometheus", "actors", "ready2")}
        (self.folder / "services.yaml").write_text(MANIFEST)
        self.times_written = 0
        self.write()

    def write(self, more=False):
        """`more`: everything that a reload can add is added: addresses, pages, clusters, resolvers."""
        at = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        common = "  bind 127.0.0.1\n  multisocket 2\n  errors\n"
        text = (f".:{self.ports['dns']} {{\n{common}  health {at['health']}\n  ready {at['ready2' if more else 'ready']}\n"
                f"  prometheus {at['prometheus']}\n  kubernetes cluster.local {{\n    manifests services.yaml\n  }}\n"
                f"  cache 30\n  forward . 127.0.0.1:{self.resolver.port}\n}}\n")
        self.times_written += 1  # under another name it is another cluster
        kubeconfig = self.folder / f"kubeconfig{self.times_written if more else ''}"
        kubeconfig.write_text(KUBECONFIG.format(port=self.api.port))
        text += (f"other.local:{self.ports['dns']} {{\n{common}  kubernetes other.local {{\n"
                 f"    kubeconfig {kubeconfig.name} c\n  }}\n}}\n")
        if more:
            text += (f".:{self.ports['more']} {{\n{common}  kubernetes more.local {{\n    manifests services.yaml services.yaml2\n"
                     f"  }}\n  cache 20\n  forward . 127.0.0.1:{self.resolver.port} {{\n    max_fails 1\n  }}\n}}\n")
            (self.folder / "services.yaml2").write_text(MANIFEST.replace("backend", "front").replace(".100", ".101"))
        (self.folder / "Corefile").write_text(text)

    def begin(self, prefix=(), arguments=(), injected=True):
        self.log = open(self.folder / "log", "w+")
        environment = dict(os.environ, TROUPE_ACTORS=f"127.0.0.1:{self.ports['actors']}", TROUPE_LOOP="report")
        if injected:
            environment.update(TROUPE_INJECTOR=self.order.path, LD_PRELOAD=self.injector)
        environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_stack_use_after_return=1:detect_leaks=0"
        self.process = subprocess.Popen([*prefix, self.program, "-conf", "Corefile", *arguments], cwd=self.folder,
                                        env=environment, stdout=self.log, stderr=subprocess.STDOUT)

    def output(self):
        return (self.folder / "log").read_text(errors="replace")

    def ended(self):
        return self.process.poll() is not None

    def until(self, holds, patience=PATIENCE):
        """Whether `holds()` came true while the server lived."""
        end = time.monotonic() + patience
        while not holds():
            if self.ended() or time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def until_ended(self, patience):
        """Whether the server ended by then."""
        return self.wait_end(patience) is not None

    def udp(self, name, port="dns", patience=1.0):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.ports[port]))
            s.settimeout(patience)
            try:
                s.send(question(name))
                return address_in(s.recv(4096))
            except OSError:
                return "no answer"

    def tcp(self, name, patience=1.0):
        try:
            with socket.create_connection(("127.0.0.1", self.ports["dns"]), patience) as s:
                packet = question(name)
                s.sendall(struct.pack("!H", len(packet)) + packet)
                return address_in(s.recv(4096)[2:])
        except OSError:
            return "no answer"

    def page(self, which, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[which]}{path}", timeout=1) as r:
                return r.status
        except urllib.error.HTTPError as e:
            return e.code
        except OSError:
            return 0

    def fresh_name(self):
        World.fresh += 1
        return f"n{World.fresh}.example"

    def wrong(self):
        """What is not as it should be, of everything that the server serves; empty: nothing."""
        out = [f"{name}: {got}" for name, want in RIGHT.items() if (got := self.udp(name)) != want]
        name = next(iter(RIGHT))
        if (got := self.tcp(name)) != RIGHT[name]:
            out.append(f"{name} over TCP: {got}")
        if (got := self.udp(self.fresh_name())) != FORWARDED:
            out.append(f"forwarded: {got}")
        if (got := self.page("health", "/health")) != 200:
            out.append(f"/health: {got}")
        return out

    def is_well(self, patience=PATIENCE):
        return self.until(lambda: not self.wrong(), patience)

    def wait_end(self, patience=PATIENCE):
        """The status; None if it does not end."""
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    def kill(self):
        if not self.ended():
            self.process.kill()
            self.process.wait()
        self.log.close()

    def crime(self):
        """A sign in the output that memory was not as it should be, or that an exception had no home; else nothing."""
        text = self.output()
        return next((f"'{bad}' in the output" for bad in BAD if bad in text), "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.api.__exit__()
        self.temporary.cleanup()
