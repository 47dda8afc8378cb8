"""Three nodes on one Redis behind nginx behave as one server."""

import asyncio

from harness.checker import Checker
from harness.client import Client
from harness.cluster import Cluster
from harness.naming import fresh
from harness.people import People
from harness.waiting import eventually

MESSAGES_EACH = 15


async def _speak(client: Client, room: str, checker: Checker) -> None:
    """One message after the other, so that the order of this sender is known."""
    last = 0
    for number in range(MESSAGES_EACH):
        key = f"{client.session[-40:]}-{number}"
        checker.will_send(key)
        ack = await client.say(room, f"{client.name} says {number}", key=key)
        assert ack["room"] == room
        assert ack["offset"] > last, "one sender's messages get rising offsets"
        last = ack["offset"]
        checker.acknowledged(key, ack)


async def test_everybody_sees_everything_once_and_in_order(cluster: Cluster, people: People):
    rooms = [fresh(f"room{number}") for number in range(5)]
    clients = await asyncio.gather(*(
        people.guest([*cluster.nodes, cluster.nginx][index % 4], "member", [rooms[index % 5]]) for index in range(45)))
    assert len({client.welcome["node"] for client in clients}) == 3, "the clients are on all nodes"
    checker = Checker()

    await asyncio.gather(*(_speak(client, rooms[index % 5], checker) for index, client in enumerate(clients)))

    for number, room in enumerate(rooms):
        members = clients[number::5]
        total = len(members) * MESSAGES_EACH
        for member in members:
            await member.until(lambda: len(member.journal.entries(room)) >= total, 10, f"{total} entries of {room}")
            await member.fence()
        log = cluster.redis.log(room)
        assert [entry["offset"] for entry in log] == list(range(1, total + 1))
        checker.check_log(room, log)
        checker.check_receivers(room, log, [member.journal for member in members])
        for member in members:
            assert len(member.messages(room)) == total, "each entry was delivered exactly once"
            assert {message["room"] for message in member.messages()} == {room}, "and nothing of other rooms"
    checker.check_all_acknowledged()


async def test_sends_that_do_not_wait_for_acks_keep_their_order(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    acks = await ann.requests([("send", {"room": room, "text": str(number)}) for number in range(12)])
    assert [ack["type"] for ack in acks] == ["ack"] * 12
    assert [ack["offset"] for ack in acks] == list(range(1, 13))
    await bob.until(lambda: len(bob.messages(room)) >= 12, what="12 messages")
    assert bob.texts(room) == [str(number) for number in range(12)]


async def test_an_ack_says_where_the_entry_is(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[2], "bob", [room])
    ack = await ann.ask("send", room=room, text="hello", key="once")
    heard = await bob.next("message")
    own = await ann.next("message")
    assert own == heard, "the sender gets the same entry as everybody else"
    for name in ("room", "offset", "epoch", "at"):
        assert ack[name] == heard[name], name
    assert heard["from"] == {"id": ann.user, "name": ann.name}
    assert heard["text"] == "hello"
    assert heard["key"] == "once"
    assert cluster.redis.log(room) == [heard], "the bytes in the log are the entry that clients get"


async def test_a_direct_message_reaches_both_users_everywhere_and_nobody_else(cluster: Cluster, people: People):
    one, two, three = cluster.nodes
    lobby = fresh("room")
    ann = await people.guest(one, "ann", [lobby])
    bob = await people.guest(two, "bob", [lobby])
    eve = await people.guest(one, "eve", [lobby])
    mallory = await people.guest(two, "mallory", [lobby])
    anns = [ann, await people.again(two, ann), await people.again(three, ann)]
    bobs = [bob, await people.again(one, bob), await people.again(three, bob)]

    acks = [await ann.ask("send", to=bob.user, text="psst", key="p1"),
            await bobs[2].ask("send", to=ann.user, text="what?", key="p2"),
            await anns[1].ask("send", to=bob.user, text="nothing", key="p3")]

    room = "dm:" + ":".join(sorted([ann.user, bob.user]))
    assert [ack["room"] for ack in acks] == [room] * 3
    assert [ack["offset"] for ack in acks] == [1, 2, 3]
    for session in anns + bobs:
        await session.until(lambda: len(session.messages(room)) >= 3, what="three direct messages")
        await session.fence()
        assert session.texts(room) == ["psst", "what?", "nothing"]
        assert not session.journal.violations
    assert [entry["from"]["id"] for entry in anns[0].messages(room)] == [ann.user, bob.user, ann.user]
    # What is said now goes the same ways, so whoever had got a direct message would have it by then.
    await ann.say(lobby, "fence")
    for other in (eve, mallory):
        await other.next("message", where=lambda frame: frame["text"] == "fence")
        await other.fence()
        assert [frame["room"] for frame in other.messages()] == [lobby]
        assert room not in str(other.frames), "nobody else learns that the conversation exists"


def _has_been_told_of(client: Client, other: Client, room: str) -> bool:
    told = [user for frame in client.of_type("presence", room=room) for user in frame["joined"]]
    told += [user for frame in client.of_type("joined", room=room) for user in frame["members"]]
    return other.user in [user["id"] for user in told]


async def test_a_rename_shows_on_every_node(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    other = await people.again(cluster.nodes[2], ann, [room])
    # A rename of somebody one has not been told of yet comes as `presence` with the new name.
    await eventually(lambda: _has_been_told_of(bob, ann, room), 5, "bob to be told that ann is here")
    name = fresh("anna")
    await ann.ask("nick", name=name)
    event = await bob.next("user", where=lambda frame: frame["user"]["id"] == ann.user and frame["user"]["name"] == name)
    assert event["user"]["status"] == "online"

    async def both_sessions_speak_under_the_new_name() -> bool:
        for session in (ann, other):
            mark = bob.mark()
            await session.say(room, "who am I?")
            if (await bob.next("message", after=mark))["from"]["name"] != name:
                return False
        return True
    await eventually(both_sessions_speak_under_the_new_name, 5, "both sessions to use the new name", every=0.3)

    async def listed_under_the_new_name() -> bool:
        members = (await bob.ask("who", room=room))["members"]
        return name in [member["name"] for member in members if member["id"] == ann.user]
    await eventually(listed_under_the_new_name, 5, "`who` to say the new name", every=0.1)


async def test_a_taken_name_is_taken_on_every_node(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    reply = await bob.request("nick", name=ann.name.upper())
    assert (reply["type"], reply["code"]) == ("error", "name_taken")
    free = fresh("renamed")
    former = ann.name
    await ann.ask("nick", name=free)
    reply = await bob.request("nick", name=free)
    assert (reply["type"], reply["code"]) == ("error", "name_taken"), "a name got by `nick` is taken, too"

    async def the_former_name_is_free() -> bool:
        return (await bob.request("nick", name=former))["type"] == "ack"
    await eventually(the_former_name_is_free, 5, "the name that was given up to be free", every=0.3)


async def test_who_lists_the_members_of_a_room_on_all_nodes(cluster: Cluster, people: People):
    room = fresh("room")
    members = await people.guests(6, cluster.nodes, "member", [room])
    second = await people.again(cluster.nodes[2], members[0], [room])
    outsider = await people.guest(cluster.nodes[1], "outsider")

    for asker in (members[0], members[4], outsider, second):
        async def complete() -> bool:
            reply = await asker.ask("who", room=room)
            listed = {member["id"]: member for member in reply["members"]}
            return reply["type"] == "members" and reply["room"] == room and reply["count"] == 6 \
                and listed.keys() == {member.user for member in members} and len(reply["members"]) == 6 \
                and all(listed[member.user]["name"] == member.name for member in members)
        await eventually(complete, 5, "all six users in `who`, each once", every=0.1)


async def test_who_without_a_room_lists_everyone_online_page_by_page(cluster: Cluster, people: People):
    guests = await people.guests(7, cluster.nodes, "online", [fresh("room")])

    async def everyone_is_listed() -> bool:
        seen, cursor = [], None
        while True:
            reply = await guests[0].patiently("who", limit=3, after=cursor)
            assert len(reply["members"]) <= 3
            assert reply.get("room") is None
            seen += [member["id"] for member in reply["members"]]
            if not (cursor := reply.get("after")):
                break
        return all(seen.count(guest.user) == 1 for guest in guests)
    await eventually(everyone_is_listed, 5, "everyone in the pages of `who`, once", every=0.3)


async def test_who_counts_users_and_not_sessions(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    for node in cluster.nodes:
        await people.again(node, ann)
    bob = await people.guest(cluster.nodes[1], "bob")

    async def each_once() -> bool:
        seen, cursor = [], None
        while True:
            reply = await bob.patiently("who", limit=2, after=cursor)
            seen += [member["id"] for member in reply["members"]]
            if not (cursor := reply.get("after")):
                break
        assert seen.count(ann.user) == 1, f"ann has four sessions on three nodes, and is one user: {seen.count(ann.user)}"
        return seen.count(bob.user) == 1 and reply["count"] == len(seen)
    await eventually(each_once, 10, "`count` to be the number of users", every=0.5)


async def test_rooms_are_listed_on_every_node(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    await people.guest(cluster.nodes[1], "bob", [room])
    eve = await people.guest(cluster.nodes[2], "eve")
    ack = await ann.say(room, "hello")
    await ann.ask("send", to=eve.user, text="a direct room is not listed")

    async def listed() -> bool:
        found, cursor = {}, None
        while True:
            reply = await eve.patiently("rooms", after=cursor)
            assert reply["type"] == "rooms"
            found |= {entry["room"]: entry for entry in reply["rooms"]}
            if not (cursor := reply.get("after")):
                break
        assert not [name for name in found if name.startswith("dm:")], "direct rooms are nobody's business"
        return room in found and found[room]["members"] == 2 and found[room].get("lastAt") == ack["at"]
    await eventually(listed, 8, "the room with two members and its last time", every=0.3)


async def test_history_is_paged_alike_on_every_node(cluster: Cluster, people: People):
    room = fresh("room")
    speakers = await people.guests(3, cluster.nodes, "speaker", [room])
    for number in range(30):
        await speakers[number % 3].say(room, f"line {number}")
    stored = cluster.redis.log(room)
    reader = await people.guest(cluster.nodes[2], "reader", [room])

    latest = await reader.ask("history", room=room, limit=7)
    assert latest["type"] == "history" and latest["room"] == room
    assert latest["entries"] == stored[-7:]
    assert latest["more"] is True
    assert latest["epoch"] == stored[0]["epoch"]
    assert latest["changes"] == []

    backwards, before = [], None
    while True:
        page = await reader.ask("history", room=room, limit=8, before=before)
        backwards = page["entries"] + backwards
        if not page["more"]:
            break
        before = page["entries"][0]["offset"]
    assert backwards == stored

    forwards, after = [], 0
    while True:
        page = await reader.ask("history", room=room, limit=8, after=after)
        forwards += page["entries"]
        if not page["more"]:
            break
        after = page["entries"][-1]["offset"]
    assert forwards == stored

    assert (await reader.ask("history", room=room))["entries"] == stored, "50 unless told"
    assert (await reader.ask("history", room=room, before=1))["entries"] == []
    assert (await reader.ask("history", room=room, after=30))["entries"] == []
    assert (await reader.ask("history", room=room, after=30))["more"] is False
    assert (await reader.ask("history", room=room, before=3))["entries"] == stored[:2]


async def test_presence_is_told_across_nodes(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    came = await ann.next("presence", where=lambda frame: bob.user in [user["id"] for user in frame["joined"]])
    assert came["room"] == room
    assert next(user for user in came["joined"] if user["id"] == bob.user)["name"] == bob.name
    assert came["count"] == 2
    second = await people.again(cluster.nodes[2], bob, [room])
    await second.ask("leave", room=room)
    mark = ann.mark()
    await bob.ask("leave", room=room)
    gone = await ann.next("presence", after=mark, within=2,
                          where=lambda frame: bob.user in [user["id"] for user in frame["left"]])
    assert gone["count"] == 1
    told = [user["id"] for frame in ann.of_type("presence", room=room) for user in frame["joined"] + frame["left"]]
    assert told.count(bob.user) == 2, "a user with several sessions joins once and leaves once"


async def test_a_plain_client_meets_them_in_the_same_room(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    plain = await people.plain(cluster.nodes[1])
    name = fresh("plain")
    await plain.say(f"/nick {name}")
    await plain.containing(name)
    await plain.say(f"/join {room}")
    await ann.next("presence", where=lambda frame: name in [user["name"] for user in frame["joined"]])
    await plain.say("hello from a line")
    heard = await ann.next("message")
    assert heard["text"] == "hello from a line"
    assert heard["from"]["name"] == name
    assert heard["room"] == room
    await ann.say(room, "hello from a frame")
    await plain.containing(f"{ann.name}: hello from a frame")


async def test_through_nginx_on_one_address(cluster: Cluster, people: People):
    room = fresh("room")
    members = await people.guests(6, cluster.nginx, "member", [room])
    assert len({member.welcome["node"] for member in members}) > 1, "nginx spreads the connections"
    for member in members:
        await member.say(room, f"from {member.name}")
    for member in members:
        await member.until(lambda: len(member.journal.entries(room)) == 6, what="six entries")
        assert not member.journal.violations
    assert (await people.plain(cluster.nginx)).lines
