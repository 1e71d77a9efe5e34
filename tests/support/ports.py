# SPDX-License-Identifier: Apache-2.0
"""Ports for servers under test."""
import random
import socket


def free_port():
    """One that is free on 127.0.0.1 for UDP and TCP, below the range from which the kernel gives ports to clients: nobody
    takes it before the server does, or while the server is away."""
    for port in random.SystemRandom().sample(range(10_000, 32_000), 200):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port below 32,000 is free")
