# SPDX-License-Identifier: Apache-2.0
"""Zones from files that change, come and go while the server runs, and secondaries that hear of it."""
import socket
import threading
import time

import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone

from changing import Changing

LATEST = 5.0  # seconds: `reload 1s`, and NOTIFY about one zone at most so often


def zone_text(serial, *lines):
    return "\n".join((f"@ 60 SOA ns admin {serial} 3600 600 86400 60", "@ 60 NS ns", *lines, ""))


class Secondary(threading.Thread):
    """Takes each zone that it is told of, until the process ends. `serials`: zone -> those it took, in order."""

    def __init__(self):
        super().__init__(daemon=True)
        self.serials = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            wire, client = self.socket.recvfrom(512)
            told = dns.message.from_wire(wire)
            if told.opcode() != dns.opcode.NOTIFY or told.flags & 0x8000:
                continue
            self.socket.sendto(dns.message.make_response(told).to_wire(), client)
            zone = told.question[0].name
            taken = dns.zone.from_xfr(dns.query.xfr("127.0.0.1", zone, port=self.primary, timeout=3, lifetime=3))
            self.serials.setdefault(zone.to_text(), []).append(taken.get_rdataset("@", "SOA")[0].serial)

    def last(self, zone):
        return (self.serials.get(zone) or [None])[-1]

    def follow(self, primary):
        """`primary`: its port."""
        self.primary = primary
        self.start()


def corefile(port):
    return lambda server: (
        server.block() + f"test:{server.port} {{\n  bind 127.0.0.1\n"
        f"  transfer {{\n    to 127.0.0.1:{port}\n  }}\n"
        "  file db.file.test file.test {\n    reload 1s\n  }\n"
        "  auto {\n    directory zones\n    reload 1s\n  }\n}\n")


def addresses(server, name):
    """The answer's addresses; the code's name if it is not NOERROR."""
    answer = dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", port=server.port, timeout=2)
    if answer.rcode() != dns.rcode.NOERROR:
        return dns.rcode.to_text(answer.rcode())
    return sorted(each.address for rrset in answer.answer for each in rrset if rrset.rdtype == dns.rdatatype.A)


def files_of_zones(report, world):
    """`file` and `auto` with `reload 1s`: new serials, new files, files that go; the secondary hears of each."""
    secondary = Secondary()
    first = [("db.file.test", zone_text(1, "a 60 A 192.0.2.1"))]
    with Changing(world, corefile(secondary.port), files=first) as server:
        secondary.follow(server.port)

        def follows(what, holds):
            report(what, True, f"after {server.until(what, holds, LATEST + 3):.1f} s")

        def has(name, *wanted):
            return lambda: addresses(server, name) == list(wanted)

        def told(zone, serial):
            return lambda: secondary.last(zone) == serial

        follows("the secondary is told of a zone at the start", told("file.test.", 1))
        server.write(zone_text(2, "a 60 A 192.0.2.2"), "db.file.test")
        follows("`file` follows its file", has("a.file.test", "192.0.2.2"))
        follows("the secondary follows", told("file.test.", 2))
        report("no file yet: nobody knows the name", addresses(server, "a.auto.test") == "REFUSED",
               addresses(server, "a.auto.test"))
        (server.folder / "zones").mkdir()
        server.write(zone_text(7, "a 60 A 192.0.2.7"), "zones/db.auto.test")
        follows("`auto` finds a file that comes later", has("a.auto.test", "192.0.2.7"))
        follows("the secondary is told of it", told("auto.test.", 7))
        server.write(zone_text(8, "a 60 A 192.0.2.8"), "zones/db.auto.test")
        follows("`auto` follows its file", has("a.auto.test", "192.0.2.8"))
        follows("the secondary follows that, too", told("auto.test.", 8))
        server.write("@ 60 A 192.0.2\n", "zones/db.broken.test")
        server.until("said what is wrong", lambda: "Parse zone `broken.test.'" in server.output(), LATEST)
        report("a broken file harms no other", addresses(server, "a.auto.test") == ["192.0.2.8"], "")
        (server.folder / "zones/db.auto.test").unlink()
        follows("a zone goes with its file", lambda: addresses(server, "a.auto.test") == "REFUSED")
        report("each serial was taken once", secondary.serials == {"file.test.": [1, 2], "auto.test.": [7, 8]},
               secondary.serials)
        server.reload(server.first_corefile(server).replace("ttl 5", "ttl 6"))
        time.sleep(0.3)
        report("a reload tells of nothing new", secondary.last("file.test.") == 2, secondary.serials)
