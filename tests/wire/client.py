# SPDX-License-Identifier: Apache-2.0
"""Sends a packet and, on the same socket, a question whose answer is known: what has not been answered when that answer
is here, and a moment later, will not be. That is also the proof that the server still serves."""
import itertools
import socket
import struct
import time

from packets import A, Malformed, header, question, read

KNOWN_NAME, KNOWN_ADDRESS = "backend.default.svc.cluster.local", "10.96.0.100"
PATIENCE = 3.0   # seconds for an answer
GRACE = 0.03     # seconds for replies that should not come
identities = itertools.cycle(range(0x1000, 0x3FFF))


def known_query():
    identity = next(identities)
    return identity, header(identity=identity) + question(KNOWN_NAME, A)


def known_answer(wire):
    try:
        m = read(wire)
    except Malformed:
        return False
    return m.rcode == 0 and [r.data for r in m.sections[0]] == [socket.inet_aton(KNOWN_ADDRESS)]


def udp_socket(address):
    s = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(address)
    return s


def over_udp(address, packet):
    """(replies to `packet`, whether the question after it was answered)"""
    replies, served = [], False
    with udp_socket(address) as s:
        s.send(packet)
        identity, marker = known_query()
        s.send(marker)
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            s.settimeout(left)
            try:
                wire = s.recv(65535)
            except TimeoutError:
                break
            if not served and wire[:2] == struct.pack("!H", identity):
                served = known_answer(wire)
                deadline = min(deadline, time.monotonic() + GRACE)
            else:
                replies.append(wire)
    return replies, served


def frame(packet):
    return struct.pack("!H", len(packet)) + packet


def frames(s):
    """Messages from a connection until it ends."""
    buffer = b""
    while True:
        while len(buffer) >= 2 and len(buffer) >= 2 + (size := struct.unpack_from("!H", buffer)[0]):
            yield buffer[2:2 + size]
            buffer = buffer[2 + size:]
        try:
            octets = s.recv(1 << 18)
        except ConnectionResetError:
            return
        if not octets:
            return
        buffer += octets


def connect(address, patience=PATIENCE):
    s = socket.create_connection(address, timeout=patience)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def over_tcp(address, packet):
    """As over_udp. A server may close a connection on which nonsense came; the next one must be served."""
    replies = []
    identity, marker = known_query()
    with connect(address) as s:
        try:
            s.sendall(frame(packet) + frame(marker))
            for wire in frames(s):
                if wire[:2] != struct.pack("!H", identity):
                    replies.append(wire)
                    continue
                s.settimeout(GRACE)
                replies += frames_until_timeout(s)
                return replies, known_answer(wire)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
    return replies, served_over_tcp(address)


def frames_until_timeout(s):
    found = []
    try:
        for wire in frames(s):
            found.append(wire)
    except TimeoutError:
        pass
    return found


def served_over_tcp(address):
    identity, marker = known_query()
    try:
        with connect(address) as s:
            s.sendall(frame(marker))
            return known_answer(next(frames(s), b""))
    except OSError:
        return False


def served_over_udp(address):
    try:
        return over_udp(address, b"")[1]
    except ConnectionRefusedError:
        return False
