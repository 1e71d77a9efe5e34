# SPDX-License-Identifier: Apache-2.0
"""CoreDNS and Troupe with the same Corefile."""
import os
import re
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../support"))
sys.path.append(os.path.join(HERE, "../cluster"))
from ports import free_port  # noqa: E402
from processes import die_with_parent  # noqa: E402

SECONDS = 60  # for a start, on a busy machine


def has_udp(port):
    """True if some socket of this machine has the port; asked of the kernel, as a packet would be counted."""
    tables = "".join(open(path, encoding="ascii").read() for path in ("/proc/net/udp", "/proc/net/udp6") if os.path.exists(path))
    return f":{port:04X} " in tables


class Server:
    """A program that serves by the Corefile of a folder, or refuses it. Its port is that of all blocks that name none."""

    def __init__(self, program, folder, environment):
        self.port = free_port()
        self.log = os.path.join(folder, os.path.basename(program) + ".log")
        self.pages = {name: f"127.0.0.1:{free_port()}" for name in ("PAGE", "PAGE2")}
        variables = {**os.environ, **environment, **self.pages, "TROUPE_ACTORS": f"127.0.0.1:{free_port()}", "TROUPE_UDP_SIZE": "4096"}
        with open(self.log, "wb") as out:
            self.child = subprocess.Popen([program, "-conf", "Corefile", "-dns.port", str(self.port)], cwd=folder, env=variables,
                                          stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_parent)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait(self):
        """True once it listens by TCP and UDP; False once it has ended."""
        end = time.monotonic() + SECONDS
        while self.child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                if has_udp(self.port):
                    return True
            except OSError:
                pass
            if time.monotonic() > end:
                raise RuntimeError(f"{self.log}: nobody listens at port {self.port} after {SECONDS} s")
            time.sleep(0.02)
        return False

    def refusal(self):
        """Why it ended: what it said last, without times, and without what a run is named after."""
        said = [line for line in self.text().splitlines() if line.strip() and not line.startswith(("maxprocs:", "[INFO]", "[WARNING]"))]
        return re.sub(r"^\S*\[(ERROR|FATAL)\] ", "", said[-1]) if said else f"status {self.child.returncode}"

    def stop(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


def without_place(text):
    return re.sub(r"\S*Corefile:\d+ - (Error during parsing: )?", "", text)


def same_refusal(coredns, troupe):
    """Where CoreDNS does not say the place, ours does; where it names the directive twice, ours does so once."""
    coredns = re.sub(r"^(plugin/\w+: )\1", r"\1", coredns)
    return coredns == troupe or coredns == without_place(troupe)


class Pair:
    def __init__(self, programs, folder, case, environment):
        for name, text in {**case.files, "Corefile": case.corefile}.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
        self.coredns, self.troupe = (Server(program, folder, environment) for program in programs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.coredns.stop()
        self.troupe.stop()
