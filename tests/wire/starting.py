# SPDX-License-Identifier: Apache-2.0
"""S1-S4: where a server listens, what it says when it cannot start, and what it leaves behind."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

from client import served_over_tcp, served_over_udp
from wire_server import Started, free_port, has_ipv6

CLUSTER = "kubernetes cluster.local {{\n {0}\n}}\n"
# What -validate says of a Corefile: status, and a pattern of its last line.
SAID = (
    (0, ".:53 {\nforward . ::1\n}\n", "^Corefile: valid$"),
    (1, "", r"^Corefile - .*no server block.* -conf$"),
    (1, ".:53 {\n" + CLUSTER.format("kubeconfig /nowhere/config") + "}\n",
     r"^plugin/kubernetes: Corefile:2 - /nowhere/config - cannot be opened: No such file.*'kubeconfig'"),
    (1, ".:53 {\n" + CLUSTER.format("manifests /nowhere/all.yaml") + "}\n",
     r"^plugin/kubernetes: Corefile:2 - /nowhere/all.yaml - cannot be opened: No such file.*'manifests'"),
    (1, ".:53 {\n" + CLUSTER.format("endpoint https://127.0.0.1:70000") + "}\n", "^plugin/kubernetes: Corefile:2 - .*port"),
    (0, ".:53 {\n" + CLUSTER.format("pods insecure") + "}\n", "^Corefile: valid$"),  # the pod matters, not the Corefile
    (1, ".:53 {\ntsig\nforward . https://::1\ndnstap a\n}\n", r"^plugin/forward: Corefile:3 .*tsig.*Corefile:2.*dnstap.*Corefile:4"),
)


def validated(program, text):
    with tempfile.TemporaryDirectory(prefix="troupe-wire-") as folder:
        if text:
            with open(os.path.join(folder, "Corefile"), "w") as f:
                f.write(text)
        done = subprocess.run([program, "-validate"], cwd=folder, capture_output=True, text=True, timeout=20)
        return done.returncode, (done.stdout + done.stderr).strip().split("\n")[-1]


def words(program):
    """S1: -validate finds what the start would."""
    for status, text, pattern in SAID:
        got, line = validated(program, text)
        if got != status or not re.search(pattern, line):
            return f"status {got}, '{line}' of {text!r}"
    return ""


def page_served(host, port):
    with socket.create_connection((host, port), 3) as s:
        s.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return s.recv(64).startswith(b"HTTP/1.")


def both_families(program):
    """S2: 0.0.0.0 and :: are both families, for DNS and for pages, as in Go."""
    hosts = ["127.0.0.1", *(["::1"] if has_ipv6() else [])]
    for bound, page in (("0.0.0.0", "0.0.0.0"), ("::", "[::]"), ("0.0.0.0 ::", "")):
        port = free_port()
        with Started(program, more=f"    bind {bound}\n    health {page}:{port}\n") as server:
            for host in hosts:
                if not served_over_udp((host, server.address[1])) or not served_over_tcp((host, server.address[1])):
                    return f"bind {bound}: not answered at {host}"
                if not page_served(host, port):
                    return f"health {page}: no page at {host}"
    return ""


def taken(program):
    """S3: an address in use: which page or protocol, where it is said, and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for more, pattern in ((f"health 127.0.0.1:{port}", rf"^plugin/health: Corefile:7 - listen tcp 127.0.0.1:{port}: .*; .*'health'"),
                              (f"bind 127.0.0.1\n}}\nx:{port} {{\n bind 127.0.0.1\n log",
                               rf"^Corefile:10 - cannot listen on 127.0.0.1:{port}/tcp: .* use; ")):
            with Started(program, more=f"    {more}\n", wait=False) as server:
                status = server.process.wait(20)
                line = server.output().strip().split("\n")[-1]
            if status != 1 or not re.search(pattern, line):
                return f"status {status}, '{line}'"
    return ""


def pid_files(program):
    """S4: the file of -pidfile goes with the process, however that is asked to end."""
    for sent in ((signal.SIGTERM,), (signal.SIGQUIT,), (signal.SIGTERM, signal.SIGTERM)):
        with Started(program, more="    health :0 {\n lameduck 5s\n }\n", flags=("-pidfile", "pid")) as server:
            path = os.path.join(server.folder.name, "pid")
            deadline = time.monotonic() + 5
            while not os.path.exists(path) and time.monotonic() < deadline:
                time.sleep(0.02)
            if not os.path.exists(path):
                return "not written"
            for each in sent:
                server.process.send_signal(each)
                time.sleep(0.3)
            server.process.wait(20)
            if os.path.exists(path):
                return f"stays behind after {sent[-1].name}"
    return ""


CASES = (words, both_families, taken, pid_files)

