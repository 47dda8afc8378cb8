"""What holds for every frame: ids, unknown fields, null, unknown types, sizes, and how many bad ones are too many."""

import json

import pytest

from harness.expect import is_error, is_time, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People

BAD_FRAMES = [
    "not json", "", " ", "[]", "17", '"ping"', "null", "true", "{}", '{"type":17}', '{"type":null}',
    '{"type":"ping"', '{"type":"ping"}}', '{"type":"ping"} x', "{'type':'ping'}", '{"type":"ping",}', '{type:"ping"}',
    '{"type":"ping","id":17}', '{"type":"ping","id":""}', '{"type":"ping","id":"%s"}' % ("i" * 65),
    '{"type":"ping","id":["x"]}', '{"type":"ping","x":"\\ud800"}', '{"type":"ping","x":"\\udc00\\ud800"}',
    '{"type":"ping","x":"\\x41"}', '{"type":"ping","x":"a\nb"}', '{"type":"ping","x":01}', '{"type":"ping","x":NaN}',
    '{"type":"ping","x":+1}', '{"type":"join"}', '{"type":"join","room":{}}', '{"type":"leave"}',
    '{"type":"history"}', '{"type":"nick"}', "\ufeff{}",
]


@pytest.mark.parametrize("text", BAD_FRAMES, ids=lambda text: ascii(text[:40]))
async def test_a_bad_frame_is_an_error_and_the_session_lives(node: Node, people: People, text: str):
    ann = await people.guest(node)
    mark = ann.mark()
    await ann.send_text(text)
    is_error(await ann.next("error", after=mark), "bad_frame")
    await lives(ann)


async def test_deep_nesting_does_not_hurt(node: Node, people: People):
    ann = await people.guest(node)
    for text in ('{"type":"ping","x":' + "[" * 30_000 + "]" * 30_000 + "}", "[" * 60_000, '{"a":' * 12_000):
        await ann.send_text(text)
    await lives(ann)


async def test_the_tenth_bad_frame_within_a_minute_is_4400(node: Node, people: People):
    ann = await people.guest(node)
    for number in range(9):
        await ann.send_text("bad")
        await ann.until(lambda: len(ann.of_type("error")) == number + 1, what="an error")
    await lives(ann)
    await ann.send_text("bad")
    assert await ann.wait_closed() == 4400


async def test_only_bad_frame_counts_towards_the_ten(node: Node, people: People):
    ann = await people.guest(node)
    room = fresh("room")
    for number in range(12):
        reply = await ann.request(["frobnicate", "leave_me", "send", "join"][number % 4],
                                  room=[room, room, room, "No Room"][number % 4], text="x")
        assert reply["type"] == "error"
        assert reply["code"] in ("unsupported", "not_member", "bad_room")
    await lives(ann)


async def test_a_type_we_do_not_know_is_unsupported(node: Node, people: People):
    ann = await people.guest(node)
    for type in ("frobnicate", "welcome", "message", "Ping", "", "x" * 300):
        await refuses(ann, "unsupported", type)
    await lives(ann)


async def test_every_frame_with_an_id_gets_exactly_one_reply(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node)
    wanted = [
        ("join", {"room": room}, "joined"), ("send", {"room": room, "text": "x"}, "ack"), ("who", {"room": room}, "members"),
        ("who", {}, "members"), ("history", {"room": room}, "history"), ("rooms", {}, "rooms"), ("ping", {}, "pong"),
        ("nick", {"name": fresh("ann")}, "ack"), ("leave", {"room": room}, "ack"), ("frobnicate", {}, "error"),
        ("send", {"room": room, "text": "x"}, "error"),
    ]
    for type, fields, reply in wanted:
        assert (await ann.request(type, **fields))["type"] == reply, type
    await ann.fence()
    answered = [frame["re"] for frame in ann.frames if "re" in frame]
    assert len(answered) == len(set(answered)) == len(wanted) + 1


async def test_an_error_without_an_id_says_no_re(node: Node, people: People):
    ann = await people.guest(node)
    await ann.send_frame("send", room=fresh("room"), text="x")
    assert "re" not in is_error(await ann.next("error"), "not_member")


@pytest.mark.parametrize("identifier", ["x", "i" * 64, "ümläut", '"quoted\\"', "a b", "🐦" * 16],
                         ids=lambda value: ascii(value)[:40])
async def test_any_string_up_to_64_characters_is_an_id(node: Node, people: People, identifier: str):
    ann = await people.guest(node)
    await ann.send_frame("ping", id=identifier)
    assert (await ann.next("pong"))["re"] == identifier


async def test_ping_tells_the_time(node: Node, people: People):
    ann = await people.guest(node)
    assert is_time((await ann.ask("ping"))["at"])


async def test_unknown_fields_are_ignored_and_null_is_absent(node: Node, people: People):
    room = fresh("room")
    client = await people.stranger(node)
    await client.send_text(json.dumps({"type": "hello", "id": None, "token": None, "name": None, "resume": None,
                                       "client": None, "future": {"a": [1, {"b": None}]}}))
    client.welcome = await client.next("welcome")
    await client.send_text(json.dumps({"type": "join", "room": room, "history": None, "since": None, "x": 1e400}
                                      ).replace("Infinity", "1e400"))
    await client.next("joined")
    await client.send_text(json.dumps({"type": "send", "room": room, "to": None, "text": "hello", "key": None,
                                       "replyTo": None, "action": None, "unknown": True}))
    message = await client.next("message")
    assert message["text"] == "hello"
    assert not message.keys() & {"key", "replyTo", "unknown"}
    assert (await client.ask("who", x="y"))["type"] == "members"
    await client.send_text('{"type":"who","id":"w","room":null,"after":null,"limit":null}')
    assert (await client.next("members", where=lambda frame: frame["re"] == "w")).get("room") is None
    assert client.of_type("error") == []


async def test_a_required_field_that_is_null_is_missing(node: Node, people: People):
    ann = await people.guest(node)
    await ann.send_text('{"type":"join","room":null,"id":"1"}')
    is_error(await ann.next("error"), "bad_frame", "1")


@pytest.mark.parametrize("size, accepted", [(65_536, True), (65_537, False), (300_000, False)])
async def test_frames_of_a_client_have_64_kib_at_most(node: Node, people: People, size: int, accepted: bool):
    ann = await people.guest(node)
    frame = '{"type":"ping","id":"1","x":""}'
    await ann.send_text(frame.replace('""', '"' + "x" * (size - len(frame)) + '"'))
    if accepted:
        assert (await ann.next("pong"))["re"] == "1"
    else:
        assert await ann.wait_closed() == 1009


@pytest.mark.parametrize("data", [b"", b"abc", b"\x00\x00\x00\x10{}", b"\xff\xff\xff\xff" + b"x" * 100,
                                  b"\x00\x00\x40\x00" + b"x" * 20_000, b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x00"],
                         ids=lambda value: ascii(value)[:40])
async def test_a_binary_frame_that_is_no_attachment(node: Node, people: People, data: bytes):
    ann = await people.guest(node)
    await ann.send_bytes(data)
    error = await ann.next("error")
    # A node that takes no attachments at all may say so.
    is_error(error, "unsupported" if error["code"] == "unsupported" else "bad_frame")
    await lives(ann)


async def test_a_burst_beyond_the_limit_is_told_or_closed_and_nothing_else_happens(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    bob = await people.guest(node, "bob", [room])
    for number in range(200):
        await ann.send_frame("send", room=room, text=str(number), id=f"s{number}")
    await ann.until(lambda: ann.closed or len([frame for frame in ann.frames if "re" in frame]) >= 200, 10, "200 answers")
    if ann.closed:
        assert ann.close_code == 4429
    errors = ann.of_type("error")
    assert errors, "200 frames at once are too fast"
    for error in errors:
        is_error(error, "rate_limited")
        assert error["retryAfter"] > 0
    acked = len(ann.of_type("ack"))
    assert acked >= 15, "a burst of 20 frames is fine"
    await bob.until(lambda: len(bob.messages(room)) >= acked, what="the messages that were taken")
    await lives(bob)
