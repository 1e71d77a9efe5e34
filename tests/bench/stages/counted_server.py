# SPDX-License-Identifier: Apache-2.0
"""The whole server under callgrind: what it executes between two points of its life, by vgdb, without a change to it."""
import pathlib
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import dns.exception
import dns.message

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parent.parent / "support"), str(HERE.parent.parent / "directives"),
             str(HERE.parent.parent / "cluster")]
import asking  # noqa: E402
import cases  # noqa: E402
from fixed_libc import environment  # noqa: E402
from ports import free_port  # noqa: E402
from processes import die_with_parent  # noqa: E402

START_LIMIT = 60  # seconds to the first right answer
RETRY_AFTER = 0.5  # seconds, while it starts
ANSWER_LIMIT = 10  # seconds for one answer
VGDB_LIMIT = 60  # seconds for zero or dump
LANE = re.compile(r"as_query::.*_FUN\(")  # where actors/runtime/loop_scheduler.cpp runs an actor for questions
FUNCTION = re.compile(r"(c?)fn=\((\d+)\)(?: (.*))?$")
SHORT = 10  # questions of a short round
WARM = 200  # questions before any is counted: tables grown, buffers there, branches of first times behind us


class Failed(Exception):
    """What went wrong, in a line."""


@dataclass
class Count:
    loop: float  # instructions a question, of the thread that answers, which has by far the most
    lane: float  # those of them that are actors' work for questions: no sockets, no timers, and so the same at each run
    others: float  # of all other threads, who write lines, serve pages and look at files when they like
    entered: set  # source files of what was executed in each round


class Question:
    """One question in wire form, as `cases` spells it, and the code and number of answer records that it has to get. Where
    its first label is `fresh-00000`, each one sent has another number there."""

    def __init__(self, text, rcode=0, answers=0):
        self.text, self.rcode, self.answers = text, rcode, answers
        self.wire = bytearray(asking.query_of(cases.question(text, text)).to_wire())
        self.fresh = self.wire.find(b"fresh-") + len(b"fresh-") if b"\x0bfresh-" in self.wire else 0

    def numbered(self, number):
        self.wire[:2] = (number & 0xFFFF).to_bytes(2, "big")
        if self.fresh:
            self.wire[self.fresh:self.fresh + 5] = b"%05d" % (number % 100_000)
        return self.wire

    def fits(self, reply):
        return reply[3] & 15 == self.rcode and int.from_bytes(reply[6:8], "big") == self.answers


class CountedServer:
    """A server with one loop and this Corefile, whose `PORT` is the port it is asked at. Use it with `with`."""

    def __init__(self, program, folder, corefile, port, own_port):
        """`own_port`: where it is asked from. Tables are hashed by ports, so two counts to be compared have the same."""
        self.folder, self.port, self.dumps, self.sent = pathlib.Path(folder), port, 0, 0
        (self.folder / "Corefile").write_text(corefile.replace("PORT", str(self.port)))
        self.prefix = f"--vgdb-prefix={self.folder}/vgdb"
        self.log = open(self.folder / "log", "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            ["valgrind", "-q", "--tool=callgrind", "--separate-threads=yes", self.prefix,
             f"--callgrind-out-file={self.folder}/out", program, "-conf", "Corefile"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
            env={**environment(), "TROUPE_ACTORS": f"127.0.0.1:{free_port()}"})
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", own_port))
        self.socket.connect(("127.0.0.1", self.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()  # nothing is counted any more, and an orderly end takes its time
        self.process.wait()
        self.socket.close()
        self.log.close()

    def said(self):
        self.log.seek(0)
        return self.log.read()[-1000:].strip()

    def wait(self, question):
        """Returns when the question is answered as it has to be."""
        end, reply = time.monotonic() + START_LIMIT, None
        while time.monotonic() < end and self.process.poll() is None:
            reply = self.answer(question, RETRY_AFTER)
            if reply and question.fits(reply):
                return
            time.sleep(0.05)
        raise Failed(f"{question.text}: {self.shown(reply)} instead of code {question.rcode} and {question.answers} answer "
                     f"records; the server said: {self.said()}")

    def ask(self, question, times):
        """Asks in lock step."""
        for _ in range(times):
            reply = self.answer(question, ANSWER_LIMIT)
            if reply is None or not question.fits(reply):
                raise Failed(f"{question.text}: {self.shown(reply)}, answered rightly before; the server said: {self.said()}")

    def answer(self, question, limit):
        """The reply to the next of these, or None. Those to earlier ones, which came too late, are passed over."""
        self.sent += 1
        self.socket.settimeout(limit)
        try:
            self.socket.send(question.numbered(self.sent))
            while True:
                reply = self.socket.recv(65535)
                if len(reply) >= 12 and int.from_bytes(reply[:2], "big") == self.sent & 0xFFFF:
                    return reply
        except OSError:
            return None

    @staticmethod
    def shown(reply):
        try:
            return "silence" if reply is None else repr(dns.message.from_wire(reply).to_text())
        except dns.exception.DNSException as error:
            return f"what is no message: {error}"

    def vgdb(self, *words):
        subprocess.run(["vgdb", "--max-invoke-ms=5", self.prefix, f"--pid={self.process.pid}", *words], check=True, timeout=VGDB_LIMIT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def count(self, question, times, rounds):
        """A Count. Each of the rounds is a short and a long one, whose difference is `times` questions: what is due because
        the dump before took long falls out. Of the rounds the least counts: what timers do falls into others."""
        self.wait(question)
        self.ask(question, WARM)
        self.vgdb("zero")
        short, long = [], []
        for _ in range(rounds):
            short.append(self.round(question, SHORT))
            long.append(self.round(question, SHORT + times))
        loop, lane, others = ((min(r[i] for r in long) - min(r[i] for r in short)) / times for i in (0, 1, 2))
        return Count(loop, lane, others, set.intersection(*(r[3] for r in short + long)))

    def round(self, question, times):
        self.ask(question, times)
        self.vgdb("dump")
        return self.dumped()

    def dumped(self):
        """(instructions of the loop, of its lane of questions, of other threads, source files) of the newest dump, which has
        a file for each thread and has set the counters to zero."""
        self.dumps += 1
        threads, lanes, entered = [], 0, set()
        for file in self.folder.glob(f"out.{self.dumps}-*"):
            text = file.read_text()
            threads.append(int(re.search(r"^summary: (\d+)", text, re.M)[1]))
            lanes += instructions_below(LANE, text)
            entered.update(re.findall(r"^c?f[lie]=\(\d+\) (\S+)", text, re.M))
        if not lanes:
            raise Failed(f"{self.folder}: dump {self.dumps} has nothing of {LANE.pattern}: is that still its name?")
        return max(threads), lanes, sum(threads) - max(threads), entered


def instructions_below(function, dump):
    """What calls of the functions whose name fits cost, with all that those call, by a dump in callgrind's format."""
    named, called, total = {}, None, 0
    lines = iter(dump.splitlines())
    for line in lines:
        if found := FUNCTION.match(line):
            if found[3]:
                named[found[2]] = found[3]
            if found[1]:
                called = named[found[2]]
        elif line.startswith("calls="):
            cost = int(next(lines).split()[-1])
            if function.search(called):
                total += cost
    return total
