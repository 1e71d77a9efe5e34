#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What servers in rooms find on the other ends of their wires: a resolver that knows `external.World`, the API server, and
where a room asks for it the cluster's DNS, a server that has a room of its own.

    outside.py ROOMS API_ADDRESS API_PORT SEED

ROOMS is JSON, a list of {"pid": any process in the network at the other end, "resolver": [address…], "cluster_dns": [address…],
"serves": where the cluster's DNS listens as this network sees it, or null}. The resolver listens on port 53 of each of its
addresses; what comes to port 53 of those of `cluster_dns` is led to the one room that serves, what connects to
API_ADDRESS:443 to 127.0.0.1:API_PORT outside of all rooms."""
import asyncio
import itertools
import json
import socket
import struct
import sys

from external import World
from room import inside

CHUNK = 1 << 16


class Datagrams(asyncio.DatagramProtocol):
    """Answers from the world."""

    def __init__(self, world):
        self.world = world

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, wire, peer):
        self.transport.sendto(self.world.answer(wire, False), peer)


class Onward(asyncio.DatagramProtocol):
    """Queries led on to one server, each with a number of our own: those of several clients may be the same."""

    def __init__(self):
        self.waiting, self.numbers = {}, itertools.cycle(range(1 << 16))

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, wire, answer):
        number = struct.pack("!H", next(self.numbers))
        self.waiting[number] = wire[:2], answer
        self.transport.sendto(number + wire[2:])

    def datagram_received(self, wire, peer):
        asked = self.waiting.pop(wire[:2], None)
        if asked:
            number, answer = asked
            answer(number + wire[2:])

    def error_received(self, error):
        pass  # it does not listen yet, or no more; who asked asks again


class LedOn(asyncio.DatagramProtocol):
    """The other end of Onward: where the queries come from."""

    def __init__(self, onward):
        self.onward = onward

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, wire, peer):
        self.onward.ask(wire, lambda reply: self.transport.sendto(reply, peer))


async def stream(world, reader, writer):
    try:
        while True:
            length, = struct.unpack("!H", await reader.readexactly(2))
            reply = world.answer(await reader.readexactly(length), True)
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def pump(reader, writer):
    try:
        while octets := await reader.read(CHUNK):
            writer.write(octets)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def relay(connect, reader, writer):
    try:
        there = await connect()
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))


def listening(kind, address):
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    return s


class Within:
    """Sockets in the network of a process."""

    def __init__(self, pid):
        self.network = open(f"/proc/{pid}/ns/net")

    async def datagrams(self, address, protocol):
        with inside(self.network):
            udp = listening(socket.SOCK_DGRAM, (address, 53))
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        await asyncio.get_running_loop().create_datagram_endpoint(protocol, sock=udp)

    async def streams(self, address, port, client):
        with inside(self.network):
            tcp = listening(socket.SOCK_STREAM, (address, port))
        await asyncio.start_server(client, sock=tcp, backlog=512)

    async def onward(self, address):
        """(an Onward to this address, a coroutine that connects to it)"""
        with inside(self.network):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.connect((address, 53))
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        _, onward = await asyncio.get_running_loop().create_datagram_endpoint(Onward, sock=udp)

        async def connect():
            with inside(self.network):
                tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            tcp.setblocking(False)
            await asyncio.get_running_loop().sock_connect(tcp, (address, 53))
            return await asyncio.open_connection(sock=tcp)

        return onward, connect


async def serve(rooms, api_address, api_port, seed):
    world, cluster_dns = World(seed), None
    for room in rooms:
        room["within"] = Within(room["pid"])
        if room["serves"]:
            cluster_dns = await room["within"].onward(room["serves"])
    for room in rooms:
        within = room["within"]
        for address in room["resolver"]:
            await within.datagrams(address, lambda: Datagrams(world))
            await within.streams(address, 53, lambda r, w: stream(world, r, w))
        for address in room["cluster_dns"]:
            await within.datagrams(address, lambda: LedOn(cluster_dns[0]))
            await within.streams(address, 53, lambda r, w: relay(cluster_dns[1], r, w))
        await within.streams(api_address, 443, lambda r, w: relay(lambda: asyncio.open_connection("127.0.0.1", api_port), r, w))
    print("serving", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
