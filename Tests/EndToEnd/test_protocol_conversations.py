"""status, read, typing, inbox, mentions, blocking: one user on several nodes, and whoever it concerns on others."""

import pytest

from harness.cluster import Cluster
from harness.expect import refuses
from harness.naming import fresh
from harness.people import People


async def test_a_status_is_one_for_all_sessions_on_all_nodes(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    others = [await people.again(node, ann) for node in cluster.nodes[1:]]
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    assert (await ann.ask("status", status="busy", text="in a meeting"))["type"] == "ack"
    wanted = {"id": ann.user, "name": ann.name, "status": "busy", "statusText": "in a meeting"}
    for client in [ann, *others, bob]:
        told = await client.next("user", where=lambda frame: frame["user"]["status"] == "busy")
        assert told["user"] == wanted
    # Whoever comes later finds it: in the room, in the lists, in the profile.
    carl = await people.guest(cluster.nodes[2], "carl")
    assert wanted in (await carl.join(room))["members"]
    assert wanted in (await carl.ask("who", room=room))["members"]
    profile = cluster.redis.hash(f"martlet:user:{{{ann.user}}}:profile")
    assert (profile["status"], profile["statusText"]) == ("busy", "in a meeting")


async def test_a_status_survives_a_reconnection(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    await ann.ask("status", status="away")
    again = await people.again(cluster.nodes[1], ann)
    await ann.close()
    members = (await again.join(fresh("room")))["members"]
    assert members == [{"id": ann.user, "name": ann.name, "status": "away"}]


async def test_read_markers_follow_to_other_devices(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    phone = await people.again(cluster.nodes[1], ann)
    bob = await people.guest(cluster.nodes[2], "bob", [room])
    for text in ("one", "two", "three"):
        await bob.say(room, text)
    assert (await ann.ask("read", room=room, offset=2))["type"] == "ack"
    told = await phone.next("read")
    assert (told["room"], told["user"], told["offset"]) == (room, ann.user, 2)
    assert (await phone.join(room))["readOffset"] == 2
    await ann.ask("read", room=room, offset=1)
    assert cluster.redis.hash(f"martlet:room:{{{room}}}:reads")[ann.user] == "2"
    await refuses(ann, "bad_frame", "read", room=room, offset=4)
    await refuses(phone, "not_member", "read", room=fresh("room"), offset=0)


async def test_the_inbox_counts_what_is_unread(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    assert (await ann.ask("inbox"))["conversations"][0]["unread"] == 0
    await ann.say(room, "mine")
    await bob.say(room, "yours")
    await bob.say(room, f"hello @{ann.name}, look")
    await bob.ask("edit", room=room, offset=2, text="still yours")
    await bob.ask("react", room=room, offset=1, emoji="👍", on=True)
    token = ann.token
    await ann.close()
    direct = await bob.ask("send", to=ann.user, text="psst")

    # Another device, another node; nothing was joined there.
    phone = await people.guest(cluster.nodes[2], None, token=token)
    conversations = (await phone.ask("inbox"))["conversations"]
    assert [conversation["room"] for conversation in conversations] == [direct["room"], room]
    private, public = conversations
    assert private["user"]["id"] == bob.user and private["user"]["name"] == bob.name
    assert (private["unread"], private["readOffset"], private["last"]["text"]) == (1, 0, "psst")
    assert (public["unread"], public["mentions"], public["readOffset"]) == (2, 1, 0)
    assert public["last"]["type"] == "reacted"

    await phone.ask("read", room=direct["room"], offset=1)
    told = await bob.next("read")
    assert (told["room"], told["user"], told["offset"]) == (direct["room"], ann.user, 1)
    await phone.join(room)
    await phone.ask("delete", room=room, offset=1)
    await bob.ask("delete", room=room, offset=2)
    public = next(entry for entry in (await phone.ask("inbox"))["conversations"] if entry["room"] == room)
    assert (public["unread"], public["mentions"]) == (1, 1)
    await phone.ask("read", room=room, offset=3)
    assert [entry["unread"] for entry in (await phone.ask("inbox"))["conversations"]] == [0, 0]


async def test_who_is_mentioned_is_told_on_every_session(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob")
    sessions = [bob, await people.again(cluster.nodes[2], bob, [room])]
    ack = await ann.say(room, f"ping @{bob.name}!")
    for session in sessions:
        told = await session.next("mention")
        assert told["room"] == room and told["entry"]["offset"] == ack["offset"]
        assert told["entry"]["mentions"] == [bob.user]
    assert (await sessions[1].next("message"))["mentions"] == [bob.user]
    assert bob.messages(room) == [], "a session that is not in the room gets no entries of it"


async def test_an_edit_tells_whom_it_mentions_first(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob, carl = [await people.guest(cluster.nodes[node], name) for node, name in ((1, "bob"), (2, "carl"))]
    message = await ann.say(room, f"ping @{bob.name}")
    await bob.next("mention")
    for text in (f"ping @{bob.name} and @{carl.name}", f"dear @{carl.name}, dear @{bob.name}"):
        ack = await ann.ask("edit", room=room, offset=message["offset"], text=text)
        edited = await ann.next("edited", where=lambda frame: frame["offset"] == ack["offset"])
        assert sorted(edited["mentions"]) == sorted([bob.user, carl.user])
    told = await carl.next("mention")
    assert told["room"] == room and told["entry"]["target"] == message["offset"] and told["entry"]["type"] == "edited"
    # What is told is told in order: had there been more, it would have come before this.
    last = await ann.say(room, f"@{bob.name} @{carl.name}")
    for session, first in ((bob, "message"), (carl, "edited")):
        await session.next("mention", where=lambda frame: frame["entry"]["offset"] == last["offset"])
        assert [frame["entry"]["type"] for frame in session.of_type("mention")] == [first, "message"]


async def test_typing_comes_and_goes(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.ask("typing", room=room, on=True)
    told = await bob.next("typing")
    assert (told["room"], told["user"], told["on"]) == (room, ann.user, True)
    # It ends by itself.
    await bob.next("typing", where=lambda frame: frame["on"] is False, within=12)
    direct = (await ann.ask("send", to=bob.user, text="psst"))["room"]
    await bob.ask("typing", room=direct, on=True)
    await ann.next("typing", where=lambda frame: frame["room"] == direct and frame["user"] == bob.user)


async def test_who_is_blocked_cannot_write(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    before = await bob.ask("send", to=ann.user, text="before")
    await ann.next("message")
    await ann.ask("block", user=bob.user)
    assert (await ann.ask("blocked"))["users"] == [bob.user]
    await refuses(bob, "forbidden", "send", to=ann.user, text="psst")
    # What was said before is no way in, but can be taken back.
    await refuses(bob, "forbidden", "edit", room=before["room"], offset=before["offset"], text="psst")
    await refuses(bob, "forbidden", "react", room=before["room"], offset=before["offset"], emoji="😠", on=True)
    assert (await bob.ask("delete", room=before["room"], offset=before["offset"]))["type"] == "ack"
    await bob.say(room, f"@{ann.name}")
    # It lasts, on every node.
    again = await people.again(cluster.nodes[2], ann)
    await refuses(bob, "forbidden", "send", to=ann.user, text="psst")
    await ann.fence()
    assert len(ann.of_type("mention", "message", "edited", "reacted")) == 1 and not again.of_type("mention", "message")
    await again.ask("unblock", user=bob.user)
    assert (await bob.ask("send", to=ann.user, text="psst"))["type"] == "ack"


async def test_what_is_read_need_not_be_shown(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    room = (await ann.ask("send", to=bob.user, text="one"))["room"]
    assert (await bob.ask("settings"))["showReading"] is True
    assert (await bob.ask("settings", showReading=False))["showReading"] is False
    await bob.next("message")
    await bob.ask("read", room=room, offset=1)
    await ann.ask("send", to=bob.user, text="two")
    await ann.fence()
    assert ann.of_type("read") == []


@pytest.mark.parametrize("alike", ["і", "ι", "ı"], ids=["Cyrillic", "Greek", "dotless"])
async def test_names_that_only_look_alike(cluster: Cluster, people: People, alike: str):
    name = fresh("ivi")
    await people.guest(cluster.nodes[0], name=name)
    bob = await people.guest(cluster.nodes[1], "bob")
    await refuses(bob, "name_taken", "nick", name=name.replace("i", alike))


async def test_names_given_up_in_one_breath_are_free(cluster: Cluster, people: People):
    names = [fresh("name") for _ in range(3)]
    ann = await people.guest(cluster.nodes[0], "ann")
    replies = await ann.requests([("nick", {"name": name}) for name in names])
    assert [reply["type"] for reply in replies] == ["ack"] * 3
    bob = await people.guest(cluster.nodes[1], "bob")
    for name in names[:2]:
        assert (await bob.ask("nick", name=name))["type"] == "ack"
    await refuses(bob, "name_taken", "nick", name=names[2])
