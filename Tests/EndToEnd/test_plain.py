"""The plain dialect: lines and commands over a bare WebSocket on `/`."""

import asyncio
import re

import pytest_asyncio

from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.plain import CHAT_LINE, PlainClient
from harness.waiting import eventually


async def _settled(people: People, at: Node, room: str) -> tuple[PlainClient, str]:
    """A plain client with a fresh name, in the room."""
    client, name = await people.plain(at), fresh("pat")
    await client.say(f"/nick {name}")
    await client.containing(name)
    mark = client.mark()
    await client.say(f"/join {room}")
    await client.containing(room, after=mark)
    return client, name


@pytest_asyncio.fixture
async def pair(cluster: Cluster, people: People):
    """Two plain clients on two nodes in a room of their own."""
    room = fresh("room")
    one, two = await asyncio.gather(_settled(people, cluster.nodes[0], room), _settled(people, cluster.nodes[1], room))
    return room, one, two


async def test_a_line_reaches_everybody_the_sender_included(pair):
    _, (ann, name), (bob, _) = pair
    await ann.say("hello, world")
    for client in (ann, bob):
        line = await client.containing("hello, world")
        chat = CHAT_LINE.match(line)
        assert chat, f"HH:MM name: text, not {line!r}"
        assert chat["name"] == name and chat["text"] == "hello, world"


async def test_the_greeting_says_name_and_help_and_the_room_is_lobby(node: Node, people: People):
    ann = await people.guest(node, "ann", ["lobby"])
    plain = await people.plain(node)
    joined = await ann.next("presence", where=lambda frame: frame["joined"])
    assert joined["room"] == "lobby"
    text = fresh("into the lobby")
    await plain.say(text)
    heard = await ann.next("message", where=lambda frame: frame["text"] == text)
    assert heard["room"] == "lobby"
    assert heard["from"]["id"].startswith("g-")
    assert "\n".join(plain.lines).count(heard["from"]["name"]) >= 1, "the greeting tells the guest's name"


async def test_the_rooms_last_lines_come_first(cluster: Cluster, people: People):
    text = fresh("remember me")
    ann = await people.guest(cluster.nodes[0], "ann", ["lobby"])
    await ann.say("lobby", text)
    late = await people.plain(cluster.nodes[1])
    line = await late.containing(text)
    assert CHAT_LINE.match(line)["name"] == ann.name


async def test_nick(cluster: Cluster, people: People, pair):
    room, (ann, _), (bob, taken) = pair
    name = fresh("anna")
    await ann.say(f"/nick {name}")
    await ann.containing(name)
    await ann.say("renamed")
    assert CHAT_LINE.match(await bob.containing(": renamed"))["name"] == name
    await ann.containing(": renamed")
    refused = await ann.answer(f"/nick {taken}")
    assert not CHAT_LINE.match(refused)
    await ann.say("still the same")
    assert CHAT_LINE.match(await bob.containing(": still the same"))["name"] == name
    mark = ann.mark()
    await ann.answer("/nick")
    await ann.answer("/nick a:b")
    await ann.say("unchanged")
    assert CHAT_LINE.match(await bob.containing(": unchanged"))["name"] == name
    assert len(ann.lines) > mark


async def test_me(cluster: Cluster, people: People, pair):
    room, (ann, name), (bob, _) = pair
    watcher = await people.guest(cluster.nodes[2], "watcher", [room])
    await ann.say("/me waves")
    heard = await watcher.next("message")
    assert heard["action"] is True and heard["text"] == "waves"
    line = await bob.containing("waves")
    assert name in line and "/me" not in line


async def test_msg(cluster: Cluster, people: People, pair):
    room, (ann, ann_name), (bob, bob_name) = pair
    watcher = await people.guest(cluster.nodes[2], "watcher", [room])
    await ann.say(f"/msg {bob_name} just for you")
    line = await bob.containing("just for you")
    assert ann_name in line
    await ann.containing("just for you")
    await bob.say(f"/msg {watcher.name} and for you")
    heard = await watcher.next("message")
    assert heard["text"] == "and for you" and heard["room"].startswith("dm:")
    await watcher.ask("send", to=heard["from"]["id"], text="answered")
    await bob.containing("answered")
    assert all("just for you" not in str(frame) for frame in watcher.frames)
    assert not CHAT_LINE.match(await ann.answer(f"/msg {fresh('nobody')} hello?")), "an unknown name is an error line"
    assert not CHAT_LINE.match(await ann.answer(f"/msg {bob_name}")), "so is a message without a text"


async def test_who_and_rooms(pair):
    room, (ann, ann_name), (_, bob_name) = pair

    async def both_are_named() -> bool:
        return {ann_name, bob_name} <= set(re.findall(r"[\w-]+", await ann.answer("/who")))
    await eventually(both_are_named, 5, "both names in /who", every=0.2)
    # The list is in the order of names; other tests have made many rooms.
    first = fresh("0-room")
    await ann.say(f"/join {first}")
    await ann.containing(f"You are in {first}")
    mark = ann.mark()
    await ann.say("/rooms")
    await ann.containing(f"{first} (", after=mark)
    assert f"{first} (" not in await ann.answer(f"/rooms {first}")


async def test_more_rooms_than_a_line_holds(cluster: Cluster, people: People, pair):
    _, (ann, _), _ = pair
    many = [fresh(f"00-many-{number:03}") for number in range(105)]
    for index in range(3):
        client = await people.guest(cluster.nodes[index])
        for room in many[index::3]:
            await client.patiently("join", room=room)
    seen: list[str] = []
    command = "/rooms"
    for _ in range(10):
        mark = ann.mark()
        await ann.say(command)
        seen += re.findall(r"(00-many[\w-]+) \(", await ann.containing("* Rooms: ", after=mark))
        if len(seen) >= len(many):
            break
        more = re.search(r"There are more: (/rooms \S+)", await ann.containing("There are more: ", after=mark))
        command = more[1]
    assert [room for room in seen if room in many] == many
    assert command != "/rooms", "it took more than one"
    assert (await ann.answer("/rooms " + "x" * 5_000)).startswith("!")


async def test_history(cluster: Cluster, people: People, pair):
    room, (ann, _), (bob, _) = pair
    for number in range(6):
        await ann.say(f"line {number}")
    await bob.containing("line 5")
    mark = bob.mark()
    await bob.say("/history 3")
    await bob.containing("line 5", after=mark)
    shown = [CHAT_LINE.match(line)["text"] for line in "\n".join(bob.lines[mark:]).split("\n") if CHAT_LINE.match(line)]
    assert shown == ["line 3", "line 4", "line 5"]
    mark = bob.mark()
    await bob.say("/history")
    await bob.containing("line 0", after=mark)
    for bad in ("0", "-1", "many", "99999999999999999999"):
        assert await bob.answer(f"/history {bad}"), "an answer of some kind"


async def test_help_names_every_command(pair):
    _, (ann, _), _ = pair
    mark = ann.mark()
    await ann.say("/help")
    commands = ["/nick", "/join", "/leave", "/msg", "/me", "/who", "/rooms", "/history", "/help"]
    await ann.until(lambda: all(command in "\n".join(ann.lines[mark:]) for command in commands), what="all commands in /help")


async def test_leave_and_a_line_without_a_room(pair):
    _, (ann, _), (bob, _) = pair
    mark = ann.mark()
    await ann.say("/leave")
    await ann.until(lambda: len(ann.lines) > mark, what="an answer to /leave")
    refused = await ann.answer("nobody hears this")
    assert not CHAT_LINE.match(refused)
    await bob.say("fence")
    await bob.containing("fence")
    assert "nobody hears this" not in "\n".join(bob.lines)


async def test_two_slashes_escape_one(pair):
    _, (ann, name), (bob, _) = pair
    await ann.say("//shrug")
    assert CHAT_LINE.match(await bob.containing("shrug"))["text"] == "/shrug"


async def test_an_unknown_command_is_an_error_line(pair):
    _, (ann, _), (bob, _) = pair
    assert not CHAT_LINE.match(await ann.answer("/frobnicate now"))
    await bob.say("fence")
    await ann.containing("fence")
    assert "frobnicate" not in "\n".join(bob.lines)


async def test_empty_lines_are_ignored(pair):
    _, (ann, _), (bob, _) = pair
    mark = ann.mark()
    for line in ("", "\n", "\r\n"):
        await ann.say(line)
    await ann.say("fence")
    await bob.containing("fence")
    await ann.containing("fence")
    assert [line for line in ann.lines[mark:] if CHAT_LINE.match(line)] == ann.lines[mark:], "no error lines"
    assert len(ann.lines) == mark + 1


async def test_line_breaks_and_bidi_characters_of_others(cluster: Cluster, people: People, pair):
    room, _, (bob, _) = pair
    ann = await people.guest(cluster.nodes[2], "ann", [room])
    await ann.say(room, "one\ntwo\r\nthree \u202e\u2066red")
    line = await bob.containing("one")
    text = CHAT_LINE.match(line)["text"].rstrip("\n")
    assert text.startswith("one ⏎ two ⏎ three")
    assert not re.search(r"[\x00-\x1f\x7f\u202e\u2066]", text)
    assert "red" in text
    await ann.say(room, "12:00 somebody: forged\n12:01 somebody: more")
    forged = await bob.containing("forged")
    assert CHAT_LINE.match(forged)["name"] == ann.name


async def test_a_line_may_end_with_a_line_break(pair):
    _, (ann, _), (bob, _) = pair
    await ann.say("typed in websocat\n")
    assert CHAT_LINE.match((await bob.containing("websocat")).rstrip("\n"))["text"] == "typed in websocat"


async def test_a_line_that_is_too_long(pair):
    _, (ann, _), (bob, _) = pair
    assert not CHAT_LINE.match(await ann.answer("x" * 4097))
    await ann.say("fence")
    await bob.containing("fence")


async def test_names_that_are_no_rooms(pair):
    _, (ann, _), (bob, _) = pair
    for line in ("/join", "/join No Room", "/join dm:a:b"):
        assert not CHAT_LINE.match(await ann.answer(line))
    await ann.say("still here")
    await bob.containing("still here")


async def test_a_binary_frame_is_1003(node: Node, people: People):
    plain = await people.plain(node)
    await plain.send_bytes(b"hello")
    assert await plain.wait_closed() == 1003


async def test_json_is_a_line_like_any_other(pair):
    _, (ann, _), (bob, _) = pair
    await ann.say('{"type":"ping"}')
    assert CHAT_LINE.match(await bob.containing('{"type":"ping"}'))
