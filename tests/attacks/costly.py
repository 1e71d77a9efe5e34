# SPDX-License-Identifier: Apache-2.0
"""Questions that cost a millisecond each, as many at once as a loop has room for: whoever is not meant waits a little and
loses nothing, and a loop that is behind is not taken for one that is stuck. What costs so much is the test build's own
(`costly_label` in messages/faults.hpp), so that it does whatever answers come to cost."""
import select
import socket
import struct
import threading
import time

from asking import services_of
from server import question
from watch import MOST_WAIT, Watch, held

CONNECTIONS, EACH = 64, 64
DATAGRAMS, SOCKETS = 1_200, 8
COST, LOOPS = 0.001, 2  # seconds a question, of the server under test
PATIENCE = 20.0         # seconds for all answers


def costly_names(world):
    """A name of one namespace, and what victims ask of all others."""
    attacked = world.cluster.services[0].host
    namespace = attacked.split(".")[1]
    victims = [each for each in services_of(world.cluster) if each[0].split(".")[1] != namespace]
    return ["fault-costly", *attacked.split(".")], victims


def one_connection(port, packet, seen):
    """Sends all its questions at once, then takes the answers."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as s:
        s.sendall((struct.pack("!H", len(packet)) + packet) * EACH)
        stream, answers = s.makefile("rb"), 0
        while answers < EACH:
            size = stream.read(2)
            if len(size) < 2 or len(stream.read(*struct.unpack("!H", size))) == 0:
                break
            answers += 1
        seen.append(answers)


def by_tcp(port, labels):
    """Answers that came of CONNECTIONS x EACH questions."""
    seen = []
    clients = [threading.Thread(target=one_connection, args=(port, question(labels, 1), seen)) for _ in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(seen)


def by_udp(port, labels):
    """Answers that came of DATAGRAMS questions, from several ports, so that all loops have some."""
    poller, sockets = select.poll(), {}
    for _ in range(SOCKETS):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        s.connect(("127.0.0.1", port))
        sockets[s.fileno()] = s
        poller.register(s, select.POLLIN)
    packets, each = [question(labels, n) for n in range(DATAGRAMS)], list(sockets.values())
    for n, packet in enumerate(packets):
        each[n % SOCKETS].send(packet)
    answers, end = 0, time.monotonic() + PATIENCE
    while answers < DATAGRAMS and time.monotonic() < end:
        for number, _ in poller.poll(100):
            answers += len(sockets[number].recv(512)) > 0
    for s in each:
        s.close()
    return answers


def attack(report, world, title, asked, how):
    labels, victims = costly_names(world)
    with world.server(costly=True) as server:
        with Watch(server, victims) as watch:
            began = time.monotonic()
            answered = how(server.port, labels)
            took = time.monotonic() - began
            time.sleep(0.5)
        # Where the machine is full, all that takes time takes as many times longer as the attack did.
        held(report, title, watch, most_wait=MOST_WAIT * max(1.0, took / (asked * COST / LOOPS)))
        report(f"{title}: those who ask are answered too", answered == asked, f"{answered} of {asked} in {took:.1f} s")
        report(f"{title}: no loop is called stuck", "stuck" not in server.output())


def costly_questions_by_tcp(report, world):
    attack(report, world, f"{CONNECTIONS} connections with {EACH} questions of 1 ms each", CONNECTIONS * EACH, by_tcp)


def costly_questions_by_udp(report, world):
    attack(report, world, f"{DATAGRAMS} datagrams of 1 ms each", DATAGRAMS, by_udp)


ATTACKS = [costly_questions_by_tcp, costly_questions_by_udp]
