# SPDX-License-Identifier: Apache-2.0
"""DNS over TCP: pipelined, cut, slow, unread, reset; transfers that are read slowly or left."""
import asked
from client import frame
from connections import UNREAD, Connection, Held
from paths import Finding

MOST = 150            # connections
PIPELINED = 100       # questions at most in one act
STORM = 60            # connections opened and left in one act
GARBAGE = 3000        # octets at most


class Stream(Connection):
    """Questions on a connection, and the answers in any order."""

    def __init__(self, *how):
        super().__init__(*how)
        self.sent, self.repeated, self.garbage = {}, set(), False

    def ask(self, packet, valid, repeated=False):
        """`repeated`: more than one message may come, as of a transfer."""
        identity = int.from_bytes(packet[:2], "big")
        self.sent[identity] = (packet, valid)
        if repeated:
            self.repeated.add(identity)
        self.waiting += frame(packet)


class Tcp:
    def __init__(self, subject, rng):
        self.address, self.held, self.strict, self.transferred = ("127.0.0.1", subject.port), Held(MOST, self.judge), 0, 0

    def judge(self, stream):
        at, got = 0, stream.got
        while len(got) >= at + 2 and len(got) >= at + 2 + (size := int.from_bytes(got[at:at + 2], "big")):
            self.take(stream, got[at + 2:at + 2 + size])
            at += 2 + size
        stream.got = got[at:]

    def take(self, stream, wire):
        identity = int.from_bytes(wire[:2], "big")
        if stream.garbage:
            return
        if identity not in stream.sent:
            raise Finding(f"TCP: a reply to nothing that was sent, or a second one: {wire[:600].hex()}")
        packet, valid = stream.sent[identity]
        repeated = identity in stream.repeated
        if not repeated:
            del stream.sent[identity]
        # Of a transfer, only the first message has to have the question (RFC 5936 section 2.2.1).
        wrong = asked.judge(packet, wire, valid and not repeated, True)
        if wrong:
            raise Finding(f"TCP: {wrong}: asked {packet.hex()}, got {wire.hex()[:3000]}")
        self.strict += valid and not repeated
        self.transferred += valid and repeated and wire[7] > 0

    def opened(self, rng, readers=UNREAD):
        return self.held.open(rng, self.address, Stream, readers)

    def one(self, rng):
        return self.opened(rng) if rng.random() < 0.3 else self.held.any(rng) or self.opened(rng)

    def ask(self, rng, most=3):
        stream, first = self.one(rng), rng.randrange(65536)
        for n in range(rng.randint(1, most)):
            identity = (first + n) % 65536
            packet = asked.question(rng, identity)
            if identity not in stream.sent:
                stream.ask(packet, True)

    def pipeline(self, rng):
        self.ask(rng, PIPELINED)

    def ask_unread(self, rng):
        """The biggest answer again and again, and nobody reads it."""
        stream = self.opened(rng, (0,))
        stream.garbage = True
        packet = asked.packets.header(0x100) + asked.packets.question("big.default.svc.cluster.local", asked.A)
        stream.waiting = frame(packet) * rng.randint(1, 2000)

    def transfer(self, rng):
        stream = self.opened(rng)
        stream.ask(asked.transfer(rng, rng.randrange(65536)), True, True)

    def nonsense(self, rng):
        stream = self.opened(rng)
        for n in range(rng.randint(1, 20)):
            stream.ask(asked.nonsense(rng, n), False, True)  # a changed packet may be a transfer's

    def garbage(self, rng):
        stream = self.one(rng)
        stream.garbage = True
        stream.waiting += rng.randbytes(rng.randint(1, GARBAGE))

    def half(self, rng):
        stream = self.opened(rng)
        packet = frame(asked.question(rng, 7))
        stream.garbage = True
        stream.waiting += packet[:rng.randrange(len(packet))]

    def end(self, rng):
        stream, how = self.held.any(rng), rng.choice(("reset", "reset", "half", "close"))
        if stream:
            stream.end(how)

    def storm(self, rng):
        how, what = rng.choice(("reset", "close", "half", None)), frame(asked.question(rng, 9))
        for _ in range(rng.randint(1, STORM)):
            stream = self.opened(rng)
            stream.garbage = True
            stream.waiting += what * (how is not None)
            stream.pump(len(what))
            if how:
                stream.end(how)

    ACTS = ((10, ask), (3, pipeline), (1, ask_unread), (3, transfer), (4, nonsense), (2, garbage), (2, half), (6, end),
            (1, storm))

    def collect(self, rng):
        self.held.collect(rng)

    def close(self):
        self.held.close()
