# SPDX-License-Identifier: Apache-2.0
"""How often the API server says something on a watch on which nothing happens."""
import http.client
import json
import ssl
import threading
import time

from cluster import TOKENS

IDLE = 150  # seconds of silence after which the server under test looks again
PATHS = {"services": "/api/v1/services", "namespaces": "/api/v1/namespaces",
         "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices"}


class Bookmarks:
    """Watches each resource from now on until the API server ends, and notes when bookmarks come."""

    def __init__(self, cluster):
        self.tls = ssl.create_default_context(cafile=cluster.path("ca.crt"))
        self.port, self.began, self.ended = cluster.ports["api"], time.monotonic(), {}
        self.times = {name: [] for name in PATHS}
        for name, path in PATHS.items():
            version = cluster.api.get(path + "?limit=1")["metadata"]["resourceVersion"]
            threading.Thread(target=self.watch, args=(name, f"{path}?watch=1&allowWatchBookmarks=true&timeoutSeconds=600&resourceVersion={version}"),
                             daemon=True).start()

    def watch(self, name, target):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls)
        try:
            connection.request("GET", target, headers={"Authorization": "Bearer " + TOKENS["dns"]})
            for line in connection.getresponse():
                if json.loads(line)["type"] == "BOOKMARK":
                    self.times[name].append(time.monotonic())
        except (OSError, ValueError, http.client.HTTPException):
            pass  # the API server was ended
        self.ended[name] = time.monotonic()

    def report(self, checks):
        for name, times in self.times.items():
            marks = [self.began, *times, self.ended.get(name, time.monotonic())]
            gaps = [after - before for before, after in zip(marks, marks[1:])]
            print(f"bookmarks for {name}: {len(times)} in {marks[-1] - marks[0]:.0f} s, longest silence {max(gaps):.1f} s")
            checks.check(max(gaps) < IDLE, f"no bookmark for {name} within {max(gaps):.0f} s: the limit of {IDLE} s is too short")
