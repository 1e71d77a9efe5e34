# SPDX-License-Identifier: Apache-2.0
"""A server under test: started here with the manifests below, or somebody else's, known by address and process ID."""
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

from client import KNOWN_ADDRESS, served_over_udp

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from ports import free_port  # noqa: E402

BIG_NAME, BIG_COUNT = "big.default.svc.cluster.local", 400  # a headless service whose answers are 6.4 kB


def manifests():
    endpoints = "\n".join(f"  - addresses: [10.244.{i // 250}.{i % 250 + 1}]" for i in range(BIG_COUNT))
    return f"""apiVersion: v1
kind: Service
metadata: {{name: backend, namespace: default}}
spec:
  clusterIP: {KNOWN_ADDRESS}
  ports: [{{name: http, port: 80, protocol: TCP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: big, namespace: default}}
spec:
  clusterIP: None
  ports: [{{name: http, port: 80, protocol: TCP}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: big-1
  namespace: default
  labels: {{kubernetes.io/service-name: big}}
addressType: IPv4
ports: [{{name: http, port: 80, protocol: TCP}}]
endpoints:
{endpoints}
"""


def corefile(port, more=""):
    return f""".:{port} {{
    log
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests cluster.yaml
    }}
{more}}}
"""


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
            return True
    except OSError:
        return False  # a kernel without IPv6 is fine


class Server:
    """`pid` belongs to `address`. `log` is a file with its output, None if it is not ours."""

    def __init__(self, address, pid, log=None):
        self.address, self.pid, self.log = address, pid, log

    def alive(self):
        try:
            with open(f"/proc/{self.pid}/stat") as f:
                return f.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def resident(self):
        """MB"""
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024

    def cpu(self):
        """Seconds of user and system time so far."""
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()


class Started(Server):
    """Started by us, `prefix` before the command line (to enter a network namespace), `more` lines of the Corefile and
    `flags`. Use as a context."""

    def __init__(self, program, prefix=(), port=None, wait=True, more="", flags=()):
        self.folder = tempfile.TemporaryDirectory(prefix="troupe-wire-")
        port = port or free_port()
        self.write("Corefile", corefile(port, more))
        self.write("cluster.yaml", manifests())
        log = os.path.join(self.folder.name, "log")
        # 10,000 connections take descriptors on both sides.
        resource.setrlimit(resource.RLIMIT_NOFILE, (20000, max(20000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        # The page of /actors on a port of its own: other servers may run beside this one.
        environment = dict(os.environ, TROUPE_ACTORS=f"127.0.0.1:{free_port()}", TROUPE_DUMPABLE="1")  # to count its descriptors
        with open(log, "w") as f:
            self.process = subprocess.Popen([*prefix, program, "-conf", "Corefile", *flags], cwd=self.folder.name, stdout=f,
                                            stderr=subprocess.STDOUT, env=environment)
        super().__init__(("127.0.0.1", port), self.process.pid, log)
        if wait:
            self.wait(lambda: served_over_udp(self.address))

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w") as f:
            f.write(text)

    def wait(self, serves, patience=20):
        deadline = time.monotonic() + patience
        while not serves():
            if self.process.poll() is not None or time.monotonic() > deadline:
                text = self.output()
                self.stop()
                raise SystemExit(f"the server does not serve; it wrote:\n{text}")
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
