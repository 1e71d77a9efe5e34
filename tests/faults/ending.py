# SPDX-License-Identifier: Apache-2.0
"""Poisonous queries, the end of the server, a server without API server, a server without rights."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

from asking import Follower, Load, services_of
from killing import clean, finish
from server import ROOT, Server, free_port, question
from upstream import Upstream

BATCH = 64
UNKNOWN_USER = "65532"
LIBRARIES = ("libcaf_core", "libPocoNet", "libprometheus-cpp-core")
KUBECONFIG = """apiVersion: v1
kind: Config
current-context: gone
clusters: [{{name: gone, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: nobody, user: {{}}}}]
contexts: [{{name: gone, context: {{cluster: gone, user: nobody}}}}]
"""


def ask_at_once(server, asked):
    """identity -> rcode of questions that the server finds together when it wakes up."""
    rcodes = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", server.port))
        s.settimeout(2)
        server.process.send_signal(signal.SIGSTOP)
        for identity, name in enumerate(asked):
            s.send(question(name.split("."), identity))
        server.process.send_signal(signal.SIGCONT)
        try:
            while len(rcodes) < len(asked):
                wire = s.recv(65535)
                rcodes[int.from_bytes(wire[:2], "big")] = wire[3] & 15
        except TimeoutError:
            pass
    return rcodes


def poisoned(report, world):
    """A query that makes the handler throw gets SERVFAIL, its neighbours are answered, no actor restarts."""
    with world.server(loops=1) as server:
        asked = [s.host for s in world.cluster.services[:BATCH]]
        poison = {7: "fault-throw." + world.cluster.namespaces[0] + ".svc.cluster.local", 30: "fault-throw.cluster.local",
                  45: "fault-throw." + world.cluster.namespaces[3] + ".svc.cluster.local"}
        for at, name in poison.items():
            asked[at] = name
        restarts = sum(a["restarts"] for a in server.actors().values())
        panics = server.metric("coredns_panics_total")
        rcodes = ask_at_once(server, asked)
        report("a poisonous query gets SERVFAIL", all(rcodes.get(at) == 2 for at in poison), {at: rcodes.get(at) for at in poison})
        right = sum(rcodes.get(i) == 0 for i in range(BATCH) if i not in poison)
        report("its neighbours in the batch are answered", right == BATCH - len(poison), f"{right} of {BATCH - len(poison)}")
        after = sum(a["restarts"] for a in server.actors().values())
        report("no actor restarts", after == restarts, after - restarts)
        counted = server.metric("coredns_panics_total") - panics
        report("coredns_panics_total counts them", counted == len(poison), counted)


def lame_duck(report, world):
    """SIGTERM with `lameduck 5s`."""
    with world.server(lameduck="5s") as server:
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        follower = Follower(server, services_of(world.cluster), 100)
        server.until("was unready", lambda: server.page("ready", "/ready")[0] == 503, 2)
        health = server.page("health", "/health")
        while time.monotonic() - began < 4.5:
            time.sleep(0.05)
        followed = follower.finish()
        report("in lame duck it answers", followed["right"] == followed["asked"] > 0, followed)
        report("in lame duck /health is 200, /ready 503", health[0] == 200, health)
        status = server.process.wait(15)
        seconds = time.monotonic() - began
        report("and ends with status 0 after 5 to 9 s", status == 0 and 5 <= seconds <= 9, f"status {status} after {seconds:.2f} s")


def signals(report, world):
    """CoreDNS's statuses: SIGINT and SIGTERM after lame duck 0, however often SIGTERM comes; SIGQUIT at once 0, SIGINT twice 2."""
    cases = [  # signals, half a second apart; status; seconds from, to; what the log says
        ((signal.SIGINT,), 0, 2, 4, "[INFO] SIGINT: Shutting down"),
        ((signal.SIGTERM,), 0, 2, 4, "[INFO] SIGTERM: Shutting down servers then terminating"),
        ((signal.SIGQUIT,), 0, 0, 0.5, "[INFO] SIGQUIT: Quitting process immediately"),
        ((signal.SIGINT, signal.SIGINT), 2, 0.5, 1, "[INFO] SIGINT: Force quit"),
        ((signal.SIGTERM, signal.SIGTERM, signal.SIGTERM), 0, 2, 4, "[INFO] SIGTERM: Shutting down servers then terminating"),
        ((signal.SIGTERM, signal.SIGINT), 0, 2, 4, "[INFO] SIGINT: Shutting down"),
        ((signal.SIGINT, signal.SIGTERM), 0, 2, 4, "[INFO] SIGINT: Shutting down"),
        ((signal.SIGTERM, signal.SIGINT, signal.SIGINT), 2, 1, 1.5, "[INFO] SIGINT: Force quit"),
        ((signal.SIGTERM, signal.SIGQUIT), 0, 0.5, 1, "[INFO] SIGQUIT: Quitting process immediately"),
        ((signal.SIGHUP, signal.SIGUSR2, signal.SIGTERM), 0, 3, 5, "[INFO] SIGTERM: Shutting down servers then terminating"),
    ]
    for sent, status, least, most, said in cases:
        with world.server(lameduck="2s") as server:
            began = time.monotonic()
            for n, each in enumerate(sent):
                time.sleep(0.5 if n else 0)
                server.process.send_signal(each)
            got = server.process.wait(15)
            seconds = time.monotonic() - began
            report(" then ".join(each.name for each in sent) + f": status {status}",
                   got == status and least <= seconds <= most and said in server.output(), f"status {got} after {seconds:.2f} s")


def twin_on_the_port(report, world):
    """SIGTERM while another server has the same port: the kernel gives it what comes later."""
    with (Upstream() as upstream, world.tls_upstream() as secret,
          world.server_of_all((upstream,), (secret,)) as leaves):
        with world.server_of_all((upstream,), (secret,), port=leaves.port) as stays:
            drops = stays.kernel_drops()
            load = Load(stays, world.folder / "mixed", 8)
            time.sleep(3)
            answered = leaves.metric("coredns_dns_requests_total"), stays.metric("coredns_dns_requests_total")
            status, seconds = leaves.stop()
            figures = finish(load, stays, drops)
            report("SIGTERM with a twin on the port: no query notices", clean(figures) and status == 0,
                   f"{figures['text']}, status {status} after {seconds:.2f} s")
            report("both had answered", min(answered) > 1000, answered)


def without_api_server(report, _):
    """The kubeconfig names a port where nobody listens."""
    with tempfile.TemporaryDirectory(prefix="troupe-faults-") as folder:
        config = pathlib.Path(folder) / "kubeconfig"
        config.write_text(KUBECONFIG.format(port=free_port()))
        cluster = f"    kubeconfig {config} gone\n"
        with Server(cluster, answers=False) as server:
            server.until("opened its pages", lambda: server.page("health", "/health")[0] == 200)
            status, seconds = server.stop()
            report("SIGTERM while it waits for the API server ends it at once", status == 0 and seconds < 1,
                   f"status {status} after {seconds:.2f} s")
        with Server(cluster, answers=False) as server:
            name = ["backend", "default", "svc", "cluster", "local"]
            server.until("answered", lambda: server.ask(name, 0.2) is not None)
            report("without API server cluster names are SERVFAIL", server.rcode(name) == 2, server.rcode(name))
            ready, health = server.page("ready", "/ready"), server.page("health", "/health")
            report("/ready is 503 and names kubernetes", ready == (503, "kubernetes"), ready)
            report("/health is 200", health[0] == 200, health)
            status, seconds = server.stop()
            report("SIGTERM ends it at once", status == 0 and seconds < 1, f"status {status} after {seconds:.2f} s")


def files_written(pid):
    """Ordinary files that the process holds open for writing; its output, which is ours, is not one of them."""
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        flags = pathlib.Path(f"/proc/{pid}/fdinfo/{fd}").read_text().split("flags:")[1].split()[0]
        if int(fd) > 2 and target.startswith("/") and not target.startswith("/dev/") and int(flags, 8) & os.O_ACCMODE:
            found.append(target)
    return found


def without_rights(report, world):
    """As the user of the container image, in a folder that is not its own."""
    prefix = ("setpriv", "--reuid", UNKNOWN_USER, "--clear-groups", "--no-new-privs")
    with world.server(prefix=prefix) as server:
        before = sorted(str(p) for p in server.folder.rglob("*"))
        service = world.cluster.services[0]
        report("answers without rights", world.right(server, service), " ".join(prefix))
        owner = os.stat(f"/proc/{server.process.pid}/environ").st_uid
        report("nobody else of its user may look into it", owner == 0, f"/proc/PID/environ is of user {owner}")
        written = files_written(server.process.pid)
        status, _ = server.stop()
        written += sorted({str(p) for p in server.folder.rglob("*")} - set(before))
        report("writes no file", status == 0 and not written, written or "none")
    linked = subprocess.run(["ldd", ROOT / "build/release/troupe"], capture_output=True, text=True).stdout
    missing = [name for name in LIBRARIES if name not in linked]
    report("uses CAF, Poco and prometheus-cpp", not missing, missing or ", ".join(LIBRARIES))


def hardened(report, _):
    """What the linker does against who would make use of a fault, in the program that is shipped."""
    said = subprocess.run(["readelf", "--wide", "--file-header", "--dynamic", "--program-headers", ROOT / "build/release/troupe"],
                          capture_output=True, text=True).stdout
    marks = {"position independent": r"Type: +DYN", "all symbols bound at start": r"FLAGS_1.* NOW",
             "what was bound is read-only": r"GNU_RELRO", "stack holds no code": r"GNU_STACK .* RW +0x"}
    missing = [name for name, mark in marks.items() if not re.search(mark, said)]
    report("the release build is hardened", not missing, missing or ", ".join(marks))
