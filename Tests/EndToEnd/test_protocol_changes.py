"""edit, delete, react: entries like any other, on every node; what is deleted is returned by nothing any more."""

import pytest

from harness.cluster import Cluster
from harness.expect import lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People


async def test_changes_are_entries_with_these_fields_and_no_more(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.ask("send", room=room, text="hi")
    acks = [
        await ann.ask("edit", room=room, offset=1, text="hello"), await bob.ask("react", room=room, offset=1, emoji="👍", on=True),
        await bob.ask("react", room=room, offset=1, emoji="👍", on=False), await ann.ask("delete", room=room, offset=1),
    ]
    assert [ack["offset"] for ack in acks] == [2, 3, 4, 5]
    assert all(ack.keys() == {"type", "re", "room", "offset", "epoch", "at"} for ack in acks)
    for client in (ann, bob):
        await client.next("deleted")
        got = client.of_type("edited", "reacted", "deleted")
        common = [{"room": room, "target": 1} | {name: ack[name] for name in ("offset", "epoch", "at")} for ack in acks]
        by_ann, by_bob = {"from": {"id": ann.user, "name": ann.name}}, {"from": {"id": bob.user, "name": bob.name}}
        assert got == [
            common[0] | by_ann | {"type": "edited", "text": "hello"},
            common[1] | by_bob | {"type": "reacted", "emoji": "👍", "on": True},
            common[2] | by_bob | {"type": "reacted", "emoji": "👍", "on": False},
            common[3] | by_ann | {"type": "deleted"},
        ]
        assert not client.journal.violations


async def test_who_may_what(node: Node, people: People):
    room = fresh("room")
    ann, bob = await people.guest(node, "ann", [room]), await people.guest(node, "bob", [room])
    stranger = await people.guest(node, "stranger")
    await ann.say(room, "hi")
    for client, code in ((bob, "forbidden"), (stranger, "not_member")):
        await refuses(client, code, "edit", room=room, offset=1, text="mine")
        await refuses(client, code, "delete", room=room, offset=1)
    await refuses(stranger, "not_member", "react", room=room, offset=1, emoji="👍", on=True)
    assert len((await ann.ask("history", room=room))["entries"]) == 1


async def test_what_is_not_there_is_not_found(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await ann.say(room, "hi")
    await ann.ask("edit", room=room, offset=1, text="hello")
    await ann.ask("delete", room=room, offset=1)
    for offset in (1, 2, 3, 4, (1 << 53) - 1):
        await refuses(ann, "not_found", "edit", room=room, offset=offset, text="x")
        await refuses(ann, "not_found", "delete", room=room, offset=offset)
        await refuses(ann, "not_found", "react", room=room, offset=offset, emoji="👍", on=True)


@pytest.mark.parametrize("type, fields", [
    ("edit", {"text": "x"}), ("edit", {"offset": 1}), ("edit", {"offset": 0, "text": "x"}), ("edit", {"offset": 1, "text": " "}),
    ("edit", {"offset": 1, "text": "a\u0000b"}), ("edit", {"offset": 1, "text": "\u001b[0m"}), ("edit", {"offset": 1 << 53, "text": "x"}), ("edit", {"offset": "1", "text": "x"}),
    ("delete", {}), ("delete", {"offset": -1}), ("react", {"offset": 1, "on": True}), ("react", {"offset": 1, "emoji": "👍"}),
    ("react", {"offset": 1, "emoji": "", "on": True}), ("react", {"offset": 1, "emoji": "👍", "on": "yes"}),
    ("react", {"offset": 1, "emoji": "a b", "on": True}), ("react", {"offset": 1, "emoji": "x" * 65, "on": True}),
], ids=lambda value: str(value)[:40])
async def test_fields_of_a_wrong_form(node: Node, people: People, type: str, fields: dict):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await refuses(ann, "bad_frame", type, room=room, **fields)
    await lives(ann)


async def test_an_edit_beyond_the_limit_is_too_large(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await ann.say(room, "hi")
    await refuses(ann, "too_large", "edit", room=room, offset=1, text="é" * 2049)


async def test_a_reaction_that_changes_nothing_makes_no_entry(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    again = await people.again(cluster.nodes[1], ann, [room])
    await ann.say(room, "hi")
    assert "offset" not in await ann.ask("react", room=room, offset=1, emoji="❤️", on=False)
    assert (await ann.ask("react", room=room, offset=1, emoji="❤️", on=True))["offset"] == 2
    assert "offset" not in await again.ask("react", room=room, offset=1, emoji="❤️", on=True)
    assert (await again.ask("react", room=room, offset=1, emoji="❤️", on=False))["offset"] == 3
    assert [entry["type"] for entry in cluster.redis.log(room)] == ["message", "reacted", "reacted"]


async def test_what_was_deleted_is_returned_by_nothing(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    there = await people.guest(cluster.nodes[1], "there", [room])
    before = there.journal.position(room)
    await ann.say(room, "one")
    await ann.say(room, "secret")
    await ann.ask("edit", room=room, offset=2, text="secret too")
    await there.next("edited")
    at_the_edit = there.journal.position(room)
    await ann.say(room, "four")
    await ann.ask("delete", room=room, offset=2)
    await there.next("deleted")

    assert [entry["offset"] for entry in cluster.redis.log(room)] == [1, 4, 5]
    assert not any("secret" in str(pair) for pair in cluster.redis.command("XRANGE", f"martlet:room:{{{room}}}:log", "-", "+"))
    for at in cluster.nodes:
        late = await people.guest(at, "late")
        joined = await late.join(room)
        assert [entry["offset"] for entry in joined["entries"]] == [1, 4, 5] and joined["offset"] == 5
        assert "secret" not in str(joined) and "secret" not in str(await late.ask("history", room=room))
        resumed = await people.guest(at, "resumed")
        answer = await resumed.join(room, since=before)
        assert answer["recovered"] and [entry["offset"] for entry in answer["entries"]] == [1, 4, 5]
        # The position of an entry that was deleted is still one to go on from.
        answer = await resumed.join(room, since=at_the_edit)
        assert answer["recovered"] and [entry["offset"] for entry in answer["entries"]] == [4, 5]


async def test_a_page_has_the_later_changes_of_its_messages(node: Node, people: People):
    room = fresh("room")
    ann, bob = await people.guest(node, "ann", [room]), await people.guest(node, "bob", [room])
    for text in ("one", "two", "three"):
        await ann.say(room, text)
    await ann.ask("edit", room=room, offset=1, text="uno")
    await bob.ask("react", room=room, offset=2, emoji="👍", on=True)
    await ann.ask("delete", room=room, offset=3)
    await ann.ask("edit", room=room, offset=1, text="eins")
    page = await ann.ask("history", room=room, before=3)
    assert [entry["offset"] for entry in page["entries"]] == [1, 2]
    assert [(change["type"], change["target"]) for change in page["changes"]] == [("reacted", 2), ("edited", 1)]
    assert page["changes"][1]["text"] == "eins"
    page = await ann.ask("history", room=room)
    assert [entry["offset"] for entry in page["entries"]] == [1, 2, 4, 5, 6, 7] and page["changes"] == []


async def test_in_a_direct_room_all_sessions_of_both_see_it(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    bob_too = await people.again(cluster.nodes[2], bob)
    ack = await ann.ask("send", to=bob.user, text="psst")
    room = ack["room"]
    await bob.next("message")
    await ann.ask("edit", room=room, offset=1, text="psst!")
    await bob.ask("react", room=room, offset=1, emoji="🐦", on=True)
    await refuses(bob, "forbidden", "delete", room=room, offset=1)
    eve = await people.guest(cluster.nodes[0], "eve")
    for type, fields in (("edit", {"text": "x"}), ("delete", {}), ("react", {"emoji": "x", "on": True})):
        await refuses(eve, "forbidden", type, room=room, offset=1, **fields)
    await ann.ask("delete", room=room, offset=1)
    for client in (ann, bob, bob_too):
        await client.next("deleted")
        assert [frame["offset"] for frame in client.of_type("message", "edited", "reacted", "deleted")] == [1, 2, 3, 4]
    assert "psst" not in str(await ann.ask("history", room=room))


async def test_plain_sessions_read_lines(cluster: Cluster, people: People):
    plain = await people.plain(cluster.nodes[1])
    ann = await people.guest(cluster.nodes[0], "ann", ["lobby"])
    ack = await ann.say("lobby", fresh("text"))
    await ann.ask("edit", room="lobby", offset=ack["offset"], text="otherwise")
    await plain.line(lambda line: line.endswith(f"* {ann.name} edited: otherwise"))
    await ann.ask("delete", room="lobby", offset=ack["offset"])
    await plain.line(lambda line: line.endswith(f"* {ann.name} deleted a message"))
