"""Rooms that are unlisted, private, for announcements or slow, on whichever nodes; see docs/moderation.md."""

import asyncio

from harness.attachments import attach, fetch
from harness.cluster import Cluster
from harness.expect import AT_ONCE, is_error, refuses
from harness.people import People
from harness.rooms import room_of
from harness.waiting import eventually


async def test_an_unlisted_room_is_joined_by_name(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0], access="unlisted")
    guest = await people.guest(cluster.nodes[1], "guest")
    await refuses(guest, "not_member", "who", room=room)
    listed = await guest.ask("rooms", after=room[:-1])
    assert room not in [r["room"] for r in listed["rooms"]]
    assert (await guest.join(room))["access"] == "unlisted"
    assert guest.user in [member["id"] for member in (await guest.ask("who", room=room))["members"]]
    await owner.ask("configure", room=room, access="public")
    listed = await guest.ask("rooms", after=room[:-1])
    assert room in [r["room"] for r in listed["rooms"]]


async def test_a_private_room_is_for_those_invited(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0], access="private")
    bob, eve = await people.guest(cluster.nodes[1], "bob"), await people.guest(cluster.nodes[2], "eve")
    for client in (bob, eve):
        await refuses(client, "forbidden", "join", room=room)
        await refuses(client, "forbidden", "who", room=room)
        await refuses(client, "forbidden", "moderation", room=room)
        await refuses(client, "not_member", "send", room=room, text="x")
    everything, after = [], None
    while True:
        page = await eve.ask("rooms", after=after)
        everything += [r["room"] for r in page["rooms"]]
        if not (after := page.get("after")):
            break
    assert room not in everything
    await owner.ask("invite", room=room, user=bob.user)
    assert await bob.next("invited", within=AT_ONCE) == {
        "type": "invited", "room": room, "by": {"id": owner.user, "name": owner.name}}
    joined = await bob.join(room)
    assert joined["access"] == "private"
    await refuses(eve, "forbidden", "join", room=room)
    # The invitation lasts; taking it back ends the membership.
    await bob.ask("leave", room=room)
    await bob.join(room)
    await owner.ask("uninvite", room=room, user=bob.user)
    await bob.next("kicked", within=AT_ONCE)
    await refuses(bob, "forbidden", "join", room=room)
    assert not [c for c in (await bob.ask("inbox"))["conversations"] if c["room"] == room]


async def test_who_is_there_when_a_room_becomes_private_stays(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    answer = await owner.ask("configure", room=room, access="private")
    assert answer == {"type": "room", "re": answer["re"], "room": room, "access": "private", "announcement": False,
                      "slowMode": 0, "role": "owner"}
    await bob.next("room", where=lambda frame: frame["access"] == "private")
    await bob.say(room, "still here")
    await bob.ask("leave", room=room)
    await bob.join(room)
    invited = (await owner.ask("moderation", room=room))["invitations"]
    assert {"id": bob.user, "name": bob.name} in [item["user"] for item in invited]


async def test_who_is_not_there_any_more_when_a_room_becomes_private_is_not_invited(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    here, there = await people.guest(cluster.nodes[0], "here", [room]), await people.guest(cluster.nodes[1], "there", [room])
    banned, gone = await people.guest(cluster.nodes[1], "banned", [room]), await people.guest(cluster.nodes[0], "gone", [room])

    async def all_known() -> bool:
        return (await owner.ask("who", room=room))["count"] == 5
    await eventually(all_known, 5, "who is there to be known")
    await owner.ask("kick", room=room, user=here.user)
    await owner.ask("kick", room=room, user=there.user)
    await owner.ask("ban", room=room, user=banned.user, duration=1_000)
    await gone.ask("leave", room=room)
    await owner.ask("configure", room=room, access="private")
    invited = (await owner.ask("moderation", room=room))["invitations"]
    assert [item["user"]["id"] for item in invited] == [owner.user]
    for client in (here, there, gone):
        await refuses(client, "forbidden", "join", room=room)


async def test_attachments_of_a_private_room_need_a_link(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await attach(owner, b"open", room=room)
    identifier = (await bob.next("message"))["attachment"]["id"]
    assert fetch(cluster.nodes[2], f"/attachments/{identifier}")[0] == 200
    await owner.ask("configure", room=room, access="private")
    await bob.next("room")
    mark = bob.mark()
    await attach(owner, b"secret", room=room)
    live = (await bob.next("message", after=mark))["attachment"]
    page = await bob.ask("history", room=room)
    for attachment in (live, page["entries"][-1]["attachment"], page["entries"][0]["attachment"]):
        assert fetch(cluster.nodes[2], f"/attachments/{attachment['id']}")[0] == 403
        status, headers, _ = fetch(cluster.nodes[2], attachment["url"])
        assert status == 200 and "private" in headers["cache-control"]


async def test_an_announcement_room_hears_its_moderators(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0], announcement=True)
    bob = await people.guest(cluster.nodes[1], "bob")
    assert (await bob.join(room))["announcement"] is True
    await refuses(bob, "forbidden", "send", room=room, text="me too")
    is_error(await attach(bob, b"file", room=room), "forbidden")
    await owner.say(room, "hear, hear")
    await bob.next("message")
    await bob.ask("react", room=room, offset=1, emoji="👏", on=True)
    mark = bob.mark()
    await owner.ask("role", room=room, user=bob.user, role="moderator")
    await bob.next("room", after=mark, where=lambda frame: frame.get("role") == "moderator")
    await bob.say(room, "now me too")


async def test_slow_mode_counts_over_all_nodes(cluster: Cluster, people: People):
    room, owner = await room_of(people, cluster.nodes[0], slowMode=3000)
    bob = await people.guest(cluster.nodes[1], "bob")
    assert (await bob.join(room))["slowMode"] == 3000
    bob_too = await people.again(cluster.nodes[2], bob, [room])
    ack = await bob.ask("send", room=room, text="one", key="k1")
    error = await refuses(bob_too, "rate_limited", "send", room=room, text="two")
    assert 0 < error["retryAfter"] <= 3000
    is_error(await attach(bob_too, b"file", room=room), "rate_limited")
    # Repeating is no second message; what was never stored counts for nothing; moderators need not wait.
    assert (await bob_too.ask("send", room=room, text="one", key="k1"))["offset"] == ack["offset"]
    for text in ("a", "b", "c"):
        await owner.say(room, text)
    await bob.say(room, "three")
    await bob.next("message", where=lambda frame: frame["text"] == "three")
    assert bob.texts(room).count("one") == 1
    await owner.ask("configure", room=room, slowMode=0)
    await bob.next("room", where=lambda frame: frame["slowMode"] == 0)
    await bob_too.next("room", where=lambda frame: frame["slowMode"] == 0)
    await asyncio.gather(*(bob.say(room, str(number)) for number in range(3)))
