# SPDX-License-Identifier: Apache-2.0
"""Files that are broken, imported or linked; the timer; what cannot be had."""
import os
import signal
import socket
import tempfile
import time

from changing import Changing
from server import free_port

COMPLETE, FAILED = "[INFO] Reloading complete", "[ERROR] SIGUSR1: "
TIMER = "reload 2s 1s"
LATEST = 2.5 + 1  # seconds: the longest interval of the timer, and time to reload

KUBECONFIG = """apiVersion: v1
kind: Config
current-context: gone
clusters: [{{name: gone, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: nobody, user: {{}}}}]
contexts: [{{name: gone, context: {{cluster: gone, user: nobody}}}}]
"""


def last(server, beginning):
    """The last line that begins so."""
    return next((line for line in reversed(server.output().splitlines()) if line.startswith(beginning)), "")


def refused(report, server, what, text, reason):
    """The file is refused with a reason, counted, and the old configuration serves on."""
    before = server.metric("coredns_reload_failed_total")
    server.reload(text, FAILED)
    said = last(server, "[ERROR] Restart failed: ")
    report(f"{what}: refused, and said why", reason in said, said)
    report(f"{what}: counted", server.metric("coredns_reload_failed_total") == before + 1, "")
    report(f"{what}: the old configuration serves on", server.answer() == (0, 5) and server.page("ready", "/ready")[0] == 200
           and server.page("health", "/health")[0] == 200, server.answer())


def broken(report, world):
    with Changing(world) as server, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for what, text, reason in (
                ("braces too few", server.block()[:-4], "Corefile:"),
                ("an unknown directive", server.block(more="nonsense"), "Corefile:8"),
                ("a wrong option", server.block(kubernetes="ttl x"), "plugin/kubernetes: Corefile:"),
                ("manifests that are not there", server.block().replace("manifests\n", "manifests-gone\n"), "manifests-gone"),
                ("a port that is taken", server.block(ttl=9) + server.other_block(port), f"127.0.0.1:{port}"),
                ("a page's port that is taken", server.block(ttl=9).replace(str(server.pages["health"]), str(port)), str(port))):
            refused(report, server, what, text, reason)
        server.reload(server.block(ttl=7))
        report("mended: loaded", server.answer() == (0, 7), server.answer())
        server.reload(server.block(ttl=8).replace("multisocket 2", "multisocket 1"))
        report("another number of loops: all but that is loaded", server.answer() == (0, 8) and "asks for 1 loops" in
               last(server, "[WARNING]"), last(server, "[WARNING]"))
        os.unlink(server.folder / "Corefile")
        server.reload(says=FAILED)
        report("no file at all: the old configuration serves on", server.answer() == (0, 8), last(server, FAILED))


def by_timer(report, world):
    """`reload 2s 1s`: the file, an imported file, the links of a ConfigMap; a broken file is tried once."""
    with Changing(world, lambda server: server.block(more=TIMER)) as server:
        server.until("said its hash", lambda: server.count("plugin/reload: Running configuration SHA512 = ") == 1, 1)

        def follows(what, change, ttl):
            change()
            took = server.until("followed " + what, lambda: server.answer() == (0, ttl), LATEST)
            report(f"follows {what}", True, f"after {took:.1f} s")

        follows("the file", lambda: server.write(server.block(ttl=6, more=f"{TIMER}\n  import more.conf")
                                                 .replace("    ttl 6\n", "    import ttl.conf\n")) or
                server.write("loadbalance\n", "more.conf") or server.write("ttl 6\n", "ttl.conf"), 6)
        follows("an imported file", lambda: server.write("ttl 7\n", "ttl.conf"), 7)
        server.write(server.block(ttl=8, more=TIMER + "\n  nonsense"))
        failed = server.metric("coredns_reload_failed_total")
        server.until("refused a broken file", lambda: server.metric("coredns_reload_failed_total") > failed, LATEST)
        time.sleep(LATEST)
        report("a broken file is tried once", server.metric("coredns_reload_failed_total") == failed + 1
               and server.answer() == (0, 7), server.answer())
        follows("the mended file", lambda: server.write(server.block(ttl=8, more=TIMER)), 8)

        def hashes():
            return [line.rsplit(" ", 1)[1] for line in server.output().splitlines() if "SHA512 = " in line]

        def shown():
            return [line for line in server.page("prometheus", "/metrics")[1].splitlines()
                    if line.startswith("coredns_reload_version_info")]

        # Names are answered anew before the log and the page say so.
        server.until("said and showed the same hash",
                     lambda: shown() == [f'coredns_reload_version_info{{hash="sha512",value="{hashes()[-1]}"}} 1'])
        report("the hash is said and shown", len(set(hashes())) > 2 and all(len(h) == 128 for h in hashes()), shown())


def config_map(report, world):
    """A ConfigMap's volume: the Corefile is a link through `..data`, which is exchanged for another folder."""
    with Changing(world, lambda server: server.block(more=TIMER)) as server:
        def version(name, ttl):
            (server.folder / name).mkdir()
            server.write(server.block(ttl=ttl, more=TIMER), f"{name}/Corefile")
            os.symlink(name, server.folder / "..data_tmp")
            os.rename(server.folder / "..data_tmp", server.folder / "..data")

        version("..one", 5)
        os.symlink("..data/Corefile", server.folder / "link")
        os.rename(server.folder / "link", server.folder / "Corefile")
        version("..two", 9)
        took = server.until("followed the link", lambda: server.answer() == (0, 9), LATEST)
        report("follows a ConfigMap's exchanged folder", True, f"after {took:.1f} s")


def other_clusters(report, world):
    """Clusters that come and go; one that nobody reaches."""
    with Changing(world) as server, tempfile.TemporaryDirectory(prefix="troupe-reload-") as folder:
        server.until("had its last actor", lambda: "reload" in server.actors())  # it answers before that
        actors = set(server.actors())
        second = server.other_block().replace(str(server.folder / "manifests"), str(server.folder / "manifests/team-01.yaml"))
        inside = next(s for s in world.cluster.services if s.namespace == "team-01")
        outside = next(s for s in world.cluster.services if s.namespace == "team-02")
        server.reload(server.block() + second)
        report("a new cluster is known when the reload is complete", server.answer(inside, server.second) == (0, 5)
               and server.answer(outside, server.second)[0] == 3, server.answer(inside, server.second))
        report("its actors are in the tree", "2/namespaces" in server.actors(), "")
        server.reload(server.block())
        server.until("stopped the cluster's actors", lambda: not any(n.startswith("2/") for n in server.actors()), 5)
        left = set(server.actors()) - actors
        report("they go with it", all(n.startswith("zone/") for n in left), left)
        server.reload(server.block() + server.other_block())
        server.reload(server.block(kubernetes="endpoint_pod_names"))
        report("other needs of the same cluster are met", server.answer() == (0, 5), server.answer())

        kubeconfig = os.path.join(folder, "kubeconfig")
        with open(kubeconfig, "w") as out:
            out.write(KUBECONFIG.format(port=free_port()))
        away = (f"cluster.local:{server.second} {{\n  bind 127.0.0.1\n  kubernetes cluster.local {{\n"
                f"    kubeconfig {kubeconfig} gone\n    startup_timeout %s\n  }}\n}}\n")
        took = server.reload(server.block(ttl=6) + away % "1s")
        report("an unreachable cluster is waited for, then the rest goes on", 1 <= took < 3 and server.answer() == (0, 6)
               and server.answer(port=server.second)[0] == 2 and server.page("ready", "/ready") == (503, "kubernetes"),
               f"{took:.1f} s, {server.answer(port=server.second)}")
        server.reload(server.block(ttl=7))
        report("without it all is ready again", server.page("ready", "/ready")[0] == 200, "")
        server.write(server.block(ttl=6) + away % "10s")
        server.process.send_signal(signal.SIGUSR1)
        server.until("began to reload", lambda: "2/namespaces" in server.actors())
        status, seconds = server.stop()
        report("SIGTERM does not wait for a reload that waits", status == 0 and seconds < 2, f"status {status} after {seconds:.2f} s")
