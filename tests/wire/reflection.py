# SPDX-License-Identifier: Apache-2.0
"""P43: source ports and addresses that would make a server talk to itself or to another chatterer for ever. Runs a server
in a network namespace of its own, forges packets there and counts what passes. Needs root (CAP_NET_ADMIN, CAP_NET_RAW)."""
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

PORT = 1053
QUIET = 0.5  # seconds in which a loop would show thousands of packets
MOST = 4     # packets for one forged one: itself, an answer, what an echo makes of it, an ICMP error


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source, source_port, destination, port, payload):
    udp = struct.pack("!4H", source_port, port, 8 + len(payload), 0) + payload  # checksum 0: none
    start = struct.pack("!2B3H2BH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source),
                        socket.inet_aton(destination))
    return start[:10] + struct.pack("!H", checksum(start)) + start[12:] + udp


class Wiretap:
    """Counts the IP packets on lo. Each is seen once as outgoing and once as incoming there."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))

    def count(self, seconds):
        seen, deadline = 0, time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.socket], [], [], left)[0]:
                _, address = self.socket.recvfrom(65535)
                seen += address[2] != socket.PACKET_OUTGOING
        return seen


def echo(port):
    """What inetd's echo was: sends back whatever comes."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", port))

    def work():
        while True:
            data, peer = s.recvfrom(65535)
            try:
                s.sendto(data, peer)
            except OSError:
                pass

    threading.Thread(target=work, daemon=True).start()


def inside(program):
    """In the namespace: lines of `title<tab>what is wrong`."""
    from client import served_over_udp
    from packets import A, header, question
    from wire_server import Started

    for port in (7, 19, 53):
        echo(port)
    query = header(identity=7) + question("backend.default.svc.cluster.local", A)
    response = header(0x8180, identity=7) + question("backend.default.svc.cluster.local", A)
    broken = header(identity=7, qd=0)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    with Started(program, port=PORT) as server:
        sources = [("127.0.0.1", port) for port in (0, 7, 19, 53, PORT)]
        sources += [("127.255.255.255", 999), ("255.255.255.255", 999), ("0.0.0.0", 999), ("224.0.0.1", 53)]
        for source, port in sources:
            for kind, payload in (("query", query), ("response", response), ("broken query", broken)):
                tap = Wiretap()
                raw.sendto(datagram(source, port, "127.0.0.1", PORT, payload), ("127.0.0.1", 0))
                seen = tap.count(QUIET)
                wrong = f"{seen} packets for one" if seen > MOST else ""
                if not server.alive():
                    wrong = "the server is dead"
                elif not wrong and not served_over_udp(server.address):
                    wrong = "the next question was not answered"
                print(f"P43 {kind} from {source} port {port}\t{wrong}", flush=True)
        print(f"P43 neighbours of port 0\t{neighbours(server, raw, query)}", flush=True)


def neighbours(server, raw, query):
    """What cannot be answered must not cost those their answer who were read and written in one go with it."""
    from client import known_answer, known_query, udp_socket

    with udp_socket(server.address) as s:
        s.settimeout(2)
        for _ in range(200):
            raw.sendto(datagram("127.0.0.1", 0, "127.0.0.1", PORT, query), ("127.0.0.1", 0))
            s.send(known_query()[1])
        try:
            good = sum(known_answer(s.recv(65535)) for _ in range(200))
        except TimeoutError:
            return "not all of 200 neighbours were answered"
    return "" if good == 200 else f"{200 - good} of 200 neighbours got a wrong answer"


def cases(program):
    """(title, what is wrong) of each case."""
    # nsenter, not `ip netns exec`: that mounts /sys anew, which a chroot does not allow
    space = f"troupe-wire-{os.getpid()}"
    within = ["nsenter", f"--net=/run/netns/{space}"]
    subprocess.run(["ip", "netns", "add", space], check=True)
    try:
        subprocess.run([*within, "ip", "link", "set", "lo", "up"], check=True)
        done = subprocess.run([*within, sys.executable, __file__, program], text=True, stdout=subprocess.PIPE, timeout=120)
        lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
        yield from lines
        if done.returncode or not lines:
            yield "P43 in a network namespace", f"ended with status {done.returncode}"
    finally:
        subprocess.run(["ip", "netns", "del", space], check=True)


if __name__ == "__main__":
    inside(sys.argv[1])
