# SPDX-License-Identifier: Apache-2.0
"""CoreDNS under the same attack: with the same names and pages as the Server of tests/faults, so that a Watch fits both."""
import multiprocessing
import pathlib
import subprocess
import threading

import api_server
from server import ROOT, Server

START_PATIENCE = 60.0  # seconds until it has listed the cluster


def _serve_api(cluster, port):
    port.send(api_server.start(cluster).server_address[1])
    threading.Event().wait()


class CoreDNS(Server):
    """`cluster`: as of tests/bench/names.py; it has it from a stand-in for an API server."""

    def __init__(self, cluster, **how):
        port, theirs = multiprocessing.Pipe()
        self.api = multiprocessing.get_context("fork").Process(target=_serve_api, args=(cluster, theirs), daemon=True)
        self.api.start()
        built = subprocess.run([ROOT / "tests/cluster/build"], stdout=subprocess.PIPE, text=True, check=True)
        super().__init__(cluster=f"    endpoint http://127.0.0.1:{port.recv()}\n", answers=False,
                         program=pathlib.Path(built.stdout.strip()) / "coredns", **how)
        self.until("was ready", lambda: self.page("ready", "/ready")[0] == 200, START_PATIENCE)

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.api.kill()
