# SPDX-License-Identifier: Apache-2.0
"""The Corefile stays as it is, and what it names changes: manifests, a kubeconfig."""
import os
import tempfile
import time

from asking import Follower
from changing import Changing
from files import COMPLETE, FAILED, KUBECONFIG, LATEST, TIMER
from played_api import PlayedApi
from server import free_port

SERVICE = """apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: default}}
spec: {{clusterIP: {address}, ports: [{{name: http, port: 80}}]}}
---
"""
FOLLOWED = 4  # seconds: two looks a second apart, and as much again
STAYS = ("stays.default.svc.cluster.local", "10.96.7.1")


def manifest(**services):
    return "".join(SERVICE.format(name=name, address=address)
                   for name, address in {"stays": STAYS[1], **services}.items())


def rcode_of(server, name):
    return server.rcode([name, "default", "svc", "cluster", "local"])


def manifests(report, world):
    """Files of the same names with other objects: by SIGUSR1, by the timer; broken ones are refused."""
    with tempfile.TemporaryDirectory(prefix="troupe-reload-") as folder:
        def block(server, more=""):
            return server.block(more=more).replace(str(server.folder / "manifests"), folder)

        def write(text):
            with open(f"{folder}/objects.yaml", "w") as f:
                f.write(text)

        write(manifest(old="10.96.7.2"))
        with Changing(world, block) as server:
            follower = Follower(server, [STAYS], 200)
            report("as it begins", (rcode_of(server, "old"), rcode_of(server, "new")) == (0, 3))
            write(manifest(new="10.96.7.3"))
            server.reload(says=COMPLETE)
            took = server.until("knew the new manifests", lambda: rcode_of(server, "new") == 0, 2)
            server.until("forgot the old ones", lambda: rcode_of(server, "old") == 3, 2)
            report("SIGUSR1: manifests are read anew", True, f"{took:.3f} s after the reload")
            write("kind: Service\nmetadata: [broken\n")
            failed = server.metric("coredns_reload_failed_total")
            server.reload(says=FAILED)
            report("broken ones are refused and counted", rcode_of(server, "new") == 0
                   and server.metric("coredns_reload_failed_total") == failed + 1)
            server.write(block(server, TIMER))
            write(manifest(new="10.96.7.3"))
            server.reload(says=COMPLETE)
            write(manifest(newer="10.96.7.4"))
            took = server.until("followed the manifests", lambda: rcode_of(server, "newer") == 0, LATEST)
            report("the timer of reload follows them", True, f"after {took:.1f} s")
            write("kind: Service\nmetadata: [broken\n")
            failed = server.metric("coredns_reload_failed_total")
            server.until("refused them", lambda: server.metric("coredns_reload_failed_total") > failed, LATEST)
            time.sleep(LATEST)
            report("broken ones are refused once", rcode_of(server, "newer") == 0
                   and server.metric("coredns_reload_failed_total") == failed + 1, server.metric("coredns_reload_failed_total"))
            followed = follower.finish()
            report("what stays was there all the time", followed["right"] == followed["asked"] > 0, followed)


def followed_manifests(report, world):
    """Without a signal and without `reload`: what changes, what is half written, a ConfigMap's switch, what goes."""
    with tempfile.TemporaryDirectory(prefix="troupe-reload-") as folder:
        def block(server):
            return server.block().replace(str(server.folder / "manifests"), folder)

        def write(name, text):
            with open(f"{folder}/{name}", "w") as f:
                f.write(text)

        write("objects.yaml", manifest(old="10.96.7.2"))
        with Changing(world, block) as server:
            follower = Follower(server, [STAYS], 200)
            write("objects.yaml", manifest(new="10.96.7.3"))
            took = server.until("followed a file", lambda: rcode_of(server, "new") == 0, FOLLOWED)
            server.until("forgot what it held", lambda: rcode_of(server, "old") == 3, 2)
            report("a file is followed", True, f"after {took:.1f} s")
            whole = manifest(half="10.96.7.4", new="10.96.7.3")
            for size in range(0, len(whole), len(whole) // 5):
                write("objects.yaml", whole[:size])
                time.sleep(0.4)
            write("objects.yaml", whole)
            server.until("followed what was written slowly", lambda: rcode_of(server, "half") == 0, FOLLOWED)
            os.mkdir(f"{folder}/..1")
            write("..1/more.yaml", SERVICE.format(name="more", address="10.96.7.5"))
            os.symlink("..1", f"{folder}/..data")
            os.symlink("..data/more.yaml", f"{folder}/more.yaml")
            server.until("followed a ConfigMap that came", lambda: rcode_of(server, "more") == 0, FOLLOWED)
            os.mkdir(f"{folder}/..2")
            write("..2/more.yaml", SERVICE.format(name="most", address="10.96.7.6"))
            os.symlink("..2", f"{folder}/..next")
            os.rename(f"{folder}/..next", f"{folder}/..data")
            server.until("followed its switch", lambda: rcode_of(server, "most") == 0 and rcode_of(server, "more") == 3, FOLLOWED)
            failed = server.metric("coredns_reload_failed_total")
            write("broken.yaml", "kind: [")
            time.sleep(FOLLOWED)
            report("what is broken changes nothing", rcode_of(server, "most") == 0 and rcode_of(server, "half") == 0)
            report("and is said once", server.metric("coredns_reload_failed_total") == failed + 1)
            os.remove(f"{folder}/broken.yaml")
            os.remove(f"{folder}/more.yaml")
            server.until("forgot what a file held that went", lambda: rcode_of(server, "most") == 3, FOLLOWED)
            followed = follower.finish()
            report("what stays was there all the time", followed["right"] == followed["asked"] > 0, followed)


def kubeconfig(report, world):
    """The same file names another API server: its objects replace those known, and until it answers these stay."""
    with tempfile.TemporaryDirectory(prefix="troupe-reload-") as folder, \
            PlayedApi({"stays": STAYS[1], "old": "10.96.7.2"}) as one:
        file, second_port = f"{folder}/kubeconfig", free_port()

        def write(port):
            with open(file, "w") as f:
                f.write(KUBECONFIG.format(port=port))

        def block(server):
            return server.block().replace(f"manifests {server.folder / 'manifests'}", f"kubeconfig {file} gone")

        write(one.port)
        with Changing(world, block) as server:
            server.until("was ready", lambda: server.page("ready", "/ready")[0] == 200)
            follower = Follower(server, [STAYS], 200)
            asked = one.asked
            server.reload(says=COMPLETE)
            time.sleep(0.5)
            report("an unchanged kubeconfig lists nothing again", one.asked == asked, one.asked - asked)
            write(second_port)
            server.reload(says=COMPLETE)
            time.sleep(1)
            report("the new API server does not answer: what is known stays", rcode_of(server, "old") == 0
                   and server.page("ready", "/ready")[0] == 200)
            with PlayedApi({"stays": STAYS[1], "new": "10.96.7.3"}) as two:
                write(two.port)
                server.reload(says=COMPLETE)
                took = server.until("knew the other cluster", lambda: rcode_of(server, "new") == 0, 3)
                server.until("forgot the first one", lambda: rcode_of(server, "old") == 3, 3)
                report("a changed kubeconfig takes effect", True, f"after {took:.2f} s")
                followed = follower.finish()
                report("what stays was there all the time", followed["right"] == followed["asked"] > 0, followed)
