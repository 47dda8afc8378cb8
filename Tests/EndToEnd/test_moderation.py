"""Permissions and moderation: who may what in a room, on whichever nodes; see docs/moderation.md."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harness.attachments import attach
from harness.auth import post
from harness.client import Client
from harness.cluster import Cluster
from harness.expect import AT_ONCE, is_error, is_time, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.rooms import room_of


async def acts(client: Client, room: str | None = None) -> list[str]:
    return [entry["act"] for entry in (await client.ask("audit", room=room, limit=200))["entries"]]


# Rooms belong to who creates them


async def test_who_creates_a_room_owns_it(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    joined = owner.of_type("joined", room=room)[0]
    assert joined["role"] == "owner" and not joined.keys() & {"topic", "access", "announcement", "slowMode"}
    for node in cluster.nodes:
        other = await people.guest(node, "other")
        assert "role" not in await other.join(room)
    again = await people.again(cluster.nodes[2], owner)
    assert (await again.join(room))["role"] == "owner"


async def test_nobody_owns_the_lobby_or_a_room_that_was_there(cluster: Cluster, people: People):
    guest = await people.guest(cluster.nodes[0], "guest")
    assert "role" not in await guest.join("lobby")
    await refuses(guest, "forbidden", "topic", room="lobby", topic="mine")
    old = fresh("old")
    cluster.redis.command("HSET", f"martlet:room:{{{old}}}:meta", "epoch", "e1", "offset", 0, "at", 0, "first", 1)
    assert "role" not in await guest.join(old)


async def test_of_many_who_come_at_once_one_is_the_owner(cluster: Cluster, people: People):
    room = fresh("room")
    guests = await people.guests(9, cluster.nodes)
    joined = await asyncio.gather(*(guest.join(room) for guest in guests))
    assert [frame.get("role") for frame in joined].count("owner") == 1


async def test_a_topic_is_told_to_everybody_and_listed(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    there = await people.guest(cluster.nodes[1], "there", [room])
    mark = there.mark()
    assert (await owner.ask("topic", room=room, topic="  birds, mostly ")).keys() == {"type", "re", "room"}
    told = await there.next("room", after=mark, within=AT_ONCE)
    assert told == {"type": "room", "room": room, "topic": "birds, mostly", "access": "public", "announcement": False,
                    "slowMode": 0}
    late = await people.guest(cluster.nodes[2], "late")
    assert (await late.join(room))["topic"] == "birds, mostly"
    page = await late.ask("rooms", after=room[:-1])
    assert {"room": room, "topic": "birds, mostly"}.items() <= next(r for r in page["rooms"] if r["room"] == room).items()
    await refuses(there, "forbidden", "topic", room=room, topic="mine")
    await owner.ask("topic", room=room, topic="")
    assert "topic" not in await there.next("room", after=mark + 1, where=lambda frame: "topic" not in frame)


async def test_roles_are_given_and_taken(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    carl = await people.guest(cluster.nodes[2], "carl", [room])
    await refuses(bob, "forbidden", "role", room=room, user=bob.user, role="owner")
    mark = bob.mark()
    await owner.ask("role", room=room, user=bob.user, role="moderator")
    assert (await bob.next("room", after=mark, within=AT_ONCE))["role"] == "moderator"
    await bob.ask("topic", room=room, topic="bob's")
    await refuses(bob, "forbidden", "role", room=room, user=carl.user, role="moderator")
    await refuses(bob, "forbidden", "kick", room=room, user=owner.user)
    await refuses(bob, "forbidden", "configure", room=room, access="private")
    await refuses(owner, "forbidden", "role", room=room, user=owner.user, role="member")
    await owner.ask("role", room=room, user=bob.user, role="owner")
    # Equals leave each other alone; one of two may step down.
    await refuses(bob, "forbidden", "role", room=room, user=owner.user, role="member")
    await owner.ask("role", room=room, user=owner.user, role="moderator")
    await refuses(owner, "forbidden", "kick", room=room, user=bob.user)
    await owner.ask("role", room=room, user=owner.user, role="member")
    await refuses(owner, "forbidden", "topic", room=room, topic="no more")
    await refuses(bob, "not_found", "role", room=room, user="g-" + "0" * 32, role="moderator")
    await refuses(bob, "not_found", "role", room=room, user="no id!", role="moderator")


# Kick, ban, mute


async def test_a_kick_ends_all_sessions_in_the_room_on_all_nodes(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room, "lobby"])
    bob_too = await people.again(cluster.nodes[2], bob, [room])
    await owner.next("presence", where=lambda frame: any(member["id"] == bob.user for member in frame["joined"]))
    mark = owner.mark()
    await owner.ask("kick", room=room, user=bob.user, reason="enough")
    for client in (bob, bob_too):
        assert await client.next("kicked", within=AT_ONCE) == {"type": "kicked", "room": room, "reason": "enough"}
        await refuses(client, "not_member", "send", room=room, text="still here")
    await owner.next("presence", after=mark, within=AT_ONCE,
                     where=lambda frame: {"id": bob.user} in frame["left"] and frame["count"] == 1)
    before = bob.mark()
    await owner.say(room, "without bob")
    await bob.fence()
    assert not [frame for frame in bob.frames[before:] if frame.get("room") == room]
    conversation = next(c for c in (await bob.ask("inbox"))["conversations"] if c["room"] == room)
    assert conversation["joined"] is False
    # A kick is no ban.
    await bob.join(room)
    await bob.say(room, "back")
    await owner.ask("topic", room=room, topic="a change later")
    await bob.next("room", after=before, where=lambda frame: frame.get("topic") == "a change later")
    assert len(bob.of_type("kicked")) == 1
    assert await acts(owner, room) == ["topic", "kick"]


async def test_a_ban_holds_on_all_nodes(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    position = bob.journal.position(room)
    await owner.ask("ban", room=room, user=bob.user, reason="spam")
    assert (await bob.next("kicked", within=AT_ONCE))["reason"] == "spam"
    for node in cluster.nodes:
        again = await people.again(node, bob)
        assert "spam" in (await refuses(again, "forbidden", "join", room=room))["message"]
        await refuses(again, "forbidden", "who", room=room)
        await refuses(again, "not_member", "history", room=room)
        assert not [c for c in (await again.ask("inbox"))["conversations"] if c["room"] == room]
        resumed = await people.again(node, bob, resume={room: position})
        assert is_error(await resumed.next("error"), "forbidden")["room"] == room
    await refuses(owner, "forbidden", "invite", room=room, user=bob.user)
    await owner.ask("unban", room=room, user=bob.user)
    await bob.join(room)
    await refuses(owner, "not_found", "unban", room=room, user=bob.user)
    assert await acts(owner, room) == ["unban", "ban"]


async def test_a_ban_ends_by_itself(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await owner.ask("ban", room=room, user=bob.user, duration=1500)
    await bob.next("kicked")
    ban = (await owner.ask("moderation", room=room))["bans"][0]
    assert ban["user"] == {"id": bob.user, "name": bob.name} and ban["by"] == {"id": owner.user, "name": owner.name}
    assert ban["until"] == ban["at"] + 1500 and is_time(ban["at"])
    await refuses(bob, "forbidden", "join", room=room)

    async def comes_in() -> None:
        while (await bob.request("join", room=room))["type"] == "error":
            await asyncio.sleep(0.05)

    await asyncio.wait_for(comes_in(), 10)
    await bob.say(room, "back")


async def test_who_is_muted_reads_and_says_nothing(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    first = await bob.say(room, "one")
    await owner.ask("mute", room=room, user=bob.user, reason="quiet, please")

    async def is_muted() -> None:
        while (await bob.request("typing", room=room, on=True))["type"] != "error":
            await asyncio.sleep(0.02)

    await asyncio.wait_for(is_muted(), AT_ONCE)
    for type, fields in (("send", {"text": "x"}), ("edit", {"offset": 1, "text": "x"}),
                         ("react", {"offset": 1, "emoji": "👍", "on": True})):
        assert "muted" in (await refuses(bob, "forbidden", type, room=room, **fields))["message"]
    is_error(await attach(bob, b"file", room=room), "forbidden")
    await owner.say(room, "heard by all")
    await bob.next("message", where=lambda frame: frame["text"] == "heard by all")
    await bob.ask("history", room=room)
    await bob.ask("read", room=room, offset=2)
    await bob.ask("delete", room=room, offset=first["offset"])
    await owner.ask("unmute", room=room, user=bob.user)
    await asyncio.wait_for(_eventually_says(bob, room), AT_ONCE)
    await refuses(owner, "not_found", "unmute", room=room, user=bob.user)


async def _eventually_says(client: Client, room: str) -> None:
    while (await client.request("send", room=room, text="again"))["type"] == "error":
        await asyncio.sleep(0.02)


async def test_a_moderator_deletes_what_others_wrote(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    carl = await people.guest(cluster.nodes[2], "carl", [room])
    ack = await bob.say(room, "rude")
    await refuses(carl, "forbidden", "delete", room=room, offset=ack["offset"])
    mark = carl.mark()
    await owner.ask("role", room=room, user=carl.user, role="moderator")
    await carl.next("room", after=mark)
    await refuses(carl, "forbidden", "edit", room=room, offset=ack["offset"], text="polite")
    await carl.ask("delete", room=room, offset=ack["offset"])
    await bob.next("deleted")
    assert "rude" not in str(await bob.ask("history", room=room))
    entry = (await owner.ask("audit", room=room))["entries"][0]
    assert entry == {"id": entry["id"], "at": entry["at"], "act": "delete", "by": {"id": carl.user, "name": carl.name},
                     "user": {"id": bob.user, "name": bob.name}, "offset": ack["offset"]}
    # One's own is nobody's business.
    mine = await carl.say(room, "mine")
    await carl.ask("delete", room=room, offset=mine["offset"])
    assert (await acts(owner, room))[0] == "delete" and (await acts(owner, room)).count("delete") == 1


# Who may look


async def test_what_was_done_is_written_down(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await owner.ask("mute", room=room, user=bob.user, duration=60_000, reason="calm")
    await owner.ask("configure", room=room, slowMode=1000, announcement=True)
    await refuses(bob, "forbidden", "audit", room=room)
    await refuses(bob, "forbidden", "moderation", room=room)
    await refuses(owner, "forbidden", "audit")
    await refuses(owner, "forbidden", "moderation")
    page = await owner.ask("audit", room=room, limit=1)
    assert page["more"] is True and page["room"] == room
    assert {"act": "configure", "announcement": True, "slowMode": 1000}.items() <= page["entries"][0].items()
    nothing = await owner.ask("audit", room=room, before="0-0")
    assert nothing["more"] is False and nothing["entries"] == []
    page = await owner.ask("audit", room=room, before=page["entries"][0]["id"])
    entry = page["entries"][0]
    assert page["more"] is False and len(page["entries"]) == 1
    assert entry == {"id": entry["id"], "at": entry["at"], "act": "mute", "by": {"id": owner.user, "name": owner.name},
                     "user": {"id": bob.user, "name": bob.name}, "reason": "calm", "until": entry["until"]}
    # The same for redis-cli.
    raw = cluster.redis.command("XREVRANGE", f"martlet:room:{{{room}}}:audit", "+", "-", "COUNT", 1)[0]
    assert raw[1][:6] == ["act", "configure", "by", owner.user, "byName", owner.name]
    lists = await owner.ask("moderation", room=room)
    assert [item["role"] for item in lists["roles"]] == ["owner"] and lists["roles"][0]["user"]["id"] == owner.user
    assert [item["user"]["id"] for item in lists["mutes"]] == [bob.user]
    assert lists["bans"] == [] and lists["invitations"] == [] and "after" not in lists


@pytest.mark.parametrize("type, fields", [
    ("kick", {}), ("kick", {"user": 7}), ("kick", {"user": "u", "reason": "a\nb"}), ("ban", {"user": "u", "duration": 0}),
    ("ban", {"user": "u", "duration": "1"}), ("mute", {"user": "u", "duration": 1 << 53}), ("role", {"user": "u"}),
    ("role", {"user": "u", "role": "king"}), ("topic", {}), ("topic", {"topic": "a\nb"}), ("configure", {"access": "secret"}),
    ("configure", {"announcement": 1}), ("configure", {"slowMode": -1}), ("configure", {"slowMode": 21_600_001}),
    ("audit", {"limit": 0}), ("audit", {"before": "x"}), ("audit", {"before": "1-2-3"}), ("audit", {"before": "+0-0"}),
    ("moderation", {"after": ""}),
], ids=lambda value: str(value)[:40])
async def test_fields_of_a_wrong_form(node: Node, people: People, type: str, fields: dict):
    room, owner = await room_of(people, node)
    await refuses(owner, "bad_frame", type, room=room, **fields)
    await lives(owner)


async def test_what_is_too_long_is_too_large(node: Node, people: People):
    room, owner = await room_of(people, node)
    await refuses(owner, "too_large", "topic", room=room, topic="é" * 257)
    await refuses(owner, "too_large", "kick", room=room, user="u", reason="x" * 257)


async def test_direct_rooms_have_no_moderators(node: Node, people: People):
    ann, bob = await people.guest(node, "ann"), await people.guest(node, "bob")
    room = (await ann.ask("send", to=bob.user, text="hi"))["room"]
    for type, fields in (("kick", {"user": bob.user}), ("ban", {"user": bob.user}), ("topic", {"topic": "us"}),
                         ("configure", {"access": "private"}), ("moderation", {}), ("audit", {})):
        await refuses(ann, "forbidden", type, room=room, **fields)


async def test_acts_are_limited_in_number(node: Node, people: People):
    room, owner = await room_of(people, node)
    frames = [await owner.request("topic", room=room, topic=str(number)) for number in range(40)]
    refused = [frame for frame in frames if frame["type"] == "error"]
    assert refused and {frame["code"] for frame in refused} == {"rate_limited"}
    assert all(0 < frame["retryAfter"] <= 4000 for frame in refused)


async def test_two_owners_who_demote_each_other_leave_one(cluster: Cluster, people: People):
    for _ in range(5):
        room, one = await room_of(people, cluster.nodes[0])
        two = await people.guest(cluster.nodes[1], "two", [room])
        await one.ask("role", room=room, user=two.user, role="owner")
        answers = await asyncio.gather(*(owner.request("role", room=room, user=owner.user, role="member") for owner in (one, two)))
        assert sorted(frame["type"] for frame in answers) == ["ack", "error"]
        lists = await (one if answers[0]["type"] == "error" else two).ask("moderation", room=room)
        assert [item["role"] for item in lists["roles"]] == ["owner"]


# Operators


@pytest_asyncio.fixture
async def operated(tmp_path: Path, people: People) -> AsyncIterator[tuple[Cluster, Client]]:
    """A cluster, and its operator at the first node."""
    async with own_cluster(tmp_path, environment={"MARTLET_OPERATORS": "boss"}) as cluster:
        status, grant, _ = post(cluster.nodes[0], "register", {"name": "boss", "password": "correct horse battery"})
        assert status == 201
        yield cluster, await people.guest(cluster.nodes[0], None, token=grant["token"])


async def test_a_ban_from_the_cluster(operated: tuple[Cluster, Client], people: People):
    cluster, boss = operated
    bob = await people.guest(cluster.nodes[1], "bob", ["lobby"])
    bob_too = await people.again(cluster.nodes[0], bob)
    await refuses(bob, "forbidden", "ban", user=boss.user)
    await refuses(boss, "not_found", "ban", user="g-" + "0" * 32)
    await refuses(boss, "not_found", "unban", user=bob.user)
    await boss.ask("ban", user=bob.user, reason="spam", duration=4000)
    for client in (bob, bob_too):
        assert await client.wait_closed(within=AT_ONCE) == 4403
        assert "spam" in is_error(client.frames[-1], "forbidden")["message"]
    for node in cluster.nodes:
        stranger = await people.stranger(node)
        await stranger.send_frame("hello", token=bob.token)
        is_error(await stranger.next("error"), "forbidden")
        assert await stranger.wait_closed() == 4403
    listed = await boss.ask("moderation")
    assert [ban["user"] for ban in listed["bans"]] == [{"id": bob.user, "name": bob.name}] and "room" not in listed
    entry = (await boss.ask("audit"))["entries"][0]
    assert {"act": "ban", "operator": True, "reason": "spam", "user": {"id": bob.user, "name": bob.name}}.items() <= entry.items()
    assert entry["until"] == listed["bans"][0]["until"]

    async def comes_in() -> None:
        while True:
            again = await people.stranger(cluster.nodes[0])
            await again.send_frame("hello", token=bob.token)
            if (await again.next("welcome", "error"))["type"] == "welcome":
                return
            await asyncio.sleep(0.1)

    # By Redis's clock the ban ends; taking it back ends it sooner.
    await asyncio.wait_for(comes_in(), 15)
    await boss.ask("ban", user=bob.user)
    cluster.nodes[1].kill()
    cluster.nodes[1].wait_end(5)
    cluster.nodes[1].start()
    stranger = await people.stranger(cluster.nodes[1])
    await stranger.send_frame("hello", token=bob.token)
    assert await stranger.wait_closed() == 4403
    await boss.ask("unban", user=bob.user)
    await asyncio.wait_for(comes_in(), 5)


async def test_operators_may_everywhere_and_nobody_against_them(operated: tuple[Cluster, Client], people: People):
    cluster, boss = operated
    room, owner = await room_of(people, cluster.nodes[1], access="private")
    await boss.join(room)
    for act in ("kick", "ban", "mute"):
        await refuses(owner, "forbidden", act, room=room, user=boss.user)
    # Even a ban that somebody else's hand wrote reaches no session of an operator.
    cluster.redis.command("HSET", f"martlet:room:{{{room}}}:bans", boss.user, '{"name":"boss","at":1}')
    await boss.ask("topic", room=room, topic="seen to")
    await owner.next("room", where=lambda frame: frame.get("topic") == "seen to")
    await boss.say(room, "still here")
    await boss.ask("role", room=room, user=owner.user, role="member")
    await boss.ask("kick", room=room, user=owner.user)
    await owner.next("kicked", within=AT_ONCE)
    entry = (await boss.ask("audit", room=room))["entries"][0]
    assert entry["act"] == "kick" and entry["operator"] is True
    await boss.join("lobby")
    await boss.ask("topic", room="lobby", topic="nobody's room")


# The plain dialect


async def test_moderators_by_plain_lines(cluster: Cluster, people: People):
    room = fresh("room")
    mod, bob = await people.plain(cluster.nodes[0]), await people.plain(cluster.nodes[1])
    await mod.answer(f"/join {room}")
    await bob.answer(f"/join {room}")
    name = fresh("bob")
    await bob.answer(f"/nick {name}")
    assert await mod.answer("/topic") == "* There is no topic"
    assert await mod.answer("/topic all of it") == "* Done"
    assert await mod.answer("/topic") == "* Topic: all of it"
    assert (await bob.answer("/topic mine")).startswith("! ")
    assert await mod.answer(f"/mute {name} 10m shush") == "* Done"
    # His node hears of it some milliseconds later.
    heard = 0
    async with asyncio.timeout(AT_ONCE):
        while not (await bob.answer("hello?")).startswith("! you are muted"):
            heard += 1
    await mod.until(lambda: sum("hello?" in line for line in mod.lines) == heard, what="what was said before")
    assert await mod.answer(f"/unmute {name}") == "* Done"
    assert await mod.answer(f"/kick {name} off you go") == "* Done"
    await bob.containing(f"* You were removed from {room}: off you go", within=AT_ONCE)
    assert (await bob.answer("anybody?")).startswith("! join a room first")
    assert await mod.answer(f"/ban {name} 1h") == "* Done"
    async with asyncio.timeout(AT_ONCE):
        answers = ("! you are banned", f"* You are in {room}")
        while True:
            mark = bob.mark()
            await bob.say(f"/join {room}")
            if (await bob.line(lambda line: line.startswith(answers), mark)).startswith("! "):
                break
    assert await mod.answer(f"/unban {name}") == "* Done"
    assert (await bob.answer(f"/join {room}")).startswith(f"* You are in {room}")
    await bob.containing("* Topic: all of it")
    assert await mod.answer(f"/invite {name}") == "* Done"
    for line in ("/kick", "/ban", "/unban", "/mute", "/unmute", "/invite"):
        assert (await mod.answer(line)).startswith("! usage")
    assert "/kick" in await mod.answer("/help")
    assert (await mod.answer("/kick nobody-here")).startswith("! nobody is called")


# Nodes and Redis that go and come


@contextlib.asynccontextmanager
async def own_cluster(directory: Path, **options) -> AsyncIterator[Cluster]:
    """One that a test may break."""
    cluster = Cluster(directory, nodes=2, **options)
    try:
        yield cluster
    finally:
        cluster.close()


async def test_what_is_set_up_survives_the_nodes_and_not_an_empty_redis(tmp_path: Path, people: People):
    async with own_cluster(tmp_path) as cluster:
        room, owner = await room_of(people, cluster.nodes[0])
        bob = await people.guest(cluster.nodes[1], "bob", [room])
        await owner.ask("topic", room=room, topic="kept")
        await owner.ask("ban", room=room, user=bob.user)
        for node in cluster.nodes:
            node.kill()
            node.wait_end(5)
            node.start()
        again, bob = await people.again(cluster.nodes[1], owner), await people.again(cluster.nodes[0], bob)
        joined = await again.join(room)
        assert joined["topic"] == "kept" and joined["role"] == "owner"
        await refuses(bob, "forbidden", "join", room=room)

        cluster.redis.command("FLUSHALL")
        mark = again.mark()
        await again.next("reset", after=mark, within=15)
        assert (await again.ask("configure", room=room))["access"] == "public"
        await refuses(again, "forbidden", "topic", room=room, topic="mine no more")
        await asyncio.wait_for(_eventually_joins(bob, room), 15)
        await lives(again)


async def _eventually_joins(client: Client, room: str) -> None:
    while (await client.request("join", room=room))["type"] == "error":
        await asyncio.sleep(0.1)


async def test_a_node_that_did_not_hear_of_a_change_finds_it(cluster: Cluster, people: People):
    """A change that nobody told: by a foreign hand here, by a lost event in life."""
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    base = f"martlet:room:{{{room}}}"
    cluster.redis.command("HSET", f"{base}:bans", bob.user, '{"name":"bob","at":1,"reason":"unheard"}')
    cluster.redis.command("HINCRBY", f"{base}:meta", "policy", 1)
    assert (await bob.next("kicked", within=12))["reason"] == "unheard"


async def test_a_kick_is_found_after_the_link_was_down(tmp_path: Path, people: People):
    async with own_cluster(tmp_path) as cluster:
        room, owner = await room_of(people, cluster.nodes[0])
        bob = await people.guest(cluster.nodes[1], "bob", [room])
        cluster.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        await owner.ask("kick", room=room, user=bob.user, within=10)
        await bob.next("kicked", within=12)
