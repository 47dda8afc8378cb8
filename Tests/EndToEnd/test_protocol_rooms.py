"""join, leave, who, rooms: being in a room and knowing who is there."""

import pytest

from harness.cluster import Cluster
from harness.expect import is_error, is_time, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.waiting import eventually

BAD_ROOMS = ["", "Upper", "a b", "-a", ".a", "_a", "a" * 65, "raum-ä", "a/b", "a{b}", "a\u0000b", "a:b"]


async def test_joining_a_new_room(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node)
    joined = await ann.join(room)
    assert joined["type"] == "joined" and joined["room"] == room
    assert joined["offset"] == 0 and joined["at"] == 0, "an empty log"
    assert joined["epoch"] and isinstance(joined["epoch"], str)
    assert joined["entries"] == [] and joined["changes"] == []
    assert joined["recovered"] is False

    async def alone_in_it() -> bool:
        reply = await ann.ask("who", room=room)
        return reply["count"] == 1 and [member["id"] for member in reply["members"]] == [ann.user]
    await eventually(alone_in_it, 5, "`who` to list the one member", every=0.1)


async def test_joined_lists_the_members(cluster: Cluster, people: People):
    room = fresh("room")
    members = await people.guests(3, cluster.nodes, "member", [room])
    late = await people.guest(cluster.nodes[0], "late")

    async def all_are_listed() -> bool:
        joined = await late.join(room)
        await late.ask("leave", room=room)
        listed = {member["id"]: member["name"] for member in joined["members"] if member["id"] != late.user}
        return listed == {member.user: member.name for member in members} and joined["memberCount"] in (3, 4)
    await eventually(all_are_listed, 5, "`joined` to list members of all nodes", every=0.2)


async def test_joined_lists_members_of_nodes_that_this_one_knew_nothing_of(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    share = f"martlet:room:{{{room}}}:here:{ann.welcome['node']}"
    await eventually(lambda: ann.user in cluster.redis.hash(share), 5, "ann to be in her node's share")
    bob = await people.guest(cluster.nodes[1], "bob")
    joined = await bob.join(room)
    assert ann.user in [member["id"] for member in joined["members"]], "the first on a node learns who is there"
    assert joined["memberCount"] == len(joined["members"])


async def test_the_longest_and_the_shortest_room_name(node: Node, people: People):
    ann = await people.guest(node)
    long = fresh("r").ljust(64, "_")
    assert (await ann.join(long))["room"] == long
    assert (await ann.join("0"))["room"] == "0"
    assert (await ann.join("a.b_c-9"))["room"] == "a.b_c-9"


@pytest.mark.parametrize("room", BAD_ROOMS)
async def test_names_that_are_no_rooms(node: Node, people: People, room: str):
    ann = await people.guest(node)
    await refuses(ann, "bad_room", "join", room=room)
    await lives(ann)


@pytest.mark.parametrize("history, expected", [(None, 12), (0, 0), (1, 1), (5, 5), (200, 12)])
async def test_join_brings_the_latest_entries(cluster: Cluster, people: People, history, expected):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    for number in range(12):
        await ann.say(room, str(number))
    bob = await people.guest(cluster.nodes[1], "bob")
    joined = await bob.join(room, history=history)
    assert [entry["text"] for entry in joined["entries"]] == [str(number) for number in range(12)][12 - expected:]
    assert joined["offset"] == 12
    assert joined["at"] == cluster.redis.log(room)[-1]["at"]
    assert is_time(joined["at"])


@pytest.mark.parametrize("history", [-1, 201, 1.5, "5", True, [], 1e300])
async def test_join_history_out_of_range(node: Node, people: People, history):
    ann = await people.guest(node)
    await refuses(ann, "bad_frame", "join", room=fresh("room"), history=history)


async def test_joining_again_answers_again_without_presence(cluster: Cluster, people: People):
    room = fresh("room")
    watcher = await people.guest(cluster.nodes[1], "watcher", [room])
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    await watcher.next("presence", where=lambda frame: ann.user in [user["id"] for user in frame["joined"]])
    await ann.say(room, "one")
    for _ in range(2):
        again = await ann.join(room)
        assert again["type"] == "joined" and again["offset"] == 1
        assert [entry["text"] for entry in again["entries"]] == ["one"]
    await ann.say(room, "two")
    # Presence may be coalesced for a while; a member who comes later shows that what was to be told has been told.
    later = await people.guest(cluster.nodes[2], "later", [room])
    await watcher.next("presence", where=lambda frame: later.user in [user["id"] for user in frame["joined"]])
    told = [user["id"] for frame in watcher.of_type("presence") for user in frame["joined"] + frame["left"]]
    assert told.count(ann.user) == 1
    await watcher.until(lambda: len(watcher.messages()) == 2, what="two messages")
    assert ann.texts(room) == ["one", "two"], "a session that joined twice still gets each entry once"


async def test_leave_ends_delivery_and_is_shown_within_two_seconds(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.next("presence", where=lambda frame: bob.user in [user["id"] for user in frame["joined"]])
    mark = ann.mark()
    assert (await bob.ask("leave", room=room))["type"] == "ack"
    gone = await ann.next("presence", within=2, after=mark, where=lambda frame: frame["left"])
    assert [user["id"] for user in gone["left"]] == [bob.user]
    mark = bob.mark()
    await ann.say(room, "are you there?")
    await refuses(bob, "not_member", "send", room=room, text="no")
    await bob.fence()
    assert [frame for frame in bob.frames[mark:] if frame["type"] == "message"] == []


async def test_a_closed_connection_is_shown_as_left(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.next("presence", where=lambda frame: bob.user in [user["id"] for user in frame["joined"]])
    mark = ann.mark()
    bob.abort()
    # A lost connection may come back within the grace time of 5 s.
    gone = await ann.next("presence", within=9, after=mark, where=lambda frame: frame["left"])
    assert [user["id"] for user in gone["left"]] == [bob.user]


async def test_what_needs_a_joined_room(node: Node, people: People):
    room = fresh("room")
    await people.guest(node, "ann", [room])
    bob = await people.guest(node, "bob")
    await refuses(bob, "not_member", "send", room=room, text="hello")
    await refuses(bob, "not_member", "history", room=room)
    assert (await bob.ask("who", room=room))["type"] == "members", "`who` of a public room needs no membership"


async def test_a_direct_room_of_others_is_forbidden_whether_it_exists_or_not(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    eve = await people.guest(cluster.nodes[2], "eve")
    existing = (await ann.ask("send", to=bob.user, text="psst"))["room"]
    imagined = "dm:" + ":".join(sorted([ann.user, "g-" + "0" * 22]))
    for room in (existing, imagined):
        answers = [await eve.request("join", room=room), await eve.request("who", room=room),
                   await eve.request("history", room=room), await eve.request("send", room=room, text="me, too")]
        for answer in answers:
            is_error(answer, "forbidden")
            assert "psst" not in str(answer)
    resuming = await people.stranger(cluster.nodes[0])
    await resuming.hello(resume={existing: {"epoch": "x", "offset": 1, "at": 1}})
    refused = await resuming.next("error")
    assert refused["room"] == existing
    is_error(refused, "forbidden")
    await lives(resuming)


async def test_the_two_users_may_join_read_and_list_their_direct_room(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    room = (await ann.ask("send", to=bob.user, text="psst"))["room"]
    await bob.next("message")
    page = await bob.ask("history", room=room)
    assert [entry["text"] for entry in page["entries"]] == ["psst"], "no join is needed"
    joined = await bob.join(room)
    assert [entry["text"] for entry in joined["entries"]] == ["psst"]
    await bob.say(room, "by the room's name")
    await ann.until(lambda: ann.texts(room) == ["psst", "by the room's name"], what="both messages")
    await bob.until(lambda: bob.texts(room) == ["psst", "by the room's name"], what="both messages once")


@pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": -1}, {"limit": "3"}, {"limit": 1.5}])
async def test_who_out_of_range(node: Node, people: People, fields: dict):
    ann = await people.guest(node)
    await refuses(ann, "bad_frame", "who", **fields)


async def test_who_of_a_room_page_by_page(cluster: Cluster, people: People):
    room = fresh("room")
    members = await people.guests(7, cluster.nodes, "member", [room])

    async def complete() -> bool:
        seen, cursor = [], None
        while True:
            reply = await members[0].ask("who", room=room, limit=2, after=cursor)
            assert len(reply["members"]) <= 2
            seen += [member["id"] for member in reply["members"]]
            if not (cursor := reply.get("after")):
                break
        assert len(seen) == len(set(seen)), "nobody is on two pages"
        return set(seen) == {member.user for member in members}
    await eventually(complete, 5, "seven members on pages of two", every=0.3)


async def test_who_of_a_room_nobody_is_in(node: Node, people: People):
    ann = await people.guest(node)
    reply = await ann.ask("who", room=fresh("empty"))
    assert reply["members"] == [] and reply["count"] == 0
    await refuses(ann, "bad_room", "who", room="No Room")
