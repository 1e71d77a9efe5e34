# SPDX-License-Identifier: Apache-2.0
"""What a server costs and how fast it is, seen from outside: memory, the time to its first right answer, and the time until
a change is in its answers."""
import ipaddress
import socket
import statistics
import struct
import time

from processes import Failed
from wire import decode, encode_query

A, AAAA = 1, 28
PAUSE = 0.0002        # seconds between two questions while something is awaited
START_LIMIT = 60      # seconds for a server to give its first right answer
VISIBLE_LIMIT = 20    # and for a change to be seen


def memory(process):
    """(resident, peak, pages of files) of a process in MB of 10^6 octets."""
    with open(f"/proc/{process.pid}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return tuple(int(lines[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM", "RssFile"))


def addresses(message):
    """The addresses of an answer as a sorted list of texts; None if there is no answer, or one with an error."""
    if message is None or message.rcode != 0:
        return None
    return sorted(str(ipaddress.ip_address(r.data)) for r in message.answer if r.type in (A, AAAA))


class Watchful:
    """Asks one question over and over."""

    def __init__(self, port, name, qtype="A", edns=None):
        self.body = encode_query(name, qtype, edns)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(0.5)
        self.number = 0

    def ask(self):
        """The answer, or None."""
        self.number = self.number % 0xFFFF + 1
        try:
            self.socket.send(struct.pack("!H", self.number) + self.body)
            while True:
                reply = self.socket.recv(65535)
                if reply[:2] == struct.pack("!H", self.number):
                    return decode(reply)
        except OSError:  # nobody there yet, or late
            return None

    def until(self, wanted, seconds):
        """Asks until `wanted(answer)`; the seconds that took."""
        began = time.monotonic()
        while not wanted(self.ask()):
            if time.monotonic() - began > seconds:
                raise Failed(f"not answered as expected within {seconds} s")
            time.sleep(PAUSE)
        return time.monotonic() - began

    def close(self):
        self.socket.close()


def seconds_to_answer(start, name, wanted):
    """Starts a server with `start()` and returns it and the seconds until `name` has the addresses `wanted`."""
    began = time.monotonic()
    server = start()
    asking = Watchful(server.port, name)
    asking.until(lambda message: server.process.must_live() and addresses(message) == wanted, START_LIMIT)
    asking.close()
    return server, time.monotonic() - began


def seconds_to_see(server, name, change, rounds):
    """`change(n)` writes something and returns the addresses of `name` then; the time from its return until they are
    answered, `rounds` times."""
    asking, took = Watchful(server.port, name), []
    for n in range(rounds):
        wanted = change(n)
        took.append(asking.until(lambda message: addresses(message) == wanted, VISIBLE_LIMIT))
        time.sleep(0.02)
    asking.close()
    return took


def summary(times):
    """Median and worst, in ms."""
    return f"median {statistics.median(times) * 1000:.2f} ms, worst {max(times) * 1000:.2f} ms"
