# SPDX-License-Identifier: Apache-2.0
"""Asks many questions fast: queries are encoded beforehand, a window of them is outstanding on one connected socket."""
import select
import socket
import struct
import time
from collections import namedtuple
from contextlib import nullcontext

from wire import decode, encode_query

WINDOW = 64            # outstanding queries; small enough that no socket buffer overflows
TRIES = 3              # sends of one query before it counts as unanswered
TIMEOUT = 1.0          # seconds without any answer before what is missing is sent again
CACHE_LIMIT = 60_000   # decoded answers kept


class Question(namedtuple("Question", "name qtype qclass proto edns do flags body")):
    """`proto`: udp or tcp. `edns`: offered size or None. Two equal questions are the same packet apart from the ID."""
    __slots__ = ()

    def __str__(self):
        edns = "" if self.edns is None else f" edns={self.edns}" + (" do" if self.do else "")
        return f"{self.name} {self.qclass} {self.qtype} {self.proto}{edns} [{' '.join(self.flags)}]"

    def over(self, proto):
        return self._replace(proto=proto)


def question(name, qtype, proto="udp", edns=None, do=False, flags=("rd",), qclass="IN"):
    return Question(name, qtype, qclass, proto, edns, do, flags, encode_query(name, qtype, edns, do, flags, qclass))


class Asker:
    """Asks one server. `retries` counts repeated sends; `unanswered` what stayed without an answer; `asked` all questions.
    `place()` is entered while sockets are made. Askers may share `decoded`, where answers that were seen before are kept."""

    def __init__(self, port, host="127.0.0.1", tries=TRIES, timeout=TIMEOUT, place=nullcontext, decoded=None):
        self.address, self.tries, self.timeout, self.place = (host, port), tries, timeout, place
        self.asked = self.retries = self.unanswered = self.strays = 0
        self.slowest = 0.0  # seconds from the first send to the answer, over all UDP questions so far
        self.next_id = 1
        self.decoded = {} if decoded is None else decoded
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with place():
            self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.connect(self.address)

    def close(self):
        self.udp.close()

    def ask(self, questions):
        """The answers as `wire.Message`, in the order of the questions; None where there was none."""
        answers = [None] * len(questions)
        for proto, send in (("udp", self.ask_udp), ("tcp", self.ask_tcp)):
            wanted = [i for i, q in enumerate(questions) if q.proto == proto]
            for at in range(0, len(wanted), WINDOW):
                send(questions, wanted[at:at + WINDOW], answers)
        self.asked += len(questions)
        self.unanswered += sum(1 for a in answers if a is None)
        return answers

    def ask_one(self, one):
        return self.ask([one])[0]

    def number(self, wanted):
        """A fresh ID for each question, so that a late answer never counts for another question."""
        ids = {}
        for i in wanted:
            ids[self.next_id] = i
            self.next_id = self.next_id % 0xFFFF + 1
        return ids

    def value(self, wire):
        key = wire[2:]
        known = self.decoded.get(key)
        if known is None:
            if len(self.decoded) > CACHE_LIMIT:
                self.decoded.clear()
            known = self.decoded[key] = decode(wire)
        return known

    def ask_udp(self, questions, wanted, answers):
        missing, began = self.number(wanted), time.monotonic()
        for attempt in range(self.tries):
            for number, i in missing.items():
                self.send_udp(struct.pack("!H", number) + questions[i].body)
            if attempt:
                self.retries += len(missing)
            while missing and select.select([self.udp], [], [], self.timeout)[0]:
                self.receive_udp(missing, answers)
                if not missing:
                    self.slowest = max(self.slowest, time.monotonic() - began)
            if not missing:
                return

    def send_udp(self, packet):
        try:
            self.udp.send(packet)
        except ConnectionRefusedError:
            pass  # an earlier packet met a closed port; this one counts as unanswered like that one

    def receive_udp(self, missing, answers):
        while missing:
            try:
                wire = self.udp.recv(65535, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            i = missing.pop(wire[0] << 8 | wire[1], None)
            if i is None:
                self.strays += 1
            else:
                answers[i] = self.value(wire)

    def ask_tcp(self, questions, wanted, answers):
        missing = self.number(wanted)
        for attempt in range(self.tries):
            if attempt:
                self.retries += len(missing)
            try:
                self.pipeline(questions, missing, answers)
            except OSError:
                pass  # closed or timed out: what is missing goes into the next connection
            if not missing:
                return

    def pipeline(self, questions, missing, answers):
        with self.place():
            tcp = socket.create_connection(self.address, timeout=self.timeout)
        with tcp:
            tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tcp.sendall(b"".join(struct.pack("!HH", len(questions[i].body) + 2, number) + questions[i].body
                                 for number, i in missing.items()))
            with tcp.makefile("rb") as stream:
                while missing:
                    length = stream.read(2)
                    if len(length) < 2:
                        return
                    wire = stream.read(struct.unpack("!H", length)[0])
                    i = missing.pop(wire[0] << 8 | wire[1], None)
                    if i is None:
                        self.strays += 1
                    else:
                        answers[i] = self.value(wire)
