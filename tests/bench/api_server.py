#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the API server, good for one thing: giving CoreDNS's `kubernetes` the benchmark's objects to hold. It
answers lists of namespaces, services and endpoint slices in JSON; a watch stays open and says nothing."""
import http.server
import json
import threading
import urllib.parse

import names

VERSION = "1000"


def lists(cluster):
    return lists_of(names.objects(cluster))


def lists_of(objects):
    """Path of each collection -> its list as JSON octets. `objects`: namespaces, services, endpoint slices."""
    paths = ("/api/v1/namespaces", "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices")
    kinds = ("NamespaceList", "ServiceList", "EndpointSliceList")
    result = {}
    for path, kind, items in zip(paths, kinds, objects):
        for i, item in enumerate(items):
            item["metadata"] |= {"uid": f"{kind}-{i}", "resourceVersion": str(i + 1)}
        version = items[0]["apiVersion"] if items else path.split("/", 2)[2].rsplit("/", 1)[0]
        result[path] = json.dumps({"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": VERSION},
                                   "items": items}).encode()
    return result


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.server.lists.get(url.path)
        query = urllib.parse.parse_qs(url.query)
        if body is None:
            self.answer(404, b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}')
        elif "watch" not in query:
            self.answer(200, body)
        elif "sendInitialEvents" in query:  # lists as events: not here; client-go then lists in the old way
            self.answer(400, b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":400}')
        else:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.server.over.wait()

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(cluster):
    return serve(lists(cluster))


def serve(collections):
    """Serves lists() from a thread of this process; returns the server, whose port is server_address[1]."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.lists = collections
    server.over = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
