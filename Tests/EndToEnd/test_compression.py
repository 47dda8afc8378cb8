"""permessage-deflate: negotiated, shared by a room, bounded; off unless asked for."""

import asyncio
import json
import os
import zlib
from collections.abc import Iterator

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from harness.client import Client
from harness.expect import lives
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.raw import RSV1, TEXT, RawSocket, encoded_frame, upgrade_request
from harness.redis_server import RedisServer

EXTENSIONS = "Sec-WebSocket-Extensions"
AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.fixture(scope="module")
def squeezing(martlet, tmp_path_factory) -> Iterator[Node]:
    """A node that takes up compression."""
    directory = tmp_path_factory.mktemp("squeezing")
    redis = RedisServer(directory / "redis")
    node = Node("squeezing", directory / "node", redis=redis.url, environment={"MARTLET_COMPRESSION": "on"})
    yield node
    node.close()
    redis.close()


async def _agreed(port: int, offer: str, path: str = "/ws") -> str | None:
    socket = await RawSocket.connected(port)
    try:
        status, headers, body = await socket.http(upgrade_request(path, {EXTENSIONS: offer}))
        assert status == 101, body
        return headers.get(EXTENSIONS.lower())
    finally:
        await socket.close()


def _deflated(payload: bytes) -> bytes:
    press = zlib.compressobj(9, wbits=-15)
    return (press.compress(payload) + press.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def _raw_session(node: Node) -> RawSocket:
    socket = await RawSocket.connected(node.port)
    status, headers, _ = await socket.http(upgrade_request("/ws", {EXTENSIONS: "permessage-deflate"}))
    assert status == 101 and headers[EXTENSIONS.lower()] == AGREED
    return socket


async def _read(socket: RawSocket) -> tuple[bool, bytes]:
    """(was it compressed, the message) of the next text frame, read as RFC 7692 says."""
    async with asyncio.timeout(5):
        first, second = await socket.reader.readexactly(2)
        assert first & 0xBF == 0x81 and not second & 0x80
        size = {126: 2, 127: 8}.get(second & 0x7F)
        length = int.from_bytes(await socket.reader.readexactly(size)) if size else second & 0x7F
        payload = await socket.reader.readexactly(length)
    if not first & RSV1:
        return False, payload
    return True, zlib.decompress(payload + b"\x00\x00\xff\xff\x03\x00", wbits=-15)


async def test_it_is_off_unless_asked_for(node: Node):
    assert await _agreed(node.port, "permessage-deflate; client_max_window_bits") is None


async def test_what_is_agreed_on(squeezing: Node):
    assert await _agreed(squeezing.port, "permessage-deflate; client_max_window_bits") == AGREED
    narrow = "permessage-deflate; server_max_window_bits=10"
    assert await _agreed(squeezing.port, narrow) == f"{AGREED}; server_max_window_bits=10"
    assert await _agreed(squeezing.port, "permessage-deflate; server_max_window_bits=8") is None
    assert await _agreed(squeezing.port, "permessage-deflate; bogus") is None
    assert await _agreed(squeezing.port, "permessage-deflate", path="/") is None


async def test_everybody_sees_the_same_whatever_was_agreed(squeezing: Node, people: People):
    room = fresh("room")
    factories = [[ClientPerMessageDeflateFactory()], [ClientPerMessageDeflateFactory(server_max_window_bits=9)], []]
    clients = []
    try:
        for extensions in factories:
            client = await Client.open(squeezing.url, extensions=extensions)
            clients.append(client)
            await client.hello(name=fresh("ann"))
            await client.join(room)
        texts = ["short", "a long one, a long one; " * 150, "".join(chr(0x4E00 + i) for i in range(1200)), "{}" * 2000]
        for index, text in enumerate(texts):
            await clients[index % 3].say(room, text)
        for client in clients:
            await client.until(lambda client=client: len(client.messages(room)) == len(texts), 5, "all messages")
            assert client.texts(room) == texts
        history = [await client.ask("history", room=room) for client in clients]
        assert all([entry["text"] for entry in page["entries"]] == texts for page in history)
    finally:
        for client in clients:
            await client.close()


async def test_short_messages_are_sent_as_they_are(squeezing: Node):
    socket = await _raw_session(squeezing)
    try:
        await socket.send_json({"type": "hello", "name": fresh("raw")})
        was_compressed, welcome = await _read(socket)
        assert was_compressed and json.loads(welcome)["type"] == "welcome"
        await socket.send(TEXT, _deflated(b'{"type":"ping","id":"1"}'), rsv=RSV1)
        was_compressed, pong = await _read(socket)
        assert not was_compressed and json.loads(pong)["re"] == "1"
    finally:
        await socket.close()


async def test_a_bomb_is_closed_and_takes_no_memory(squeezing: Node, people: People):
    bystander = await people.guest(squeezing, "bystander", [fresh("room")])
    bomb = _deflated(bytes(32 << 20))
    assert len(bomb) < 65_536
    before = squeezing.rss()
    for _ in range(20):
        socket = await _raw_session(squeezing)
        await socket.write(encoded_frame(TEXT, bomb, rsv=RSV1))
        assert await socket.close_code() == 1009
        await socket.close()
    assert squeezing.rss() - before < 16 << 20
    await lives(bystander)


async def test_noise_is_closed(squeezing: Node, people: People):
    bystander = await people.guest(squeezing, "bystander", [fresh("room")])
    for payload in (b"", b"\xff", os.urandom(500) + b"\xff" * 20, _deflated(b'{"type":"ping"}')[:5]):
        socket = await _raw_session(squeezing)
        await socket.send(TEXT, payload, rsv=RSV1)
        assert await socket.close_code() in (1002, 1007, 1009)
        await socket.close()
    await lives(bystander)
