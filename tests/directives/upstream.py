# SPDX-License-Identifier: Apache-2.0
"""The server that cases forward to: authoritative for `example.org`, by UDP and TCP on loopback. Any name below
`echo.example.org` answers what it was asked for and with which EDNS options."""
import os
import socketserver
import sys
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from asking import option_text

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from ports import free_port  # noqa: E402

ORIGIN = dns.name.from_text("example.org.")
ECHO = dns.name.from_text("echo.example.org.")
WAY = dns.name.from_text("way.example.org.")
ZONE = dns.zone.from_text("""
$TTL 300
@ SOA ns hostmaster 1 7200 1800 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
www AAAA 2001:db8::1
v4only A 192.0.2.4
self A 127.0.0.1
pair A 192.0.2.11
pair A 192.0.2.12
alias CNAME www
mail MX 10 www
text TXT "some text"
srv SRV 0 0 80 www
soon 1 A 192.0.2.6
""", ORIGIN, relativize=False)


def echo(query, asked):
    options = " ".join(option_text(option) for option in query.options)
    text = f"{asked.name} {dns.rdatatype.to_text(asked.rdtype)} {options}"
    return dns.rrset.from_text(asked.name, 300, "IN", "TXT", '"%s"' % text[:255].strip())


def answer(octets):
    query = dns.message.from_wire(octets)
    reply, asked = dns.message.make_response(query), query.question[0]
    reply.flags |= dns.flags.AA
    name = asked.name
    if name.is_subdomain(ECHO):
        reply.answer.append(echo(query, asked))
        return reply.to_wire()
    if not name.is_subdomain(ORIGIN):
        reply.flags &= ~dns.flags.AA
        reply.set_rcode(dns.rcode.REFUSED)
        return reply.to_wire()
    alias = ZONE.get_rrset(name, "CNAME")
    if alias and asked.rdtype != dns.rdatatype.CNAME:
        reply.answer.append(alias)
        name = alias[0].target
    found = ZONE.get_rrset(name, asked.rdtype)
    if found:
        reply.answer.append(found)
    else:
        reply.authority.append(ZONE.get_rrset(ORIGIN, "SOA"))
        if ZONE.get_node(name) is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


def other_answer(octets):
    """Every name has the address 192.0.2.200."""
    return fixed_answer(octets, dns.rcode.NOERROR, {"A": "192.0.2.200"})


def failing_answer(octets):
    return fixed_answer(octets, dns.rcode.SERVFAIL, {})


def fixed_answer(octets, code, data):
    query = dns.message.from_wire(octets)
    reply, asked = dns.message.make_response(query), query.question[0]
    reply.set_rcode(code)
    if text := data.get(dns.rdatatype.to_text(asked.rdtype)):
        reply.answer.append(dns.rrset.from_text(asked.name, 300, "IN", asked.rdtype, text))
    return reply.to_wire()


def with_the_way(octets, way, client):
    """Names below `way.example.org` answer TXT with the way and the address that a question came from."""
    query = dns.message.from_wire(octets)
    if not query.question or not query.question[0].name.is_subdomain(WAY):
        return None
    return fixed_answer(octets, dns.rcode.NOERROR, {"TXT": f'"{way} {client}"'})


class ByUdp(socketserver.BaseRequestHandler):
    def handle(self):
        octets, own = self.request
        own.sendto(with_the_way(octets, "udp", self.client_address[0]) or self.server.answer(octets), self.client_address)


class ByTcp(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(2)) == 2:
            octets = self.rfile.read(int.from_bytes(head, "big"))
            reply = with_the_way(octets, "tcp", self.client_address[0]) or self.server.answer(octets)
            self.wfile.write(len(reply).to_bytes(2, "big") + reply)


class Upstream:
    """Runs until the process ends. `answer` makes of a question's octets those of an answer."""

    def __init__(self, answer=answer):
        self.port = free_port()
        socketserver.ThreadingTCPServer.daemon_threads = socketserver.ThreadingTCPServer.allow_reuse_address = True
        for server in (socketserver.ThreadingUDPServer(("127.0.0.1", self.port), ByUdp),
                       socketserver.ThreadingTCPServer(("127.0.0.1", self.port), ByTcp)):
            server.answer = answer
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def address(self):
        return f"127.0.0.1:{self.port}"
