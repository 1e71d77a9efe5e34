# SPDX-License-Identifier: Apache-2.0
"""Connections: many that say nothing, some that ask and do not read, some that ask for what is dear."""
import contextlib
import shutil
import socket
import struct
import tempfile
import time
from pathlib import Path

from asking import StreamFollower, services_of
from server import wire_name
from watch import VICTIM, Watch, held

ATTACKER = "127.0.0.1"
BIG, BIG_ENDPOINTS = "big.default.svc.cluster.local", 4_000  # a headless service whose answers fill a message
PIPELINED = 64                      # questions in one piece on each connection
UNREAD, UNREAD_FOR = 600, 6         # connections; seconds
SILENT, SOFT_LIMIT = 1_300, 1_024   # connections; descriptors that the process may open
DEAR, DEAR_FOR = 64, 6              # connections that read; seconds
TCP_RATE = 20                       # questions a second of the victim by TCP
FREED = 40                          # MiB that may stay when everything is over


def big_service():
    out = ["apiVersion: v1\nkind: Service\nmetadata: {name: big, namespace: default}\nspec: {clusterIP: None, "
           "ports: [{name: http, port: 80, protocol: TCP}]}\n"]
    for first in range(0, BIG_ENDPOINTS, 1_000):
        addresses = "\n".join(f"  - addresses: [10.{100 + i // 65_000}.{i // 250 % 250}.{i % 250 + 1}]"
                              for i in range(first, first + 1_000))
        out.append(f"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: big-{first}\n"
                   "  namespace: default\n  labels: {kubernetes.io/service-name: big}\naddressType: IPv4\n"
                   f"ports: [{{name: http, port: 80, protocol: TCP}}]\nendpoints:\n{addresses}\n")
    return "---\n".join(out)


@contextlib.contextmanager
def server_with_big_answers(world, **how):
    with tempfile.TemporaryDirectory(prefix="troupe-attacks-") as folder:
        manifests = Path(folder) / "manifests"
        shutil.copytree(world.folder / "manifests", manifests)
        (manifests / "big.yaml").write_text(big_service())
        Path(folder).chmod(0o755)
        from server import Server
        with Server(folder=manifests, **how) as server:
            yield server


def framed(name, qtype=1):
    message = struct.pack("!6H", 1, 0x100, 1, 0, 0, 0) + wire_name(name.split(".")) + struct.pack("!2H", qtype, 1)
    return len(message).to_bytes(2, "big") + message


def connect(server, source=ATTACKER):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(1)
    s.bind((source, 0))
    s.connect(("127.0.0.1", server.port))
    return s


def connections(server, count):
    """As many as the server lets in; the rest may be refused."""
    out = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            out.append(connect(server))
    return out


def close_all(those):
    for s in those:
        s.close()


def questions_not_read(report, world):
    """Each asks 64 questions with an answer of 64 kB, and reads nothing."""
    with server_with_big_answers(world) as server:
        with Watch(server, services_of(world.cluster)) as watch:
            those = connections(server, UNREAD)
            for s in those:
                with contextlib.suppress(OSError):
                    s.sendall(framed(BIG) * PIPELINED)
            time.sleep(UNREAD_FOR)
            close_all(those)
            time.sleep(1)
        held(report, f"{UNREAD} connections ask {PIPELINED} questions and read nothing", watch)
        grown = watch.figures.get("after", 1e6) - watch.figures.get("before", 0)
        report("and nothing of it stays", grown < FREED, f"{grown:.0f} MiB more than before")


def dear_questions(report, world):
    """Each asks for as much as it may all the time, and reads it all: victims wait for none of it."""
    with server_with_big_answers(world) as server:
        with Watch(server, services_of(world.cluster)) as watch:
            those = connections(server, DEAR)
            for s in those:
                s.setblocking(False)
            wanted, end, read = {s: b"" for s in those}, time.monotonic() + DEAR_FOR, 0
            while time.monotonic() < end:
                for s in those:
                    wanted[s] = wanted[s] or framed(BIG) * PIPELINED
                    with contextlib.suppress(OSError):
                        wanted[s] = wanted[s][s.send(wanted[s]):]
                    with contextlib.suppress(OSError):
                        read += len(s.recv(1 << 20))
            close_all(those)
        held(report, f"{DEAR} connections ask for {read / DEAR_FOR / 1e6:.0f} MB a second", watch)


def silent_connections_by_tcp(report, world):
    """More than there are descriptors: who asks by TCP from elsewhere is let in and keeps its connection."""
    with server_with_big_answers(world, prefix=("prlimit", f"--nofile={SOFT_LIMIT}:{SOFT_LIMIT}")) as server:
        follower = StreamFollower(server, services_of(world.cluster), TCP_RATE, source=VICTIM)
        with Watch(server, services_of(world.cluster)) as watch:
            those = connections(server, SILENT)
            time.sleep(1)
            before = follower.seen["connections"]
            with contextlib.suppress(OSError), connect(server, VICTIM) as late:
                late.sendall(framed(services_of(world.cluster)[0][0]))
                answered = len(late.recv(2)) == 2
            time.sleep(1)
        figures = follower.finish()
        held(report, f"{len(those)} silent connections where {SOFT_LIMIT} descriptors may be open", watch)
        report("who comes later is answered by TCP", answered)
        report("who asked by TCP before goes on", figures["right"] == figures["asked"] > 0 and figures["connections"] == 1,
               f"{figures}, {before} connections")
        close_all(those)


ATTACKS = [questions_not_read, dear_questions, silent_connections_by_tcp]
