# SPDX-License-Identifier: Apache-2.0
"""A case: one packet and what must come back, over UDP and TCP; and how it is run."""
from dataclasses import dataclass
from typing import Callable

import client


@dataclass
class Case:
    title: str
    packet: bytes
    expected: Callable  # see expect.py
    transports: tuple = ("udp", "tcp")


def run_case(server, case, transport):
    """"" or what is wrong: the answer, the question that follows, the process."""
    exchange = client.over_udp if transport == "udp" else client.over_tcp
    try:
        replies, served = exchange(server.address, case.packet)
    except OSError as e:
        return f"{type(e).__name__}: {e}"
    if not server.alive():
        return "the server is dead"
    if not served:
        return "the next question was not answered rightly"
    return case.expected(case, transport, replies)
