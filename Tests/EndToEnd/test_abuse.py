"""Attacks in earnest, from this machine on itself and bounded: the node lives on as the same process, its memory stays
within bounds, and bystanders go on chatting. How much slower their messages get is measured and printed (`-s`), not
asserted: that depends on the machine. With MARTLET_BYSTANDERS=elsewhere they are at a node that is not attacked: so much
slower they get because attacker, nodes and bystanders share the machine's processors.
"""

import asyncio
import contextlib
import os
import resource
import struct
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from harness.bystander import Bystander
from harness.expect import lives
from harness.node import Node
from harness.people import People
from harness.raw import BINARY, CONTINUATION, PING, RSV1, TEXT, RawSocket, encoded_frame, upgrade_request
from harness.redis_server import RedisServer

pytestmark = pytest.mark.alone

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def target(martlet: Path, tmp_path_factory: pytest.TempPathFactory):
    """A node to attack."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    directory = tmp_path_factory.mktemp("abuse")
    redis = RedisServer(directory / "redis")
    node = Node("target", directory / "node", redis=redis.url, environment={"MARTLET_COMPRESSION": "on"})
    yield node
    node.close()
    redis.close()


def _life(node: Node) -> tuple[int, str]:
    """The process, and when it began: no other one has both."""
    return node.pid, Path(f"/proc/{node.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]


Attack = Callable[[Awaitable, str, int], Awaitable[None]]


@pytest.fixture(scope="module")
def chat(target: Node, martlet: Path, tmp_path_factory: pytest.TempPathFactory):
    """Where the bystanders are."""
    if os.environ.get("MARTLET_BYSTANDERS") != "elsewhere":
        yield target
        return
    node = Node("spared", tmp_path_factory.mktemp("spared"), environment={"MARTLET_COMPRESSION": "on"})
    yield node
    node.close()


@pytest_asyncio.fixture
async def attack(target: Node, chat: Node, people: People) -> AsyncIterator[Attack]:
    """Carries out an attack: (it, what it is called, bytes that the node's memory may grow by meanwhile)."""
    async def carry_out(assault: Awaitable, name: str, growth: int) -> None:
        bystander = await asyncio.to_thread(Bystander, chat.url)
        try:
            await asyncio.sleep(2)
            life, memory, highest = _life(target), target.rss(), 0
            before = await bystander.figures()
            began = time.monotonic()
            task = asyncio.ensure_future(assault)
            while not task.done():
                highest = max(highest, target.rss())
                await asyncio.wait([task], timeout=0.1)
            task.result()
            seconds = time.monotonic() - began
            # At least some messages, however short it was.
            await asyncio.sleep(max(0.0, 1.0 - seconds))
            during = await bystander.figures()
        finally:
            bystander.close()
        grown = max(highest, target.rss()) - memory
        print(f"\n{name}: {seconds:.1f} s; bystanders' messages before {before}, during {during}; "
              f"memory {memory / MEBIBYTE:.0f} MiB + {grown / MEBIBYTE:.1f} MiB")
        assert _life(target) == life, "the same process"
        assert during["count"] > 0, "bystanders chat on"
        assert grown < growth, f"memory grew by {grown / MEBIBYTE:.1f} MiB"
        newcomer = await people.guest(target, "newcomer", ["lobby"])
        await lives(newcomer)
    yield carry_out


@pytest.mark.timeout(180)
async def test_5000_half_open_handshakes(target: Node, attack: Attack, people: People):
    """They are taken slowly, who comes after them is served, and each is closed after ten seconds."""
    async def assault() -> None:
        starts = (b"", b"GET /ws HT", upgrade_request("/ws")[:-2], b"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        halves: list[RawSocket] = []
        for batch in range(50):
            opened = await asyncio.gather(*(RawSocket.connected(target.port) for _ in range(100)))
            await asyncio.gather(*(socket.write(starts[index % len(starts)]) for index, socket in enumerate(opened)))
            halves += opened
        await lives(await people.guest(target, "patient", ["lobby"]))
        assert "new ones are taken slowly" in target.log_text()
        assert all(await asyncio.gather(*(socket.ends(60) for socket in halves))), "none is kept"
        await asyncio.gather(*(socket.close() for socket in halves))
    await attack(assault(), "5,000 half-open handshakes", 256 * MEBIBYTE)


@pytest.mark.timeout(180)
async def test_header_bombs(target: Node, attack: Attack):
    """A megabyte of headers on each of 200 connections: 16 KiB or 100 fields in, it is over."""
    async def bomb(index: int) -> None:
        socket = await RawSocket.connected(target.port)
        head = b"GET /ws HTTP/1.1\r\nHost: x\r\n"
        line = [b"X-%d: y\r\n" % index, b"X: " + b"y" * 1000 + b"\r\n", b"Cookie: " + b"a" * 65536][index % 3]
        await socket.write(head)
        for _ in range(MEBIBYTE // (16 * len(line)) + 1):
            await socket.write(line * 16)
            if socket.reader.at_eof() or socket.writer.is_closing():
                break
        assert await socket.ends(15)
        await socket.close()

    async def assault() -> None:
        for start in range(0, 200, 20):
            await asyncio.gather(*(bomb(index) for index in range(start, start + 20)))
    await attack(assault(), "200 header bombs", 128 * MEBIBYTE)


def _fragments(message: bytes, last: bool = True) -> bytes:
    """The message in frames of one byte. All have the same mask, which costs nothing to apply: zeros."""
    frames = [bytes([CONTINUATION, 0x81, 0, 0, 0, 0, byte]) for byte in message]
    frames[0] = bytes([TEXT]) + frames[0][1:]
    if last:
        frames[-1] = bytes([0x80 | CONTINUATION]) + frames[-1][1:]
    return b"".join(frames)


@pytest.mark.timeout(180)
async def test_1000000_fragments_of_one_byte(target: Node, attack: Attack):
    """As one message, as twenty, and of nothing at all: after 8,192 at once the connection is closed."""
    async def flood(frames: bytes, times: int) -> None:
        socket = await RawSocket.upgraded(target.port)
        await socket.send_json({"type": "hello"})
        await socket.read_json("welcome")
        ending = asyncio.create_task(socket.close_code(30))
        for _ in range(times):
            await socket.write(frames)
        assert await ending in (4429, None)
        assert await socket.ends()
        await socket.close()

    async def assault() -> None:
        await flood(_fragments(b"x" * 50_000, last=False), 20)
        await flood(_fragments(b'{"type":"ping","id":"1"'.ljust(49_999) + b"}"), 20)
        await flood(encoded_frame(TEXT, b"{", fin=False) + bytes([CONTINUATION, 0x80, 0, 0, 0, 0]) * 50_000, 20)
    await attack(assault(), "3 × 1,000,000 fragments", 64 * MEBIBYTE)


async def test_a_message_in_thousands_of_pieces_is_one(target: Node, people: People):
    """Below that, fragments of one byte are as good as others."""
    socket = await people.raw(target)
    await socket.send_json({"type": "hello"})
    await socket.read_json("welcome")
    await socket.write(_fragments(b'{"type":"ping","id":"1"'.ljust(7_999) + b"}"))
    assert (await socket.read_json("pong"))["re"] == "1"


@pytest.mark.timeout(120)
async def test_lengths_beyond_all_measure(target: Node, attack: Attack):
    """2^63, 2^63 - 1, 2^62 and 4 GiB, claimed by 400 connections of which none sends more than that."""
    async def claim(length: int, opcode: int) -> None:
        socket = await RawSocket.upgraded(target.port)
        await socket.write(encoded_frame(opcode, b"", length=length) + b"x" * 1000)
        assert await socket.close_code() in (1002, 1009, None)
        assert await socket.ends()
        await socket.close()

    async def assault() -> None:
        for start in range(100):
            await asyncio.gather(*(claim(length, (TEXT, BINARY)[start % 2])
                                   for length in (1 << 63, (1 << 63) - 1, 1 << 62, 1 << 32)))
    await attack(assault(), "400 absurd lengths", 64 * MEBIBYTE)


@pytest.mark.timeout(120)
async def test_deflate_bombs(target: Node, attack: Attack):
    """64 KiB that would be 64 MiB, from 100 connections: inflated no further than a message may be."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = (deflate.compress(bytes(60 * MEBIBYTE)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    assert len(bomb) < 65_536
    frame = encoded_frame(TEXT, bomb, rsv=RSV1)

    async def throw() -> None:
        socket = await RawSocket.connected(target.port)
        status, headers, _ = await socket.http(upgrade_request("/ws", {"Sec-WebSocket-Extensions": "permessage-deflate"}))
        assert status == 101 and "permessage-deflate" in headers["sec-websocket-extensions"]
        await socket.write(frame)
        # NIO hands the close frame out compressed or not; what counts is that it is over.
        assert await socket.ends(20)
        await socket.close()

    async def assault() -> None:
        for _ in range(5):
            await asyncio.gather(*(throw() for _ in range(20)))
    await attack(assault(), "100 deflate bombs", 64 * MEBIBYTE)


@pytest.mark.timeout(120)
async def test_json_that_is_hard_to_read(target: Node, attack: Attack):
    """Depth, width, escapes and numbers, each as large as a message may be."""
    size = 65_000
    nasty = [b"[" * size, b'{"a":' * (size // 5), b'{"type":"ping","a":"' + b"\\u0061" * (size // 6 - 10) + b'"}',
             b'{"type":"ping","a":' + b"9" * size + b"}", b'{"type":"ping","a":1' + b"0" * (size - 30) + b"e-9999}",
             b'{"type":"ping",' + b'"a":0,' * (size // 6 - 10) + b'"b":0}', b'{"type":"ping","a":[' + b"0," * (size // 2 - 20) + b"0]}"]

    async def assault() -> None:
        for _ in range(20):
            socket = await RawSocket.upgraded(target.port)
            await socket.send_json({"type": "hello"})
            await socket.read_json("welcome")
            for text in nasty:
                await socket.send(TEXT, text)
            await socket.send_json({"type": "ping", "id": "after"})
            with contextlib.suppress(AssertionError, asyncio.IncompleteReadError):
                while (await socket.read_json("pong", within=30)).get("re") != "after":
                    pass
            await socket.close()
    await attack(assault(), "140 nasty texts", 64 * MEBIBYTE)


@pytest.mark.timeout(120)
async def test_control_frames_without_end(target: Node, attack: Attack):
    """100,000 pings whose answers nobody reads: what waits for the peer is bounded, and the peer is let go."""
    async def assault() -> None:
        socket = await RawSocket.upgraded(target.port)
        ping = encoded_frame(PING, b"x" * 125)
        for _ in range(200):
            await socket.write(ping * 500)
        assert await socket.ends(20)
        await socket.close()
    await attack(assault(), "100,000 pings", 64 * MEBIBYTE)


def test_the_fragments_are_what_they_claim_to_be():
    assert len(_fragments(b"x" * 1000)) == 7000
    assert struct.unpack(">BB", _fragments(b"ab")[:2]) == (TEXT, 0x81)
    assert _fragments(b"ab")[7] == 0x80 | CONTINUATION and _fragments(b"ab", last=False)[7] == CONTINUATION
