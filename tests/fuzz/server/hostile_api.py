# SPDX-License-Identifier: Apache-2.0
"""An API server that answers as its mode says: right, or in one of the ways in which a broken one, or one that was taken
over, would."""
import contextlib
import gzip
import http.server
import json
import random
import socket
import threading
import time
import urllib.parse

from api_objects import Objects

ENDLESS = 4 << 20   # octets of what has no end
DRIP = 0.02         # seconds between two octets
DRIPPED = 500       # octets
HELD = 5.0          # seconds that a request is kept without a word
WATCH = 0.2         # seconds between two looks of a watch at the mode
BITS = (b"", b"\0", b"\xff", b"{", b"]", b'"', b"null", b"-1e999", b"[" * 300)
STATUS = b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no","reason":"%s","code":%d}'


def mutated(body):
    body = bytearray(body)
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(body)) if body else 0
        body[at:at + random.choice((0, 1, 1, 50))] = random.choice(BITS)
    return bytes(body)


def status(code, reason, **headers):
    return lambda r, body: r.send(code, STATUS % (reason.encode(), code), **headers)


def raw(make):
    """Octets instead of an answer; then the connection ends."""
    def behaviour(r, body):
        for piece in make(body):
            r.wfile.write(piece)
        r.close_connection = True
    return behaviour


def head(*lines):
    return b"\r\n".join((b"HTTP/1.1 200 OK", b"Content-Type: application/json", *lines, b"", b""))


CHUNKED = head(b"Transfer-Encoding: chunked")


def chunk(octets):
    return b"%x\r\n%s\r\n" % (len(octets), octets)


def endless(begin, piece):
    return raw(lambda body: [begin, *[piece] * (ENDLESS // len(piece))])


def dripped(body):
    for octet in (head(b"Content-Length: %d" % len(body)) + body)[:DRIPPED]:
        time.sleep(DRIP)
        yield bytes([octet])


def other_kind(kind):
    def behaviour(r, body):
        made = {"kind": kind, "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": []}
        r.send(200, json.dumps(made).encode())
    return behaviour


def silence(r, body):
    r.server.over.wait(HELD)
    r.close_connection = True


LIST = b'{"kind":"ServiceList","apiVersion":"v1","items":['
BEHAVIOURS = {
    "500": status(500, "InternalError"), "429": status(429, "TooManyRequests", Retry_After="1"),
    "429-long": status(429, "TooManyRequests", Retry_After="99999999999999999999"), "403": status(403, "Forbidden"),
    "401": status(401, "Unauthorized"), "410": status(410, "Expired"), "504": status(504, "Timeout"),
    "redirect": lambda r, body: r.send(302, b"", Location=r.path),
    "garbage": lambda r, body: r.send(200, random.randbytes(3000)),
    "status-200": lambda r, body: r.send(200, STATUS % (b"Expired", 410)),
    "empty": lambda r, body: r.send(200, b""), "null": lambda r, body: r.send(200, b"null"),
    "cut": lambda r, body: r.send(200, body[:len(body) // 2]), "mutated": lambda r, body: r.send(200, mutated(body)),
    "deep": lambda r, body: r.send(200, b'{"kind":"ServiceList","items":' + b"[" * 100_000),
    "pod-list": other_kind("PodList"), "status-list": other_kind("Status"),
    "no-version": lambda r, body: r.send(200, body.replace(b"resourceVersion", b"resourceversion")),
    "gzip": lambda r, body: r.send(200, gzip.compress(body), Content_Encoding="gzip"),
    "gzip-lie": lambda r, body: r.send(200, body, Content_Encoding="gzip"),
    "protobuf-lie": lambda r, body: r.send(200, body, kind="application/vnd.kubernetes.protobuf"),
    "protobuf": lambda r, body: r.send(200, b"k8s\0" + random.randbytes(2000), kind="application/vnd.kubernetes.protobuf"),
    "length-more": raw(lambda body: [head(b"Content-Length: 99999999"), body]),
    "length-huge": raw(lambda body: [head(b"Content-Length: 99999999999999999999999"), body]),
    "length-less": raw(lambda body: [head(b"Content-Length: 10"), body]),
    "two-lengths": raw(lambda body: [head(b"Content-Length: 10", b"Content-Length: 9999"), body]),
    "chunk-cut": raw(lambda body: [CHUNKED, chunk(body[:500]), b"fff\r\nhalf"]),
    "chunk-lie": raw(lambda body: [CHUNKED, b"ffffffffffffffff\r\n", body]),
    "chunk-bad": raw(lambda body: [CHUNKED, b"zz\r\n", body]),
    "chunk-octets": raw(lambda body: [CHUNKED, *(chunk(body[i:i + 1]) for i in range(len(body))), b"0\r\n\r\n"]),
    "endless-line": endless(CHUNKED[:-2] + b"X: ", b"a" * 65536), "endless-body": endless(head(), b"a" * 65536),
    "endless-object": endless(head() + LIST + b'{"metadata":{"name":"', b"a" * 65536),
    "endless-items": endless(head() + LIST + b"{}", b",{}" * 20_000),
    "endless-headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: value\r\n" * 1000),
    "endless-100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "no-http": raw(lambda body: [random.randbytes(500)]), "drip": raw(dripped), "silence": silence,
    "close": raw(lambda body: []),
}
EVENTS = {
    "410": STATUS % (b"Expired", 410), "unknown": b'{"type":"RENAMED","object":{}}\n', "none": b'{"type":"ADDED"}\n',
    "garbage": b"\xff\0\xfe{]\n",
    "old": b'{"type":"BOOKMARK","object":{"kind":"Service","metadata":{"resourceVersion":"1"}}}\n',
    "error": b'{"type":"ERROR","object":' + STATUS % (b"Expired", 410) + b"}\n", "half": b'{"type":"ADDED","obj',
    "nameless": b'{"type":"DELETED","object":{"metadata":{"resourceVersion":"99999999999999999999"}}}\n',
    "lines": b"\n" * 5000,
}
MODES = ["right", "any", *sorted(BEHAVIOURS), *(f"watch-{each}" for each in sorted(EVENTS)), "watch-mutated", "watch-end"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds without a request

    @property
    def api(self):
        return self.server.api

    def do_GET(self):
        path, query = (part := urllib.parse.urlsplit(self.path)).path, urllib.parse.parse_qs(part.query)
        self.api.asked += 1
        mode = random.choice(MODES) if self.api.mode == "any" else self.api.mode
        body = self.api.objects.list_of(path)
        if mode in BEHAVIOURS:
            BEHAVIOURS[mode](self, body or b"{}")
        elif body is None:
            self.send(404, STATUS % (b"NotFound", 404))
        elif "watch" not in query:
            self.send(200, body)
        elif "sendInitialEvents" in query:
            self.send(422, STATUS % (b"Invalid", 422))
        else:
            self.watch(path, int(query.get("resourceVersion", ["0"])[0]))

    def watch(self, path, version):
        self.wfile.write(CHUNKED)
        self.close_connection = True
        while not self.server.over.is_set():
            news, mode = self.api.objects.after(version, path, WATCH), self.api.mode
            if news is None:
                self.wfile.write(chunk(EVENTS["error"]))
                return
            version, events = news
            for octets in events:
                self.wfile.write(chunk(mutated(octets) if mode == "watch-mutated" else octets))
            if mode.removeprefix("watch-") in EVENTS and mode.startswith("watch-"):
                self.wfile.write(chunk(EVENTS[mode.removeprefix("watch-")]))
            elif mode not in ("right", "watch-mutated"):
                return  # without the last chunk

    def send(self, code, body, kind="application/json", **headers):
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        with contextlib.suppress(OSError, ValueError):
            super().handle()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api):
        self.api, self.over, self.connections = api, threading.Event(), set()
        super().__init__(("127.0.0.1", api.port), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def process_request(self, request, client):
        self.connections.add(request)
        super().process_request(request, client)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def end(self):
        self.over.set()
        self.shutdown()
        self.server_close()
        for each in list(self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class HostileApi:
    """Use as a context. `mode`: one of MODES."""

    def __init__(self, port, seed):
        self.port, self.objects, self.mode, self.asked, self.server = port, Objects(seed), "right", 0, None
        self.come()

    def come(self):
        self.server = self.server or Server(self)

    def go(self):
        """Nobody listens, and whoever watched is left."""
        if self.server:
            self.server.end()
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()
