"""join.since and hello.resume: exactly what was missed, or a clear word that it is not."""

import asyncio

import pytest

from harness.client import Client
from harness.cluster import Cluster
from harness.expect import is_error, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People


async def _log_of(count: int, cluster: Cluster, people: People) -> tuple[str, Client]:
    room = fresh("room")
    speaker = await people.guest(cluster.nodes[0], "speaker", [room])
    for number in range(count):
        await speaker.say(room, str(number + 1))
    return room, speaker


def _position(entry: dict, **changed) -> dict:
    return {name: entry[name] for name in ("epoch", "offset", "at")} | changed


@pytest.mark.parametrize("way", ["join", "hello"])
@pytest.mark.parametrize("known", [1, 4, 9, 10])
async def test_exactly_what_was_missed(cluster: Cluster, people: People, way: str, known: int):
    room, speaker = await _log_of(10, cluster, people)
    log = cluster.redis.log(room)
    position = _position(log[known - 1])
    if way == "join":
        client = await people.guest(cluster.nodes[1], "back")
        joined = await client.join(room, since=position)
    else:
        client = await people.guest(cluster.nodes[1], "back", resume={room: position})
        joined = await client.next("joined")
    assert joined["recovered"] is True
    assert joined["entries"] == log[known:]
    assert (joined["epoch"], joined["offset"], joined["at"]) == (log[-1]["epoch"], 10, log[-1]["at"])
    await speaker.say(room, "live")
    await client.next("message", where=lambda frame: frame["text"] == "live")
    assert client.texts(room) == ["live"]


async def test_since_the_start_of_an_empty_log(cluster: Cluster, people: People):
    room = fresh("room")
    first = await people.guest(cluster.nodes[0], "first", [room])
    start = first.journal.position(room)
    assert start["offset"] == 0
    for number in range(3):
        await first.say(room, str(number))
    client = await people.guest(cluster.nodes[1], "back")
    joined = await client.join(room, since=start)
    assert joined["recovered"] is True
    assert [entry["offset"] for entry in joined["entries"]] == [1, 2, 3]
    untouched = fresh("room")
    other = await people.guest(cluster.nodes[2], "other", [untouched])
    again = await client.join(untouched, since=other.journal.position(untouched))
    assert again["recovered"] is True and again["entries"] == []


@pytest.mark.parametrize("way", ["join", "hello"])
@pytest.mark.parametrize("changed", [
    {"epoch": "another"}, {"at": 1_700_000_000_000}, {"offset": 3}, {"offset": 11}, {"offset": 5000},
], ids=lambda value: str(value)[:60])
async def test_a_position_that_is_not_of_this_log(cluster: Cluster, people: People, way: str, changed: dict):
    room, _ = await _log_of(10, cluster, people)
    log = cluster.redis.log(room)
    # Two entries may have been stored in the same millisecond; the third must differ from the fifth for this test.
    if changed == {"offset": 3} and log[2]["at"] == log[4]["at"]:
        changed = {"offset": 3, "at": log[4]["at"] + 1}
    position = _position(log[4], **changed)
    if way == "join":
        client = await people.guest(cluster.nodes[1], "back")
        joined = await client.join(room, since=position)
    else:
        client = await people.guest(cluster.nodes[1], "back", resume={room: position})
        joined = await client.next("joined")
    assert joined["recovered"] is False
    assert joined["entries"] == log, "the latest 50"


async def test_several_rooms_each_get_their_answer(cluster: Cluster, people: People):
    recoverable, speaker = await _log_of(4, cluster, people)
    other_epoch, _ = await _log_of(3, cluster, people)
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    private = (await ann.ask("send", to=bob.user, text="psst"))["room"]
    logs = {room: cluster.redis.log(room) for room in (recoverable, other_epoch)}
    client = await people.guest(cluster.nodes[2], "back", resume={
        recoverable: _position(logs[recoverable][1]),
        other_epoch: _position(logs[other_epoch][1], epoch="another"),
        private: {"epoch": "x", "offset": 1, "at": 1},
        "No Room": {"epoch": "x", "offset": 1, "at": 1},
    })
    await client.until(lambda: len(client.of_type("joined", "error")) == 4, what="four answers")
    assert client.frames[0]["type"] == "welcome"
    answers = {frame["room"]: frame for frame in client.of_type("joined", "error")}
    assert answers[recoverable]["recovered"] is True
    assert answers[recoverable]["entries"] == logs[recoverable][2:]
    assert answers[other_epoch]["recovered"] is False
    is_error(answers[private], "forbidden")
    is_error(answers["No Room"], "bad_room")
    await speaker.say(recoverable, "live")
    await client.next("message", where=lambda frame: frame["text"] == "live")
    assert (await client.ask("send", room=recoverable, text="I am in it"))["offset"] == 6


async def test_a_direct_room_is_resumed_by_its_users(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    bob = await people.guest(cluster.nodes[1], "bob")
    await ann.ask("send", to=bob.user, text="one")
    first = await bob.next("message")
    await bob.close()
    for text in ("two", "three"):
        await ann.ask("send", to=bob.user, text=text)
    back = await people.again(cluster.nodes[2], bob, resume={first["room"]: _position(first)})
    joined = await back.next("joined")
    assert joined["recovered"] is True
    assert [entry["text"] for entry in joined["entries"]] == ["two", "three"]
    await ann.ask("send", to=bob.user, text="four")
    await back.next("message")
    assert back.texts() == ["four"]


async def test_beyond_500_entries_it_is_the_latest_50(cluster: Cluster, people: People):
    room = fresh("room")
    speakers = await people.guests(36, cluster.nodes, "speaker", [room])

    async def fill(speaker: Client):
        for number in range(14):
            await speaker.say(room, f"{number}")
    await asyncio.gather(*(fill(speaker) for speaker in speakers))
    log = cluster.redis.log(room)
    assert len(log) == 504
    client = await people.guest(cluster.nodes[1], "back")
    whole = await client.join(room, since=_position(log[3]))
    assert whole["recovered"] is True
    assert whole["entries"] == log[4:], "500 are given whole"
    cut = await client.join(room, since=_position(log[2]))
    assert cut["recovered"] is False
    assert cut["entries"] == log[-50:], "501 are not"


async def test_beyond_256_kib_it_is_not_recovered(cluster: Cluster, people: People):
    room = fresh("room")
    speakers = await people.guests(6, cluster.nodes, "speaker", [room])

    async def fill(speaker: Client):
        for _ in range(14):
            await speaker.say(room, "x" * 4000)
    await asyncio.gather(*(fill(speaker) for speaker in speakers))
    log = cluster.redis.log(room)
    client = await people.guest(cluster.nodes[1], "back")
    cut = await client.join(room, since=_position(log[0]))
    assert cut["recovered"] is False
    assert 40 <= len(cut["entries"]) <= 50, "50, or as many as fit into a frame"
    assert cut["entries"] == log[-len(cut["entries"]):]


@pytest.mark.parametrize("since", [
    {}, {"epoch": "x"}, {"epoch": "x", "offset": 1}, {"epoch": "x", "offset": -1, "at": 1}, {"epoch": 1, "offset": 1, "at": 1},
    {"epoch": "x", "offset": "1", "at": 1}, {"epoch": "x", "offset": 1.5, "at": 1}, {"epoch": "x", "offset": 1, "at": -1},
    {"epoch": "x", "offset": 1 << 53, "at": 1}, "x", 17, [],
], ids=lambda value: str(value)[:60])
async def test_a_position_of_a_wrong_form(node: Node, people: People, since):
    ann = await people.guest(node)
    await refuses(ann, "bad_frame", "join", room=fresh("room"), since=since)
    await lives(ann)


async def test_resuming_while_others_speak_leaves_no_gap_and_no_repeat(cluster: Cluster, people: People):
    room = fresh("room")
    speakers = await people.guests(6, cluster.nodes, "speaker", [room])
    reader = await people.guest(cluster.nodes[0], "reader", [room])
    journal = reader.journal

    async def speak(speaker: Client):
        for number in range(14):
            await speaker.say(room, f"{number}")
    speaking = asyncio.gather(*(speak(speaker) for speaker in speakers))
    turn = 0
    while not speaking.done():
        turn += 1
        reader.abort()
        await reader.wait_closed()
        reader = await people.again(cluster.nodes[turn % 3], reader, journal=journal, resume=journal.positions())
        await reader.next("joined")
    await speaking
    await reader.until(lambda: len(journal.entries(room)) >= 84, what="all 84 entries")
    assert not journal.violations
    assert [entry["offset"] for entry in journal.entries(room)] == list(range(1, 85))
    assert turn > 1
