# SPDX-License-Identifier: Apache-2.0
"""Requests to all pages: whole, in parts, pipelined, broken, many."""
from connections import Connection, Held
from paths import Finding

MOST = 60     # connections
STORM = 30    # opened in one act
PAGES = {"health": ("/health",), "ready": ("/ready", "/ready?verbose"), "prometheus": ("/metrics",),
         "actors": ("/", "/actors")}
PATHS = ("/health", "/ready", "/ready?verbose", "/metrics", "/actors", "/", "/nothing", "/../../etc/passwd",
         "/actors?%00%ff", "*", "http://x/health", "/" + "a" * 9000)
HEADERS = ("Host: x", "Connection: close", "Connection: keep-alive", "Accept-Encoding: gzip", "Expect: 100-continue",
           "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked",
           "X: " + "y" * 9000, ": empty", "no colon", "Range: bytes=0-1", "Host: a\r\nHost: b", "Upgrade: h2c")
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "G\0T", "")
VERSIONS = ("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "", "HTTP/1.1 x")


class Page(Connection):
    begun = False  # the status line was seen


class Http:
    def __init__(self, subject, rng):
        self.ports, self.held, self.answered = subject.pages, Held(MOST, self.judge), 0

    def judge(self, page):
        """The first that comes is a status line."""
        line = page.got[:len("HTTP/1.1 200")]
        if not page.begun:
            if not line.startswith(b"HTTP/"[:len(line)]):
                raise Finding(f"HTTP: no status line: {page.got[:300]}")
            if len(line) < len("HTTP/1.1 200"):
                return
            page.begun = True
            self.answered += line.endswith(b" 200")
        page.got = b""

    def opened(self, rng, page=None):
        return self.held.open(rng, ("127.0.0.1", self.ports[page or rng.choice(list(PAGES))]), Page)

    def valid(self, rng):
        """(page, request)"""
        page = rng.choice(list(PAGES))
        return page, f"GET {rng.choice(PAGES[page])} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    @staticmethod
    def invalid(rng):
        first = f"{rng.choice(METHODS)} {rng.choice(PATHS)} {rng.choice(VERSIONS)}"
        lines = [first, *rng.sample(HEADERS, rng.randint(0, 5)), "", ""]
        return rng.choice(("\r\n", "\r\n", "\n", "\r")).join(lines).encode() + rng.randbytes(rng.choice((0, 0, 5, 2000)))

    def ask(self, rng):
        page, request = self.valid(rng)
        self.opened(rng, page).waiting = request * rng.choice((1, 1, 2, 50))

    def ask_wrongly(self, rng):
        self.opened(rng).waiting = self.invalid(rng)

    def ask_in_parts(self, rng):
        page, request = self.valid(rng)
        self.opened(rng, page).waiting = request[:rng.randrange(len(request))]

    def garbage(self, rng):
        self.opened(rng).waiting = rng.randbytes(rng.randint(1, 3000))

    def endless_header(self, rng):
        self.opened(rng).waiting = b"GET /health HTTP/1.1\r\n" + b"X-Header: value\r\n" * rng.randint(1, 20_000)

    def end(self, rng):
        one, how = self.held.any(rng), rng.choice(("reset", "half", "close"))
        if one:
            one.end(how)

    def storm(self, rng):
        for _ in range(rng.randint(1, STORM)):
            page, request = self.valid(rng)
            self.opened(rng, page).waiting = request if rng.random() < 0.5 else b""

    ACTS = ((6, ask), (4, ask_wrongly), (2, ask_in_parts), (1, garbage), (1, endless_header), (3, end), (1, storm))

    def collect(self, rng):
        self.held.collect(rng)

    def close(self):
        self.held.close()
