"""WebSocket frames no library would send: each gets its close code, and the node goes on."""

import struct

import pytest
import pytest_asyncio

from harness.expect import lives
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.raw import (BINARY, CLOSE, CONTINUATION, PING, PONG, RSV1, RSV2, RSV3, TEXT, RawSocket,
                         encoded_frame)


@pytest_asyncio.fixture(autouse=True)
async def bystander(node: Node, people: People):
    """Somebody else on the node, who must not notice."""
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    yield
    await ann.say(room, "still here")
    await lives(ann)


@pytest_asyncio.fixture
async def socket(node: Node, people: People) -> RawSocket:
    """An open session whose frames the test writes."""
    raw = await people.raw(node)
    await raw.send_json({"type": "hello", "name": fresh("raw")})
    await raw.read_json("welcome")
    return raw


@pytest.mark.parametrize("frame, code", [
    ((TEXT, b'{"type":"ping"}', {"mask": False}), 1002),
    ((PING, b"", {"mask": False}), 1002),
    ((CLOSE, struct.pack(">H", 1000), {"mask": False}), 1002),
    ((0x3, b"", {}), 1002), ((0x7, b"x", {}), 1002), ((0xB, b"", {}), 1002), ((0xF, b"x", {}), 1002),
    ((TEXT, b"{}", {"rsv": RSV1}), 1002), ((TEXT, b"{}", {"rsv": RSV2}), 1002), ((TEXT, b"{}", {"rsv": RSV3}), 1002),
    ((PING, b"", {"rsv": RSV1}), 1002),
    ((TEXT, b"\xff", {}), 1007), ((TEXT, b'{"type":"ping","x":"\xc3\x28"}', {}), 1007),
    ((TEXT, b"\xed\xa0\x80", {}), 1007), ((TEXT, b"\xf4\x90\x80\x80", {}), 1007), ((TEXT, b"\xc0\x80", {}), 1007),
    ((TEXT, b"abc\xe2\x82", {}), 1007),
    ((CONTINUATION, b"x", {}), 1002), ((CONTINUATION, b"x", {"fin": False}), 1002),
    ((PING, b"x" * 126, {}), 1002), ((PING, b"x", {"fin": False}), 1002), ((PONG, b"x" * 126, {}), 1002),
    ((CLOSE, b"\x03", {}), 1002), ((CLOSE, struct.pack(">H", 999), {}), 1002), ((CLOSE, struct.pack(">H", 1005), {}), 1002),
    ((CLOSE, struct.pack(">H", 1006), {}), 1002), ((CLOSE, struct.pack(">H", 65535), {}), 1002),
    ((CLOSE, struct.pack(">H", 1000) + b"\xff\xfe", {}), 1007),
    ((TEXT, b"", {"length": 1 << 62}), 1009), ((TEXT, b"", {"length": (1 << 63) - 1}), 1009),
    ((TEXT, b"", {"length": 10_000_000}), 1009), ((BINARY, b"", {"length": 1 << 40}), 1009),
    ((TEXT, b"x" * 70_000, {}), 1009),
], ids=lambda value: ascii(value)[:50])
async def test_a_frame_against_the_rules_is_closed_with_its_code(socket: RawSocket, frame, code: int):
    opcode, payload, how = frame
    await socket.send(opcode, payload, **how)
    assert await socket.close_code() == code


async def test_a_length_with_its_highest_bit_set(socket: RawSocket):
    await socket.send(TEXT, b"", length=1 << 63)
    assert await socket.close_code() in (1002, 1009)
    assert await socket.ends()


async def test_a_message_in_pieces_with_a_ping_between(socket: RawSocket):
    await socket.send(TEXT, b'{"type":"pi', fin=False)
    await socket.send(PING, b"between")
    await socket.send(CONTINUATION, b"", fin=False)
    await socket.send(CONTINUATION, 'ng","id":"ä'.encode()[:-1], fin=False)
    await socket.send(CONTINUATION, 'ä"}'.encode()[1:], fin=True)
    seen = []
    while True:
        opcode, payload = await socket.read_frame()
        seen.append((opcode, payload))
        if opcode == TEXT and b'"pong"' in payload:
            break
    assert (PONG, b"between") in seen
    assert '"re":"ä"' in payload.decode().replace(" ", "")


async def test_every_byte_in_a_packet_of_its_own(socket: RawSocket):
    for byte in encoded_frame(TEXT, b'{"type":"ping","id":"slow"}'):
        await socket.write(bytes([byte]))
    assert (await socket.read_json("pong"))["re"] == "slow"


async def test_many_frames_in_one_packet(socket: RawSocket):
    await socket.write(b"".join(encoded_frame(TEXT, b'{"type":"ping","id":"%d"}' % number) for number in range(15)))
    assert [(await socket.read_json("pong"))["re"] for _ in range(15)] == [str(number) for number in range(15)]


async def test_a_new_message_within_an_unfinished_one(socket: RawSocket):
    await socket.send(TEXT, b'{"type":', fin=False)
    await socket.send(TEXT, b'{"type":"ping"}')
    assert await socket.close_code() == 1002


async def test_pieces_that_add_up_to_too_much(socket: RawSocket):
    await socket.send(TEXT, b"x" * 30_000, fin=False)
    for _ in range(3):
        await socket.send(CONTINUATION, b"x" * 30_000, fin=False)
    assert await socket.close_code() == 1009


async def test_endless_empty_pieces(socket: RawSocket):
    await socket.send(TEXT, b'{"type":"ping","id":"1"', fin=False)
    for _ in range(2000):
        await socket.send(CONTINUATION, b"", fin=False)
    await socket.send(CONTINUATION, b"}")
    try:
        assert (await socket.read_json("pong"))["re"] == "1"
    except AssertionError:
        pass  # Closing such a peer is as good; the bystander shows that the node goes on.


async def test_pings_are_answered_with_their_payload(socket: RawSocket):
    for payload in (b"", b"hello", b"\xff" * 125):
        await socket.send(PING, payload)
        opcode, answer = await socket.read_frame()
        while opcode != PONG:
            opcode, answer = await socket.read_frame()
        assert answer == payload
    await socket.send(PONG, b"unasked")
    await socket.send_json({"type": "ping", "id": "1"})
    assert (await socket.read_json("pong"))["re"] == "1"


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
async def test_a_close_is_answered_and_tcp_ends(socket: RawSocket, code: int):
    await socket.send(CLOSE, struct.pack(">H", code) + b"bye")
    assert await socket.close_code() in (code, 1000)
    assert await socket.ends()


async def test_a_close_without_a_code(socket: RawSocket):
    await socket.send(CLOSE)
    assert await socket.close_code() in (1000, 1005)
    assert await socket.ends()


async def test_what_comes_after_a_close_is_ignored(socket: RawSocket):
    await socket.send(CLOSE, struct.pack(">H", 1000))
    await socket.send_json({"type": "join", "room": "lobby"})
    assert await socket.close_code() in (1000, None)


async def test_half_a_frame_and_then_nothing(node: Node, people: People):
    for _ in range(5):
        raw = await people.raw(node)
        await raw.write(b"\x81\xfe\x10")
        raw.writer.transport.abort()


@pytest.mark.parametrize("code, frame", [
    (1007, (TEXT, b"\xff", {})), (1002, (TEXT, b"hello", {"mask": False})), (1002, (TEXT, b"x", {"rsv": RSV1})),
    (1009, (TEXT, b"x" * 70_000, {})),
], ids=["utf-8", "mask", "rsv", "size"])
async def test_the_plain_dialect_keeps_the_same_rules(node: Node, people: People, code: int, frame):
    raw = await people.raw(node, "/")
    opcode, payload, how = frame
    await raw.send(opcode, payload, **how)
    assert await raw.close_code() == code
