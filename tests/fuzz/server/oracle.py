# SPDX-License-Identifier: Apache-2.0
"""What must hold all the time, and what must hold again once everything around the server is right."""
import socket
import time

import client
import packets
from acts_files import RETURNED, RETURNED_ADDRESS
from hostile import GOOD
from paths import Finding

GOOD_ADDRESS = socket.inet_ntoa(GOOD)
PATIENCE = 60.0       # seconds for what is right in a moment when nothing is done to the server
TRY_AGAIN = 0.2       # seconds
MOST_RESIDENT = 1_000    # MB, with AddressSanitizer
MOST_DESCRIPTORS = 3_000 # what is held open here, and sockets for the questions of a few seconds
RECOVERY = 120.0      # seconds for all names once the world is right again
SKIPPED = 40.0        # seconds that the clocks jump meanwhile now and then: nobody should wait for back-offs


def until(subject, what, holds, patience=PATIENCE, between=lambda: None):
    """Seconds it took; raises a Finding if it never was, or the process ended."""
    began = time.monotonic()
    while not holds():
        alive(subject)
        if time.monotonic() - began > patience:
            raise Finding(f"{what}: not within {patience:.0f} s")
        between()
        time.sleep(TRY_AGAIN)
    return time.monotonic() - began


def alive(subject):
    if subject.process.poll() is not None:
        raise Finding(f"the process ended with status {subject.process.returncode}")


def address_of(subject, name):
    """The first address in the answer over UDP; None without one."""
    with client.udp_socket(("127.0.0.1", subject.port)) as s:
        s.settimeout(client.PATIENCE)
        try:
            s.send(packets.header(packets.RD) + packets.question(name, packets.A))
            m = packets.read(s.recv(65535))
        except OSError:
            return None
    found = [r.data for r in m.sections[0] if r.rtype == packets.A]
    return socket.inet_ntoa(found[0]) if found and m.rcode == 0 else None


class Oracle:
    def __init__(self, subject, descriptors):
        self.subject, self.descriptors, self.looks, self.slowest, self.most = subject, descriptors, 0, 0.0, 0.0

    def look(self):
        """Raises a Finding."""
        alive(self.subject)
        address = ("127.0.0.1", self.subject.port)
        checks = (("a known name over UDP", lambda: client.served_over_udp(address)),
                  ("a known name over TCP", lambda: client.served_over_tcp(address)),
                  ("/health", lambda: self.subject.page("health", "/health")[0] == 200),
                  ("a forwarded name", lambda: address_of(self.subject, f"w{self.looks}.good.test") == GOOD_ADDRESS))
        for what, holds in checks:
            self.slowest = max(self.slowest, until(self.subject, what, holds))
        resident, descriptors = self.subject.seen.resident(), self.subject.seen.descriptors()
        self.most = max(self.most, resident)
        if resident > MOST_RESIDENT:
            raise Finding(f"{resident:.0f} MB resident, at most {MOST_RESIDENT}")
        if descriptors > min(self.descriptors, MOST_DESCRIPTORS):
            raise Finding(f"{descriptors} descriptors open, at most {min(self.descriptors, MOST_DESCRIPTORS)}")
        self.looks += 1

    def recovered(self):
        """All names right again: of manifests, of the API server, of hostile resolvers that are so no more."""
        def skip():
            if int(time.monotonic()) % 5 == 0:
                self.subject.clocks.shift(SKIPPED, SKIPPED)

        wanted = {client.KNOWN_NAME: client.KNOWN_ADDRESS, RETURNED: RETURNED_ADDRESS,
                  "canary.default.svc.api.local": self.subject.api.objects.canary,
                  f"w{self.looks}.recovered.example.in-addr.arpa": GOOD_ADDRESS}
        for name, address in wanted.items():
            self.until_is(name, address, skip)
        for page, path in (("health", "/health"), ("ready", "/ready"), ("prometheus", "/metrics"), ("actors", "/actors")):
            until(self.subject, path, lambda: self.subject.page(page, path)[0] == 200)

    def until_is(self, name, address, between):
        got = []

        def holds():
            got.append(address_of(self.subject, name))
            return got[-1] == address
        try:
            until(self.subject, name, holds, RECOVERY, between)
        except Finding as finding:
            raise Finding(f"{finding}; wanted {address}, got {got[-5:]}") from None
