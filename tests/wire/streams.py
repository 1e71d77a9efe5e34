# SPDX-License-Identifier: Apache-2.0
"""T1 to T11: TCP connections that are broken, slow, greedy or many. Each returns "" or what is wrong."""
import os
import resource
import select
import socket
import struct
import time

from client import connect, frame, frames, known_answer, known_query, served_over_tcp, served_over_udp
from packets import A, header, question
from wire_server import BIG_NAME

MANY = 10_000
CLOSED_WITHIN = 20  # seconds; CoreDNS waits 10 for the next query
MOST_GROWTH = 50    # MB for all connections at once (the goal is that 10,000 cost less)


def serves(server):
    if not server.alive():
        return "the server is dead"
    if not served_over_tcp(server.address):
        return "a new connection is not served"
    return "" if served_over_udp(server.address) else "UDP is not served"


def send_and_leave(server, *pieces):
    """Sends each piece on a connection of its own and looks at nothing."""
    for piece in pieces:
        with connect(server.address) as s:
            try:
                s.sendall(piece)
            except OSError:
                pass
    return serves(server)


def closed(sockets, within):
    """How many of them the server closes in time."""
    poller, open_sockets = select.poll(), {s.fileno(): s for s in sockets}
    for fd in open_sockets:
        poller.register(fd, select.POLLIN | select.POLLRDHUP)
    deadline, count = time.monotonic() + within, 0
    while open_sockets and (left := deadline - time.monotonic()) > 0:
        for fd, events in poller.poll(min(left, 1) * 1000):
            try:
                over = not open_sockets[fd].recv(65536)
            except OSError:
                over = True
            if over:
                poller.unregister(fd)
                del open_sockets[fd]
                count += 1
    return count


def t1(server):
    return send_and_leave(server, b"\0\0", b"\0\0" * 100)


def t2(server):
    return send_and_leave(server, b"\0\1A", b"\0\x0b" + header()[:11])


def t3(server):
    with connect(server.address) as s:
        s.sendall(b"\xff\xff" + header() + question())
        wrong = serves(server)
        return wrong or ("" if closed([s], CLOSED_WITHIN) else f"not closed within {CLOSED_WITHIN} s")


def t4(server):
    identity, query = known_query()
    with connect(server.address) as s:
        for octet in frame(query):
            s.sendall(bytes([octet]))
            time.sleep(0.02)
        return "" if known_answer(next(frames(s), b"")) else "not answered"


def t4_after_quiet(server):
    """A loop that slept must not take a new client for one that has been slow all that time."""
    time.sleep(7)
    return t4(server)


def time_of_new_connection(server):
    began = time.monotonic()
    served = served_over_tcp(server.address)
    return time.monotonic() - began if served else float("inf")


def t5_few(server):
    held = [connect(server.address) for _ in range(40)]
    wrong = serves(server)
    for s in held:
        s.close()
    return wrong


def t5_many(server):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before, held = server.resident(), []
    try:
        for i in range(MANY):
            s = connect(server.address)
            held.append(s)
            if i % 10 == 1:
                s.sendall(b"\0")  # slow: half a length
            elif i % 10 == 2:
                s.sendall(frame(known_query()[1]) * 5)  # stuck: reads nothing
        if min(time_of_new_connection(server) for _ in range(3)) > 1:
            return f"a new connection waits longer than 1 s beside {MANY}"
        lost = sum(not served_over_udp(server.address) for _ in range(100))
        if lost:
            return f"{lost} of 100 questions over UDP lost"
        growth = server.resident() - before
        if growth > MOST_GROWTH:
            return f"{growth:.0f} MB for {MANY} connections"
        gone = closed(held, CLOSED_WITHIN)
        return "" if gone == len(held) else f"only {gone} of {len(held)} idle connections closed"
    finally:
        for s in held:
            s.close()


def t6(server):
    queries = dict(known_query() for _ in range(64))
    with connect(server.address) as s:
        s.sendall(b"".join(frame(q) for q in queries.values()))
        for wire in frames(s):
            if not known_answer(wire) or queries.pop(struct.unpack_from("!H", wire)[0], None) is None:
                return "a wrong answer, or one too many"
            if not queries:
                return ""
    return f"{len(queries)} of 64 not answered"


def t7(server):
    identity, query = known_query()
    with connect(server.address) as s:
        s.sendall(frame(query))
        s.shutdown(socket.SHUT_WR)
        answers = list(frames(s))
    return "" if len(answers) == 1 and known_answer(answers[0]) else f"{len(answers)} answers after a half-close"


def t8(server):
    before = server.descriptors()
    for i in range(1000):
        s = connect(server.address)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sendall(frame(known_query()[1]))
        s.close()
    wrong = serves(server)
    deadline = time.monotonic() + 5
    while not wrong and server.descriptors() > before + 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    left = server.descriptors() - before
    return wrong or ("" if left <= 10 else f"{left} descriptors more than before")


def t9(server):
    """Asks for 1 GB of answers and reads none of them."""
    before, descriptors = server.resident(), server.descriptors()
    queries = frame(header(identity=7) + question(BIG_NAME, A)) * 1000
    asked, most, stuck_since = 0, before, time.monotonic()
    with connect(server.address) as s:
        s.setblocking(False)
        while time.monotonic() - stuck_since < 1 and asked < 170_000 * len(queries) // 1000:
            try:
                asked += s.send(queries)
                stuck_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break
            most = max(most, server.resident())
        wrong = serves(server)
        if wrong:
            return wrong
        most = max(most, server.resident())
        if most - before > MOST_GROWTH:
            return f"grew by {most - before:.0f} MB for a client that does not read"
        deadline = time.monotonic() + CLOSED_WITHIN
        while server.descriptors() > descriptors and time.monotonic() < deadline:
            time.sleep(0.1)
        return "" if server.descriptors() <= descriptors else f"not closed within {CLOSED_WITHIN} s"


def t10(server):
    hello = bytes.fromhex("16030100c8010000c40303") + os.urandom(32) + bytes(160)
    noise = [os.urandom(size) for size in (1, 2, 3, 100, 1000, 70000)]
    return send_and_leave(server, b"GET / HTTP/1.1\r\nHost: dns\r\n\r\n", b"\r\n" * 1000, hello, *noise)


def t11(server):
    count, window, query = 70_000, 50, known_query()[1]
    with connect(server.address) as s:
        s.sendall(frame(query) * window)
        sent = window
        for answered, wire in enumerate(frames(s), 1):
            if not known_answer(wire) if answered % 100 == 0 else len(wire) < 12:
                return f"answer {answered} is wrong"
            if answered == count:
                return ""
            if answered % window == 0 and sent < count:
                s.sendall(frame(query) * window)
                sent += window
    return "closed before all were answered"


CASES = (("T1 length 0", t1), ("T2 length 1 and 11", t2), ("T3 length ffff and 29 octets, held", t3),
         ("T4 octet by octet", t4),
         ("T4 octet by octet after 7 s of quiet", t4_after_quiet), ("T5 40 idle", t5_few), (f"T5 {MANY} idle, slow, stuck", t5_many),
         ("T6 64 pipelined", t6), ("T7 half-close", t7), ("T8 1,000 resets behind a query", t8),
         ("T9 1 GB asked, nothing read", t9), ("T10 HTTP, TLS, noise", t10), ("T11 70,000 on one connection", t11))
