"""send: text, key, replyTo, action, direct messages, and their limits."""

import pytest

from harness.cluster import Cluster
from harness.expect import is_time, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People


async def test_an_entry_has_these_fields_and_no_more(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    ack = await ann.ask("send", room=room, text="hello")
    assert ack["type"] == "ack" and ack.keys() >= {"re", "room", "offset", "epoch", "at"}
    message = await ann.next("message")
    assert message == {"type": "message", "room": room, "offset": 1, "epoch": ack["epoch"], "at": ack["at"],
                       "from": {"id": ann.user, "name": ann.name}, "text": "hello"}
    assert is_time(ack["at"])


@pytest.mark.parametrize("text", [
    "x" * 4096, "é" * 2048, "/nick eve", "a\u2028\u2029b", "a\nb\n\nc\td", '"\\', "\u202eleft", "</script>",
    "𝄞🐦👩‍👩‍👧", "\ufeff\u200bx", "<img src=x onerror=alert(1)>", "%s%n%d", " padded ", "\uffff\ufffe",
], ids=lambda text: ascii(text[:12]))
async def test_text_arrives_as_it_was_typed(cluster: Cluster, people: People, text: str):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.ask("send", room=room, text=text)
    assert (await bob.next("message"))["text"] == text
    assert (await bob.ask("history", room=room))["entries"][0]["text"] == text
    assert cluster.redis.log(room)[0]["text"] == text


@pytest.mark.parametrize("text, stored", [("e\u0301", "é"), ("a\r\nb\rc", "a\nb\nc"), ("\u2126\r\n", "\u03a9\n")], ids=ascii)
async def test_text_is_stored_in_one_spelling(cluster: Cluster, people: People, text: str, stored: str):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    ack = await ann.ask("send", room=room, text=text)
    assert (await bob.next("message"))["text"] == stored
    await ann.ask("edit", room=room, offset=ack["offset"], text="2 " + text)
    assert (await bob.next("edited"))["text"] == "2 " + stored
    assert [entry["text"] for entry in cluster.redis.log(room)] == [stored, "2 " + stored]


async def test_escaped_and_unescaped_json_are_the_same(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await ann.send_text('{"\\u0074ype":"send","room":"%s","text":"\\ud83d\\udc26 \\u00e9 \\/ \\n"}' % room)
    assert (await ann.next("message"))["text"] == "🐦 é / \n"


@pytest.mark.parametrize("text", [
    "", " ", "   ", " \t\r\n", "a\u0000b", "\u0000", "\u0001", "a\u001b[31m", "a\bb", "a\fb", "\u007f", "é\u0085",
], ids=lambda value: ascii(value)[:40])
async def test_text_that_is_none(node: Node, people: People, text: str):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await refuses(ann, "bad_frame", "send", room=room, text=text)
    assert (await ann.ask("history", room=room))["entries"] == []


@pytest.mark.parametrize("text", ["x" * 4097, "é" * 2049, "x" * 60_000], ids=lambda text: str(len(text)))
async def test_text_beyond_the_limit_is_too_large(node: Node, people: People, text: str):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await refuses(ann, "too_large", "send", room=room, text=text)
    await lives(ann)


@pytest.mark.parametrize("fields", [
    {"text": "hello"}, {"room": "lobby"}, {"room": 17, "text": "x"}, {"room": "lobby", "text": 17}, {"to": [], "text": "x"},
    {"room": "lobby", "text": "x", "key": ""}, {"room": "lobby", "text": "x", "key": "k" * 65},
    {"room": "lobby", "text": "x", "key": "a b"}, {"room": "lobby", "text": "x", "key": 17},
    {"room": "lobby", "text": "x", "key": "ä"}, {"room": "lobby", "text": "x", "action": "yes"},
    {"room": "lobby", "text": "x", "action": 1}, {"room": "lobby", "text": "x", "replyTo": 0},
    {"room": "lobby", "text": "x", "replyTo": -1}, {"room": "lobby", "text": "x", "replyTo": "1"},
    {"room": "lobby", "text": "x", "replyTo": 1.5}, {"room": "lobby", "text": "x", "replyTo": 1 << 53},
    {"room": "lobby", "text": ["x"]}, {"room": "lobby", "text": {"a": "b"}},
], ids=lambda value: str(value)[:60])
async def test_fields_of_a_wrong_form(node: Node, people: People, fields: dict):
    ann = await people.guest(node)
    if fields.get("room") == "lobby":
        await ann.join("lobby")
    await refuses(ann, "bad_frame", "send", **fields)
    await lives(ann)


async def test_reply_to_an_entry_that_is_there_and_to_one_that_is_not(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    for number in range(5):
        ack = await ann.ask("send", room=room, text="question")
        # Acknowledged is stored, so the entry is there for every node, whether or not this one has heard of it yet.
        await bob.ask("send", room=room, text=f"answer {number}", replyTo=ack["offset"])
        heard = await ann.next("message", where=lambda frame: frame["text"] == f"answer {number}")
        assert heard["replyTo"] == ack["offset"]
    await refuses(bob, "bad_frame", "send", room=room, text="dangling", replyTo=99)
    assert len((await bob.ask("history", room=room))["entries"]) == 10


async def test_action(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await ann.ask("send", room=room, text="waves", action=True)
    await ann.ask("send", room=room, text="says", action=False)
    await ann.until(lambda: len(ann.messages()) == 2)
    waves, says = ann.messages()
    assert waves["action"] is True
    assert not says.get("action")


async def test_the_same_key_gives_the_same_place_and_one_delivery_on_any_node(cluster: Cluster, people: People):
    room = fresh("room")
    watcher = await people.guest(cluster.nodes[2], "watcher", [room])
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    elsewhere = await people.again(cluster.nodes[1], ann, [room])
    key = fresh("key")
    first = await ann.ask("send", room=room, text="once", key=key)
    repeats = [await ann.ask("send", room=room, text="once", key=key),
               await elsewhere.ask("send", room=room, text="once", key=key),
               await elsewhere.ask("send", room=room, text="another text", key=key)]
    for repeat in repeats:
        assert {name: repeat[name] for name in ("room", "offset", "epoch", "at")} == \
            {name: first[name] for name in ("room", "offset", "epoch", "at")}
    await ann.say(room, "fence")
    for session in (watcher, ann, elsewhere):
        await session.next("message", where=lambda frame: frame["text"] == "fence")
        assert session.texts() == ["once", "fence"]
    assert watcher.messages()[0]["key"] == key, "the key is visible to the room"
    assert [entry["text"] for entry in cluster.redis.log(room)] == ["once", "fence"]


async def test_concurrent_repeats_of_a_key_make_one_entry(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    elsewhere = await people.again(cluster.nodes[1], ann, [room])
    key = fresh("key")
    frames = [("send", {"room": room, "text": "once", "key": key})] * 5
    first, second = await ann.requests(frames), await elsewhere.requests(frames)
    assert {ack["offset"] for ack in first + second} == {1}
    assert len(cluster.redis.log(room)) == 1


async def test_a_key_belongs_to_its_user_and_room(cluster: Cluster, people: People):
    rooms = [fresh("room"), fresh("room")]
    ann = await people.guest(cluster.nodes[0], "ann", rooms)
    bob = await people.guest(cluster.nodes[1], "bob", rooms)
    key = fresh("key")
    acks = [await client.ask("send", room=room, text=client.name, key=key) for client in (ann, bob) for room in rooms]
    assert [(ack["room"], ack["offset"]) for ack in acks] == [(rooms[0], 1), (rooms[1], 1), (rooms[0], 2), (rooms[1], 2)]


async def test_a_key_of_64_characters(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    key = "Az0_-" + "k" * 59
    await ann.ask("send", room=room, text="x", key=key)
    assert (await ann.next("message"))["key"] == key


async def test_direct_messages_that_cannot_be(node: Node, people: People):
    ann = await people.guest(node)
    await refuses(ann, "not_found", "send", to="nobody-by-this-id", text="hello?")
    await refuses(ann, "bad_room", "send", to=ann.user, text="note to self")


async def test_a_key_makes_a_direct_message_safe_to_repeat(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    key = fresh("key")
    first = await ann.ask("send", to=bob.user, text="psst", key=key)
    again = await ann.ask("send", to=bob.user, text="psst", key=key)
    assert again["offset"] == first["offset"] == 1
    await ann.ask("send", to=bob.user, text="fence")
    await bob.next("message", where=lambda frame: frame["text"] == "fence")
    # A repeat notifies again, and receivers drop what they have.
    assert {message["offset"]: message["text"] for message in bob.messages()} == {1: "psst", 2: "fence"}


async def test_time_never_goes_back_within_a_log(cluster: Cluster, people: People):
    room = fresh("room")
    speakers = await people.guests(3, cluster.nodes, "speaker", [room])
    acks = [await speakers[number % 3].say(room, str(number)) for number in range(9)]
    assert [ack["at"] for ack in acks] == sorted(ack["at"] for ack in acks)
    assert (await speakers[0].ask("ping"))["at"] >= acks[-1]["at"] - 1000
