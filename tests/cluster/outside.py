#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What servers in rooms find on the other ends of their wires: a resolver that knows `external.World`, and the API server.

    outside.py PID[,PID…] RESOLVER API_ADDRESS API_PORT SEED    PID: any process in a network that it serves

The resolver listens on RESOLVER:53; what connects to API_ADDRESS:443 is led to 127.0.0.1:API_PORT outside of that network."""
import asyncio
import socket
import struct
import sys

from external import World
from room import inside

CHUNK = 1 << 16


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, world):
        self.world = world

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, wire, peer):
        self.transport.sendto(self.world.answer(wire, False), peer)


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


async def relay(port, reader, writer):
    try:
        there = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))


def listening(kind, address):
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    return s


async def serve_one(pid, resolver, api_address, api_port, world):
    with open(f"/proc/{pid}/ns/net") as network, inside(network):
        udp, tcp, api = (listening(kind, address) for kind, address in (
            (socket.SOCK_DGRAM, (resolver, 53)), (socket.SOCK_STREAM, (resolver, 53)), (socket.SOCK_STREAM, (api_address, 443))))
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Datagrams(world), sock=udp)
    await asyncio.start_server(lambda r, w: stream(world, r, w), sock=tcp, backlog=512)
    await asyncio.start_server(lambda r, w: relay(api_port, r, w), sock=api)


async def serve(pids, resolver, api_address, api_port, seed):
    world = World(seed)
    for pid in pids.split(","):
        await serve_one(pid, resolver, api_address, api_port, world)
    print("serving", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
