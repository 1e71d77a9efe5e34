# SPDX-License-Identifier: Apache-2.0
"""Ports for servers under test."""
import random
import socket

claims = []  # a socket for each port that was given out here, held as long as this process lives


def claimed(port):
    """True if no other test of this machine has the port; from now on it is this process's. By an abstract name: the kernel
    gives it to one at a time, and takes it back from whoever ends."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0troupe-test-port-{port}")
    except OSError:
        claim.close()
        return False
    claims.append(claim)
    return True


def free_port():
    """One that is free on 127.0.0.1 for UDP and TCP, and that no test is given again. Below the range from which the kernel
    gives ports to clients: nobody takes it before the server does, or while the server is away."""
    for port in random.SystemRandom().sample(range(10_000, 32_000), 200):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            if claimed(port):
                return port
    raise RuntimeError("no port below 32,000 is free")
