# SPDX-License-Identifier: Apache-2.0
"""Other resolvers, each of which does what its mode says: U1 to U15 of tests/faults, and some that need a connection of their
own."""
import contextlib
import random
import socket
import struct
import time

import hostile
import packets
import upstream_faults

FLOOD, HUGE = 100, 60_000  # packets, octets
DRIPPED = 40               # octets, one each DRIP seconds
DRIP = 0.05
HELD = 5.0                 # seconds that a connection is kept without a word
TRIES = 10                 # for a port
NOBODY = ("127.0.0.1", 9)  # in place of who asked by TCP


def garbage(q):
    q.say(random.randbytes(random.randrange(1, 600)))


def garbage_behind_id(q):
    q.say(q.packet[:2] + random.randbytes(random.randrange(0, 600)))


def mutated(q):
    wire = bytearray(q.good())
    for _ in range(random.randint(1, 5)):
        wire[random.randrange(2, len(wire))] = random.choice((0, 0xC0, 0xFF, random.randrange(256)))
    q.say(bytes(wire))


def flood(q):
    for _ in range(1 if q.tcp else FLOOD):
        q.say(q.good())


def huge(q):
    owner = packets.name("x") if q.tries % 2 else upstream_faults.POINTER
    text = packets.record(owner, packets.TXT, b"\xff" + b"x" * 255, ttl=9)
    q.say(q.reply([text] * (HUGE // len(text))))


def echo(q):
    q.say(q.packet)


def slow(q):
    q.later(random.uniform(0.1, 3), q.good())


def delegation(q):
    q.say(q.reply((), [packets.record(upstream_faults.POINTER, packets.NS, packets.name("ns.bank.example"), ttl=30)]))


def into_the_cluster(q):
    q.say(q.reply([packets.record(upstream_faults.POINTER, 5, packets.name("backend.default.svc.cluster.local"), ttl=9)]))


def silent(q):
    pass


def right(q):
    q.say(q.good())


def truncated(q):
    q.say(q.good() if q.tcp else q.reply(flags=packets.TC))


# Without the one that knows its first question again.
FAULTS = [f for f in upstream_faults.FAULTS + upstream_faults.WITHOUT_TCP if f.behaviour is not upstream_faults.late]
BEHAVIOURS = {**{f.name: f.behaviour for f in FAULTS},
              **{f.__name__: f for f in (garbage, garbage_behind_id, mutated, flood, huge, echo, slow, delegation,
                                         into_the_cluster, silent, right, truncated)}}


def drip(connection):
    wire = connection.recv(4096)
    reply = struct.pack("!H", 500) + wire[2:14] + bytes(486)
    for octet in reply[:DRIPPED]:
        connection.sendall(bytes([octet]))
        time.sleep(DRIP)


def lie(connection):
    connection.recv(4096)
    connection.sendall(b"\xff\xff" + random.randbytes(1000))


def hold(connection):
    connection.settimeout(HELD)
    while connection.recv(4096):
        pass


def reset(connection):
    connection.recv(random.choice((0, 1, 4096)))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def noise(connection):
    for _ in range(20):
        connection.sendall(random.randbytes(5000))


CONNECTIONS = {f.__name__: f for f in (drip, lie, hold, reset, noise)}  # by UDP they say that the answer is truncated
MODES = ["right", "any", *sorted({*BEHAVIOURS, *CONNECTIONS} - {"right"})]


class Upstream(hostile.Hostile):
    """`mode`: one of MODES."""

    def __init__(self):
        self.mode = "right"
        for _ in range(TRIES):
            try:
                super().__init__(self)  # whose get() is asked for each behaviour
                return
            except OSError:  # the port of the UDP socket is another one's for TCP
                self.udp.close()
        raise RuntimeError("no port for an upstream")

    def get(self, *_):
        mode = random.choice(sorted(BEHAVIOURS)) if self.mode == "any" else self.mode
        return truncated if mode in CONNECTIONS else BEHAVIOURS[mode]

    def take(self, packet, tcp, say, client):
        def quietly(wire):
            with contextlib.suppress(OSError):  # who asked is gone
                say(wire)

        with contextlib.suppress(OSError, IndexError, packets.Malformed):  # gone, or our own junk back
            super().take(packet, tcp, quietly, client or NOBODY)

    def serve_connection(self, connection):
        how = CONNECTIONS.get(self.mode)
        if not how:
            return super().serve_connection(connection)
        with connection, contextlib.suppress(OSError):
            how(connection)
