# SPDX-License-Identifier: Apache-2.0
"""Whole zones: asked for by AXFR or IXFR, as values that can be compared, and what may differ between two of them."""
import fnmatch
import socket
import struct
from collections import namedtuple

from departures import rows
from wire import TYPES, data_text, decode, encode_name, name_text, type_name

AXFR, IXFR, SOA = 252, 251, 6

# `records`: {(owner, type, data): ttl} without the SOA, `repeated`: how many came more than once, `soas`: how many SOA
# there were, `serial`: of the first, `messages`: their sizes.
Zone = namedtuple("Zone", "rcode records repeated soas serial messages")


def encode(zone, qtype, serial):
    """A question with its length in front; with a serial there is an SOA in the authority section."""
    authority = b""
    if serial is not None:
        soa = b"\0\0" + struct.pack("!IIIII", serial, 0, 0, 0, 0)
        authority = encode_name(zone) + struct.pack("!HHIH", SOA, 1, 0, len(soa)) + soa
    packet = struct.pack("!HHHHHH", 4711, 0, 1, 0, 1 if authority else 0, 0) + encode_name(zone) + struct.pack("!HH", qtype, 1) + authority
    return struct.pack("!H", len(packet)) + packet


def read_exactly(stream, size):
    octets = stream.read(size)
    if len(octets) != size:
        raise EOFError(f"the connection ended after {len(octets)} of {size} octets")
    return octets


def serial_of(wire):
    """The serial of a message's first record, an SOA: the first of the five numbers at its data's end."""
    at = 12
    for skip in (4, 0):
        while wire[at] and wire[at] < 0xC0:
            at += wire[at] + 1
        at += (2 if wire[at] >= 0xC0 else 1) + skip
    end = at + 10 + struct.unpack_from("!H", wire, at + 8)[0]
    return struct.unpack_from("!I", wire, end - 20)[0]


def transfer(port, zone, qtype=AXFR, serial=None, timeout=60, host="127.0.0.1"):
    """The zone as that server gives it. A transfer ends with its second SOA; an IXFR may be its first alone."""
    with socket.create_connection((host, port), timeout=timeout) as connection, connection.makefile("rb") as stream:
        connection.sendall(encode(zone, qtype, serial))
        records, repeated, soas, first, sizes, rcode = {}, 0, 0, None, [], 0
        while soas < 2:
            wire = read_exactly(stream, struct.unpack("!H", read_exactly(stream, 2))[0])
            message = decode(wire)
            sizes.append(len(wire))
            rcode = message.rcode
            if rcode or not message.answer:
                break
            if first is None:
                first = serial_of(wire)
            for record in message.answer:
                if record.type == SOA:
                    soas += 1
                    continue
                key = record.owner, record.type, record.data
                repeated += key in records
                records.setdefault(key, record.ttl)
            if qtype == IXFR and soas == 1 and len(message.answer) == 1 and serial is not None:
                break
    return Zone(rcode, records, repeated, soas, first, sizes)


def soa_serial(port, zone, host="127.0.0.1", timeout=2):
    """What a server says by UDP; None if it has no such zone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        s.connect((host, port))
        s.send(encode(zone, SOA, None)[2:])
        try:
            wire = s.recv(4096)
        except OSError:
            return None
    answer = decode(wire).answer
    return serial_of(wire) if answer and answer[0].type == SOA else None


class TransferDepartures:
    """The rows of DEPARTURES.md that begin with `transfer:`. Their words: `differs=` ttl, missing or extra (here), weight (an
    SRV that is sent with another one), noport (an SRV for a port without number), and `qtype=` and `name=` as elsewhere; `@zone` stands for the zone."""

    def __init__(self):
        self.rows = []
        self.used = {}
        for name, words, _ in rows():
            if name.startswith("transfer:"):
                self.rows.append((name, dict(word.split("=", 1) for word in words.split())))
                self.used[name] = 0

    def covers(self, what, key, zone):
        owner = name_text(key[0]).lower().rstrip(".")
        for name, match in self.rows:
            patterns = match.get("name", "*").replace("@zone", zone).split(",")
            if (what in match.get("differs", "").split(",") and type_name(key[1]) in match.get("qtype", type_name(key[1])).split(",")
                    and any(fnmatch.fnmatchcase(owner, p) for p in patterns)):
                self.used[name] += 1
                return True
        return False


def without_weight(key):
    owner, rtype, data = key
    return (owner, rtype, data[:2] + data[4:]) if rtype == TYPES["SRV"] else key


def is_portless(key):
    """CoreDNS's -1 for a slice's port without a number, as 16 bits."""
    return key[1] == TYPES["SRV"] and key[2][4:6] == b"\xff\xff"


def unexplained(theirs, ours, zone, departures):
    """What CoreDNS's zone and ours differ in and no row covers, in words."""
    same_but_weight = {without_weight(key) for key in ours.records}
    found = [("weight" if without_weight(key) in same_but_weight else "noport" if is_portless(key) else "missing", key)
             for key in theirs.records.keys() - ours.records.keys()]
    found += [("extra", key) for key in ours.records.keys() - theirs.records.keys()]
    found += [("ttl", key) for key in ours.records.keys() & theirs.records.keys() if ours.records[key] != theirs.records[key]]
    return [f"{what}: {text_of(key)}" for what, key in found if not departures.covers(what, key, zone)]


def text_of(key):
    record = namedtuple("Record", "type data")(key[1], key[2])
    return f"{name_text(key[0])} {type_name(key[1])} {data_text(record)}"
