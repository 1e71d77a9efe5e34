# SPDX-License-Identifier: Apache-2.0
"""Asks a server one question and makes a value of the answer that can be compared and printed."""
import socket

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

SECONDS = 6  # CoreDNS waits five for an upstream
SECTIONS = ("answer", "authority", "additional")
CODES = {dns.edns.NSID: "NSID", dns.edns.ECS: "ECS", dns.edns.COOKIE: "COOKIE", dns.edns.EDE: "EDE"}


def option_of(text):
    code, _, octets = text.partition(":")
    return dns.edns.GenericOption(int(code), bytes.fromhex(octets))


def subnet_of(text):
    address, _, length = text.partition("/")
    return dns.edns.ECSOption(address, int(length))


def query_of(asked):
    options, edns = [], []
    for name, value in asked.options.items():
        if name == "nsid":
            edns.append(dns.edns.GenericOption(dns.edns.NSID, b""))
        elif name == "subnet":
            edns.append(subnet_of(value))
        elif name == "local":
            edns.append(option_of(value))
        else:
            options.append(name)
    wants_edns = bool(edns) or any(name in asked.options for name in ("do", "bufsize", "edns"))
    message = dns.message.make_query(asked.name, asked.type, asked.options.get("class", "IN"))
    if wants_edns:
        message.use_edns(0, ednsflags=dns.flags.DO if "do" in asked.options else 0,
                         payload=int(asked.options.get("bufsize", 1232)), options=edns)
    if "norec" in options:
        message.flags &= ~dns.flags.RD
    for name, flag in (("cd", dns.flags.CD), ("ad", dns.flags.AD)):
        message.flags = message.flags | flag if name in options else message.flags & ~flag
    unknown = set(options) - {"do", "bufsize", "edns", "norec", "cd", "ad", "tcp", "class", "from", "to", "seconds", "order", "wait"}
    if unknown:
        raise ValueError(f"{asked.line}: unknown option +{unknown.pop()}")
    return message


def option_text(option):
    octets = option.to_wire()
    return f"{CODES.get(option.otype, option.otype)}={octets.hex()}"


def facts_of(reply, in_order):
    """What counts: the code, flags, EDNS but for its size, and each section's records, in any order if not `in_order`."""
    arranged = list if in_order else sorted
    facts = {"rcode": dns.rcode.to_text(reply.rcode()), "flags": dns.flags.to_text(reply.flags),
             "question": " ".join(str(each) for each in reply.question),
             "edns": "" if reply.edns < 0 else " ".join(["there", dns.flags.edns_to_text(reply.ednsflags),
                                                        *sorted(option_text(option) for option in reply.options)])}
    for name in SECTIONS:
        facts[name] = arranged(f"{rrset.name} {rrset.ttl} {dns.rdataclass.to_text(rrset.rdclass)} {dns.rdatatype.to_text(rrset.rdtype)} {data.to_text()}"
                             for rrset in getattr(reply, name) for data in rrset)
    return facts


def ask(port, asked, own_port):
    """The facts of the answer of the server at `port` to us at `own_port`; {"silent": …} if none comes."""
    by_tcp = "tcp" in asked.options
    seconds, server = float(asked.options.get("seconds", SECONDS)), asked.options.get("to", "127.0.0.1")
    try:
        with socket.socket(type=socket.SOCK_STREAM if by_tcp else socket.SOCK_DGRAM) as own:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            own.bind((asked.options.get("from", "127.0.0.1"), own_port))
            own.settimeout(seconds)
            own.connect((server, port))
            way = dns.query.tcp if by_tcp else dns.query.udp
            for _ in range(int(asked.options.get("tcp") or 1)):
                reply = way(query_of(asked), server, timeout=seconds, port=port, one_rr_per_rrset=True, sock=own)
            return facts_of(reply, "order" in asked.options)
    except (dns.exception.Timeout, TimeoutError):
        return {"silent": f"no answer in {seconds:g} s"}
    except (EOFError, ConnectionResetError, BrokenPipeError):
        return {"broken": "closed"}  # which of them it is depends on what was still on its way
    except (dns.exception.DNSException, OSError) as error:
        return {"broken": f"{type(error).__name__}: {error}".replace(str(port), "PORT")}


def aged(first, second):
    """`second` with the TTLs of `first` where they are a second less or more: the two were asked one after the other."""
    def records(name):
        found = {}
        for text in first.get(name, []):
            owner, ttl, rest = text.split(" ", 2)
            found.setdefault((owner, rest), int(ttl))
        for text in second.get(name, []):
            owner, ttl, rest = text.split(" ", 2)
            known = found.get((owner, rest), int(ttl))
            yield f"{owner} {known if abs(known - int(ttl)) <= 1 else ttl} {rest}"
    return {**second, **{name: list(records(name)) for name in SECTIONS if name in second}}


def differences(coredns, troupe):
    """The parts that differ, each in a line of text."""
    troupe = aged(coredns, troupe)
    return [f"{part}: CoreDNS {coredns.get(part)!r}, Troupe {troupe.get(part)!r}"
            for part in sorted(coredns.keys() | troupe.keys()) if coredns.get(part) != troupe.get(part)]
