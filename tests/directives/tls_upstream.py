# SPDX-License-Identifier: Apache-2.0
"""Servers with TLS that cases forward to, with what `upstream.py` answers, and certificates of an authority that lives as long as
they do. Each has a variable for Corefiles."""
import os
import socketserver
import ssl
import tempfile
import threading

from authority import Authority
from ports import free_port
from upstream import ByTcp, answer

SERVERS = {  # variable: alternative names, days from now, whether clients have to show a certificate
    "TLS_UPSTREAM": ("IP:127.0.0.1,DNS:dns.example.test,DNS:*.wild.example.test", 2, False),
    "TLS_NAMED": ("DNS:dns.example.test", 2, False),
    "TLS_EXPIRED": ("IP:127.0.0.1,DNS:dns.example.test", -1, False),
    "TLS_STRICT": ("IP:127.0.0.1", 2, True),
}


class TlsServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    answer = staticmethod(answer)

    def __init__(self, port, context):
        super().__init__(("127.0.0.1", port), ByTcp)
        self.context = context

    def finish_request(self, request, client_address):
        """In the connection's own thread, where a handshake holds up nobody."""
        try:
            super().finish_request(self.context.wrap_socket(request, server_side=True), client_address)
        except OSError:
            pass  # who does not believe the certificate goes away


class SpeaksHttp(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(4096)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


class TlsUpstreams:
    """Run until the process ends. `variables`: for Corefiles; addresses of servers and paths of files."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="directives-tls-")
        authority, other = (Authority(self.folder.name, name) for name in ("authority", "other"))
        certificate, key = authority.issue("client", "DNS:client.example.test")
        self.variables = {"TLS_CA": authority.certificate, "TLS_OTHER_CA": other.certificate, "TLS_CERT": certificate, "TLS_KEY": key,
                          "TLS_OTHER_KEY": other.key}
        for variable, (names, days, strict) in SERVERS.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*authority.issue(variable.lower(), names, days))
            if strict:
                context.load_verify_locations(authority.certificate)
                context.verify_mode = ssl.CERT_REQUIRED
            self.serve(variable, lambda port, context=context: TlsServer(port, context))
        self.serve("SPEAKS_HTTP", lambda port: socketserver.ThreadingTCPServer(("127.0.0.1", port), SpeaksHttp))

    def serve(self, variable, make):
        port = free_port()
        threading.Thread(target=make(port).serve_forever, daemon=True).start()
        self.variables[variable] = f"127.0.0.1:{port}"
        if variable == "TLS_UPSTREAM":
            self.variables["TLS_PORT"] = str(port)
