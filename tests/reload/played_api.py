# SPDX-License-Identifier: Apache-2.0
"""An API server that knows some Services and has no news: lists them, holds watches open."""
import http.server
import json
import threading

KINDS = {"services": ("ServiceList", "v1"), "endpointslices": ("EndpointSliceList", "discovery.k8s.io/v1"),
         "namespaces": ("NamespaceList", "v1")}


class PlayedApi:
    """Use as a context. `services`: name -> cluster IP, all in namespace `default`."""

    def __init__(self, services):
        lists = {"services": [item(name, {"clusterIP": address}) for name, address in services.items()],
                 "endpointslices": [], "namespaces": [item("default", {}, None)]}
        self.lists, self.over, self.asked = lists, threading.Event(), 0
        played = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                played.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients come and go
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        self.asked += 1
        path, _, query = request.path.partition("?")
        if "sendInitialEvents=" in query:  # as one that does not know it
            return self.send(request, 422, {"kind": "Status", "code": 422, "reason": "Invalid"})
        if "watch=" in query:
            request.send_response(200)
            request.send_header("Transfer-Encoding", "chunked")
            request.end_headers()
            self.over.wait()
            request.close_connection = True
            return
        what = path.rsplit("/", 1)[1]
        kind, version = KINDS[what]
        self.send(request, 200, {"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": "7"},
                                 "items": self.lists[what]})

    @staticmethod
    def send(request, status, document):
        body = json.dumps(document).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def item(name, spec, namespace="default"):
    meta = {"name": name, "uid": name, "resourceVersion": "1"}
    return {"metadata": dict(meta, namespace=namespace) if namespace else meta, "spec": spec}
