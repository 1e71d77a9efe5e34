# SPDX-License-Identifier: Apache-2.0
"""The servers of the benchmark: how each is configured, started on chosen cores, asked and stopped."""
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import time

import names

for room in ("support", "directives"):
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", room))
from ports import free_port  # noqa: E402
from tls_upstream import Authority  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
START_LIMIT = 60  # seconds to the first right answer


def encode(name, number):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)


def skip_name(octets, at):
    while octets[at]:
        if octets[at] >= 0xC0:
            return at + 2
        at += octets[at] + 1
    return at + 1


def decode(octets):
    """(rcode, AA, sorted (type, TTL, data) of the answer section); names in data are not expanded."""
    _, flags, _, count, _, _ = struct.unpack_from(">6H", octets)
    at = skip_name(octets, 12) + 4
    records = []
    for _ in range(count):
        at = skip_name(octets, at)
        kind, _, ttl, length = struct.unpack_from(">2HIH", octets, at)
        records.append((kind, ttl, octets[at + 10:at + 10 + length].hex()))
        at += 10 + length
    return flags & 15, bool(flags & 0x0400), sorted(records)


class Server:
    def __init__(self, label, command, port):
        self.label, self.command, self.port = label, [str(c) for c in command], port
        self.process = None
        self.ready_after = 0.0  # seconds from start to the first right answer

    def start(self, cores, folder, question):
        began = time.monotonic()
        self.log = open(folder / f"{self.label.replace(' ', '-')}.log", "w+")
        self.process = subprocess.Popen(["taskset", "-c", cores, *self.command], cwd=folder, stdout=self.log,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        while self.process.poll() is None and time.monotonic() - began < START_LIMIT:
            answer = self.ask(question, 0.2)
            if answer and answer[0] == 0 and answer[2]:
                self.ready_after = time.monotonic() - began
                return
            time.sleep(0.01)
        self.log.seek(0)
        raise RuntimeError(f"{self.label} does not answer; {' '.join(self.command)} said:\n{self.log.read()[-2000:]}")

    def ask(self, name, wait=1.0):
        """The decoded answer to an A question, or None."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(wait)
            s.connect(("127.0.0.1", self.port))
            try:
                s.send(encode(name, 1))
                return decode(s.recv(4096))
            except OSError:
                return None

    def memory(self):
        """(resident, peak) in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        lines = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def echo(build, loops):
    port = free_port()
    return Server("echo", [build / "tests/bench/bench_echo", port, loops], port)


class TlsEcho(Server):
    """The upstream over TLS, and who has signed its certificate."""

    def __init__(self, build, folder):
        authority = Authority(folder, "authority")
        self.name, self.authority = "dns.example.test", authority.certificate
        certificate, key = authority.issue("upstream", f"DNS:{self.name},IP:127.0.0.1")
        port = free_port()
        super().__init__("TLS echo", [build / "tests/bench/bench_tls_echo", port, certificate, key], port)

    def ask(self, name, wait=1.0):
        context, query = ssl.create_default_context(cafile=self.authority), encode(name, 1)
        try:
            with socket.create_connection(("127.0.0.1", self.port), wait) as plain, \
                    context.wrap_socket(plain, server_hostname=self.name) as s:
                s.sendall(struct.pack(">H", len(query)) + query)
                return decode(s.recv(4096)[2:])  # one record, as it was written
        except OSError:
            return None


def knot(folder, loops):
    port = free_port()
    home = folder / "knot"
    home.mkdir()
    (home / "knot.conf").write_text(f"""server:
    listen: 127.0.0.1@{port}
    rundir: {home}
    udp-workers: {loops}
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: {home}
zone:
  - domain: {names.ZONE}
    file: {folder / (names.ZONE + '.zone')}
    zonefile-sync: -1
    journal-content: none
""")
    return Server("Knot", [program("knotd"), "-c", home / "knot.conf"], port)


def coredns(label, program, folder, loops, directives):
    """`directives`: the lines of the block that say what it answers from."""
    port = free_port()
    sockets = f"\n  multisocket {loops}" if loops > 1 else ""
    return Server(label, [program, "-conf", write_corefile(label, folder, f""".:{port} {{
  bind 127.0.0.1{sockets}
  prometheus 127.0.0.1:{free_port()}
  {directives}
}}
""")], port)


def troupe(label, program, folder, loops, directives):
    """Like coredns()."""
    port = free_port()
    return Server(label, [program, "-conf", write_corefile(label, folder, f""".:{port} {{
  bind 127.0.0.1
  multisocket {loops}
  prometheus 127.0.0.1:{free_port()}
  actors 127.0.0.1:{free_port()}
  {directives}
}}
""")], port)


def write_corefile(label, folder, text):
    corefile = folder / f"Corefile.{label.replace(', ', '-')}"
    corefile.write_text(text)
    return corefile


def dnsdist(folder, loops, upstream, cache, tls=None):
    """Without `cache` every question goes to the upstream; `tls`: a TlsEcho, which is then the upstream."""
    port = free_port()
    listen = f"addLocal('127.0.0.1:{port}', {{reusePort=true}})\n" * loops
    kept = "getPool(''):setCache(newPacketCache(100000))\n" if cache else ""
    secure = f", tls='openssl', subjectName='{tls.name}', caStore='{tls.authority}', validateCertificates=true, maxInFlight=128" if tls else ""
    (folder / "dnsdist.conf").write_text(f"""setSecurityPollSuffix('')
setACL('127.0.0.0/8')
{listen}newServer({{address='127.0.0.1:{upstream}'{secure}}})
{kept}""")
    return Server("dnsdist", ["dnsdist", "--supervised", "--disable-syslog", "-C", folder / "dnsdist.conf"], port)


def unbound(folder, loops, upstream, tls=None):
    """Asks the upstream for everything; does not validate. `tls` as in dnsdist()."""
    port = free_port()
    secure = "\n  forward-tls-upstream: yes" if tls else ""
    bundle = f'\n  tls-cert-bundle: "{tls.authority}"' if tls else ""
    name = f"#{tls.name}" if tls else ""
    (folder / "unbound.conf").write_text(f"""server:
  interface: 127.0.0.1@{port}
  num-threads: {loops}
  so-reuseport: yes
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  msg-cache-size: 64m
  rrset-cache-size: 128m{bundle}
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{upstream}{name}{secure}
remote-control:
  control-enable: no
""")
    return Server("unbound", [program("unbound"), "-d", "-c", folder / "unbound.conf"], port)


def program(name):
    """Where Debian puts servers, which not everybody's PATH names."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin") or name
