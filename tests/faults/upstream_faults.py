# SPDX-License-Identifier: Apache-2.0
"""U1 to U15: what other resolvers do wrong, against the running server. The same by parts and on a virtual clock:
tests/net/upstream_*_test.cpp (their names begin with the number), tests/actors, tests/config/forward_test.cpp."""
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Callable

import packets
from hostile import FORGED, GOOD, Hostile, address
from packets import FORMERR, NOERROR, REFUSED, SERVFAIL, TC, record
from server import ROOT, Server, free_port, question

MOST_PACKETS = 8   # to upstreams, for one question of a client
PATIENCE = 6.0     # seconds; the server's own for one question is 5
CNAME, HINFO = 5, 13
POINTER = b"\xc0\x0c"  # to the question's name
SAFE = "safe.example"


def then_good(*wrong):
    """Wrong replies, and the right one a moment later."""
    def behaviour(q):
        for make in wrong:
            made = make(q)
            q.say(made)
        q.later(0.2, q.good())
    return behaviour


def from_stranger(q):
    for _ in range(20):
        q.stranger.sendto(q.reply([address(POINTER, FORGED)]), q.client)
    q.later(0.2, q.good())


def wrong_id(q, by):
    return q.reply([address(POINTER, FORGED)], identity=int.from_bytes(q.packet[:2], "big") ^ by)


def other_case(q):
    return q.reply([address(POINTER, FORGED)], question=bytes([q.question[0], q.question[1] ^ 0x20]) + q.question[2:])


def lying_length(q):
    good = q.good()
    return good[:-6] + b"\xff\xff" + good[-4:]


def late(q):
    """The first attempt is answered when its time is over, with its own ID and with that of the second."""
    if q.tries == 0:
        late.first = q
        return
    late.first.later(0.2, late.first.reply([address(POINTER, FORGED)]))
    late.first.later(0.3, late.first.reply([address(POINTER, FORGED)], identity=int.from_bytes(q.packet[:2], "big")))
    q.later(0.6, q.good())


def chain(links, closed):
    names = [f"c{n}.example" for n in range(links)]
    targets = names[1:] + [SAFE if not closed else ""]
    records = [record(n, CNAME, packets.name(t) if t else POINTER, ttl=9) for n, t in zip(names, targets)]
    return lambda q: q.say(q.reply([record(POINTER, CNAME, packets.name(names[0]), ttl=9), *records,
                                    *([] if closed else [address(SAFE, GOOD)])]))


def flags_only(rcode):
    return lambda q: q.say(q.reply(flags=rcode))


def truncated(q):
    q.say(b"" if q.tcp else q.reply(flags=TC))  # by TCP the connection is closed


def knows_no_edns(q):
    q.say(q.reply(flags=FORMERR) if q.has_edns else q.good())


def with_strays(q):
    q.say(q.reply([address(POINTER, GOOD), address("bank.example", FORGED)],
                  [record("example", packets.NS, packets.name("ns.bank.example"))], [address("ns.bank.example", FORGED)]))


def good_alone(m):
    return [r.data for r in m.sections[0]] == [GOOD] and not m.sections[1] and not m.sections[2]


@dataclass
class Fault:
    name: str
    behaviour: Callable
    rcode: int = NOERROR
    right: Callable = good_alone
    within: float = 1.8  # seconds: less than `read_timeout`, with room for a busy machine
    tcp: bool = False    # the client asks by TCP
    size: int = 0        # octets that it takes by UDP; 0: it sends no OPT


def anything(_):
    return True


FAULTS = [
    Fault("u1-silent", lambda q: None, SERVFAIL, anything, within=5.0),
    # u2: nobody there; see REFUSING
    Fault("u3-wrong-id", then_good(*(lambda q, n=n: wrong_id(q, n) for n in range(1, 60)))),
    Fault("u4-wrong-question", then_good(lambda q: q.reply([address(POINTER, FORGED)], question=question(["bank", "example"], 0)[12:]))),
    Fault("u4-wrong-case", then_good(other_case)),
    Fault("u5-other-port", from_stranger),
    # u6: truncated, and no TCP; see WITHOUT_TCP
    Fault("u7-closes", lambda q: q.say(b""), SERVFAIL, anything, tcp=True),
    Fault("u7-truncated-closes", truncated, right=lambda m: m.flags & TC and not m.sections[0], size=4096),
    Fault("u8-cut", then_good(*(lambda q, n=n: q.good()[:n] for n in range(0, 45)))),
    Fault("u8-pointer-loop", then_good(lambda q: q.reply([struct.pack("!H", 0xC000 + 12 + len(q.question)) + address(b"", GOOD)]))),
    Fault("u8-rdlength", then_good(lying_length)),
    Fault("u8-4001-records", lambda q: q.say(q.reply([address(POINTER, n.to_bytes(4, "big")) for n in range(4001)])),
          SERVFAIL, anything, tcp=True),
    Fault("u8-3999-records", lambda q: q.say(q.reply([address(POINTER, n.to_bytes(4, "big")) for n in range(3999)])),
          right=lambda m: len(m.sections[0]) == 3999, tcp=True),
    Fault("u9-strays", with_strays),
    Fault("u10-loop-of-names", chain(2, True), right=anything),
    Fault("u10-chain-of-50", chain(49, False), right=lambda m: len(m.sections[0]) == 51, tcp=True),
    *(Fault(f"u11-ttl-{ttl}", lambda q, ttl=ttl: q.say(q.reply([address(POINTER, GOOD, ttl)])),
            right=lambda m, most=min(ttl, 2 ** 31 - 1): good_alone(m) and m.sections[0][0].ttl <= most)
      for ttl in (0, 2 ** 31, 2 ** 32 - 1)),
    Fault("u12-servfail", flags_only(SERVFAIL), SERVFAIL, anything),
    Fault("u12-refused", flags_only(REFUSED), REFUSED, anything),
    Fault("u12-formerr", flags_only(FORMERR), FORMERR, anything),
    Fault("u12-no-edns", knows_no_edns),
    # u13: back to us; see points_back
    Fault("u14-late", late, within=4.0),
    # u15: resolv.conf; see resolv_conf
]
WITHOUT_TCP = [Fault("u6-truncated-refused", truncated, right=lambda m: m.flags & TC and not m.sections[0], size=4096)]
REFUSING = [Fault("u2-refused", lambda q: None, SERVFAIL, anything)]


def ask(port, fault, zone):
    """(message or None, seconds)"""
    asked = question([fault.name, *zone.split(".")], packets.ID)
    if fault.size:
        asked = asked[:11] + b"\1" + asked[12:] + packets.opt(size=fault.size)
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if fault.tcp else socket.SOCK_DGRAM) as s:
        s.settimeout(PATIENCE)
        try:
            s.connect(("127.0.0.1", port))
            s.sendall(len(asked).to_bytes(2, "big") * fault.tcp + asked)
            wire = s.recv(int.from_bytes(s.recv(2), "big") if fault.tcp else 65535, socket.MSG_WAITALL * fault.tcp)
            return packets.read(wire), time.monotonic() - began
        except OSError:
            return None, time.monotonic() - began


def judge(fault, message, seconds, sent):
    if message is None:
        return "no answer"
    if message.rcode != fault.rcode or not fault.right(message):
        return f"rcode {message.rcode}, {message}"
    if seconds > fault.within:
        return f"too late: {seconds:.2f} s"
    return "too many packets to the upstream" if sent > MOST_PACKETS else ""


class Nobody:
    """An upstream's address without an upstream."""

    def __init__(self):
        self.port, self.seen = free_port(), Counter()

    def __exit__(self, *_):
        pass


class Forwarder(Server):
    """Zones of its own, each with lines of its block; no cluster."""

    def __init__(self, zones, port=0):
        self.zones = zones
        super().__init__(answers=False, port=port, costly=True)  # U8: a reply of 3,999 records is read in one piece, 5 ms
        self.until("was ready", lambda: self.page("ready", "/ready")[0] == 200)

    def corefile(self, *_):
        pages = "".join(f"  {name} 127.0.0.1:{port}\n" for name, port in self.pages.items() if name != "actors")
        blocks = [f"{zone}:{self.port} {{{{\n  bind 127.0.0.1\n  multisocket 1\n  errors\n{lines}}}}}\n"
                  for zone, lines in self.zones.items()]
        return "".join(blocks).format(port=self.port).replace("  errors\n", "  errors\n" + pages, 1)


def faults_of_upstreams(report, _):
    """U1 to U12 and U14, all at once: none disturbs another, none costs the process or more than a few packets."""
    groups = {"example": (FAULTS, Hostile({f.name: f.behaviour for f in FAULTS})),
              "notcp.test": (WITHOUT_TCP, Hostile({f.name: f.behaviour for f in WITHOUT_TCP}, tcp=False)),
              "nobody.test": (REFUSING, Nobody())}
    zones = {zone: f"  forward . 127.0.0.1:{upstream.port}\n" for zone, (_, upstream) in groups.items()}
    got = {}
    with Forwarder(zones) as server:
        def one(fault, zone):
            got[fault.name] = ask(server.port, fault, zone)
        threads = [threading.Thread(target=one, args=(f, zone)) for zone, (faults, _) in groups.items() for f in faults]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for faults, upstream in groups.values():
            for f in faults:
                wrong = judge(f, *got[f.name], upstream.seen[f.name])
                report(f.name, not wrong, wrong or f"{got[f.name][1]:.2f} s, {upstream.seen[f.name]} packets to the upstream")
        answer, seconds = ask(server.port, Fault("safe", None), "example")
        report("after U1 to U14 the next question is answered", answer is not None and good_alone(answer) and seconds < 1,
               f"{seconds:.3f} s")
    for _, upstream in groups.values():
        upstream.__exit__()


def what_goes_upstream(report, _):
    """CVE-2025-5994: no client's options reach an upstream, and none splits what identical questions share."""
    with Hostile({}) as upstream, Forwarder({"example": f"  cache\n  forward . 127.0.0.1:{upstream.port}\n"}) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", server.port))
            s.settimeout(PATIENCE)
            for n in range(20):
                options = packets.option(8, bytes((0, 1, 24, 0, 203, 0, n))) + packets.option(10, bytes(8)) + packets.option(3)
                s.send(packets.header(packets.RD, ar=1) + packets.question("subnet.example", packets.A) + packets.opt(options))
            answered = [good_alone(packets.read(s.recv(4096))) for _ in range(20)]
        sent = [p for p in upstream.packets if b"subnet" in p]
        options = [r.data for p in sent for r in packets.read(p).opts]
        report("20 clients with subnets of their own are one question, and no option goes upstream",
               all(answered) and len(sent) == 1 and options == [b""], f"{len(sent)} packets, options {options}")


def points_back(report, _):
    """U13: an upstream that is the server itself, and strangers who guess or repeat the names by which `loop` finds out."""
    with Forwarder({"example": "  forward . 127.0.0.1:{port}\n"}) as server:
        got = [None] * 20
        def one(n):
            got[n] = ask(server.port, Fault(f"back{n}", None), "example")
        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(got))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        asked = server.metric("coredns_dns_requests_total")
        report("u13-back: questions that come back end in SERVFAIL in time, and do not multiply",
               all(m and m.rcode == SERVFAIL and s < 5.5 for m, s in got) and asked <= MOST_PACKETS * len(got),
               f"{max(s for _, s in got):.1f} s, {asked:.0f} questions from {len(got)}")
    status, output = started("example:{port} {{\n  bind 127.0.0.1\n  loop\n  forward . 127.0.0.1:{port}\n}}\n")
    report("u13-loop: with `loop` the process ends and says so", status == 1 and "Loop (127.0.0.1:" in output,
           f"status {status}, {output[-200:]}")
    with Hostile({}) as upstream, Forwarder({"example": f"  loop\n  forward . 127.0.0.1:{upstream.port}\n"}) as server:
        def probes():
            return [each[12:] for each in upstream.packets if b"\0\0\x0d\0\1" in each]
        server.until("probed", probes)
        probe = probes()[0]  # with its OPT, which nobody counts
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", server.port))
            for n in range(1_000):
                for name in (f"{n}.{n << 40}.example", f"{n:032x}.example", "example"):
                    s.send(packets.header(packets.RD) + packets.question(name, HINFO))
            for _ in range(10):
                s.send(packets.header(packets.RD) + probe)
            time.sleep(0.3)
        answer, _ = ask(server.port, Fault("safe", None), "example")
        report("u13-guessed: names that strangers guess or repeat end nothing",
               server.process.poll() is None and answer is not None and good_alone(answer), server.output()[-300:])


def resolv_conf(report, _):
    """U15: files of servers that are empty, too long, or name the server itself."""
    block = "example:{port} {{\n  bind 127.0.0.1\n  forward . resolv.conf\n}}\n"
    for title, text in (("empty", ""), ("without a server", "search example\n# nameserver 192.0.2.1\n")):
        status, output = started(block, text)
        report(f"u15-{title}: the start is refused with a reason",
               status == 1 and "no valid upstream addresses found" in output, f"status {status}, {output[-200:]}")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "resolv.conf"
        file.write_text("".join(f"nameserver 127.83.0.{n}\n" for n in range(1, 51)))
        with Forwarder({"example": f"  forward . {file}\n"}) as server:
            answer, seconds = ask(server.port, Fault("any", None), "example")
            upstreams = sum(name.startswith("upstream/") for name in server.actors())
            report("u15-fifty servers: the first 15 count", answer and answer.rcode == SERVFAIL and upstreams == 15,
                   f"{upstreams} upstreams, SERVFAIL after {seconds:.2f} s")
    status, output = started("example {{\n  bind 127.83.1.1\n  loop\n  forward . resolv.conf\n}}\n", "nameserver 127.83.1.1\n")
    report("u15-self: a file that names the server is a loop", status == 1 and "-> 127.83.1.1:53) detected" in output,
           f"status {status}, {output[-200:]}")


def started(corefile, resolv="", patience=10):
    """(status, output) of a server that ends by itself; None for one that does not."""
    program = os.environ.get("TROUPE", str(ROOT / "build/faults/troupe"))
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "Corefile").write_text(corefile.format(port=free_port()))
        (pathlib.Path(folder) / "resolv.conf").write_text(resolv)
        environment = dict(os.environ, TROUPE_ACTORS=f"127.0.0.1:{free_port()}")
        with subprocess.Popen([program, "-conf", "Corefile"], cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                output = process.communicate(timeout=patience)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                return None, process.communicate()[0]
            return process.returncode, output
