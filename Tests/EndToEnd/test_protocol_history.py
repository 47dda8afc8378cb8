"""history: its ranges, and lists that are cut to 256 KiB."""

import asyncio
import json
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.expect import refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People

FRAME_LIMIT = 256 * 1024


@pytest.mark.parametrize("fields", [
    {"limit": 0}, {"limit": -1}, {"limit": 201}, {"limit": "5"}, {"limit": 2.5}, {"before": -1}, {"after": -1},
    {"before": "1"}, {"after": 1.5}, {"before": 1 << 53}, {"limit": True},
], ids=lambda value: str(value)[:60])
async def test_out_of_range(node: Node, people: People, fields: dict):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    await refuses(ann, "bad_frame", "history", room=room, **fields)


async def test_of_an_empty_log(node: Node, people: People):
    room = fresh("room")
    ann = await people.guest(node, "ann", [room])
    page = await ann.ask("history", room=room)
    assert page["entries"] == [] and page["changes"] == [] and page["more"] is False
    assert page["epoch"] == ann.journal.position(room)["epoch"]


@pytest.mark.parametrize("text", ["x" * 4096, '"' * 4096, "x" + "\n" * 4095, "é" * 2048],
                         ids=["letters", "quotes", "line breaks", "umlauts"])
async def test_long_lists_are_cut_by_bytes_and_say_so(cluster: Cluster, people: People, text: str):
    room = fresh("room")
    speakers = await people.guests(6, cluster.nodes, "speaker", [room])

    async def fill(speaker):
        for _ in range(14):
            await speaker.say(room, text)
    await asyncio.gather(*(fill(speaker) for speaker in speakers))

    reader = await people.guest(cluster.nodes[1], "reader")
    joined = await reader.join(room, history=200)
    assert len(json.dumps(joined, ensure_ascii=False, separators=(",", ":")).encode()) <= FRAME_LIMIT
    offsets = [entry["offset"] for entry in joined["entries"]]
    assert offsets == list(range(offsets[0], 85)), "the latest ones, without a hole"

    seen, before = [], None
    while True:
        page = await reader.ask("history", room=room, limit=200, before=before)
        assert len(json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()) <= FRAME_LIMIT
        assert page["entries"], "a page has at least one entry while there is more"
        seen = [entry["offset"] for entry in page["entries"]] + seen
        if not page["more"]:
            break
        before = seen[0]
    assert seen == list(range(1, 85))

    seen, after = [], 0
    while True:
        page = await reader.ask("history", room=room, limit=200, after=after)
        seen += [entry["offset"] for entry in page["entries"]]
        if not page["more"]:
            break
        after = seen[-1]
    assert seen == list(range(1, 85))


async def test_a_join_shows_no_more_than_the_log_has(shared_cluster: Cluster, tmp_path: Path, people: People):
    """A node has the latest entries in memory, but not what nobody could read or delete any more."""
    node = Node("brief", tmp_path, shared_cluster.redis.url,
                environment={"MARTLET_RETENTION": "50", "MARTLET_RATE": "1000", "MARTLET_BURST": "1000"})
    try:
        room = fresh("room")
        ann = await people.guest(node, "ann", [room])
        start = ann.journal.position(room)
        for number in range(160):
            await ann.say(room, f"{number}")
        joined = await (await people.guest(node, "bob")).join(room, history=200)
        log = await ann.ask("history", room=room, limit=200)
        assert 50 <= len(log["entries"]) <= 55
        assert [entry["offset"] for entry in joined["entries"]] == [entry["offset"] for entry in log["entries"]]
        again = await (await people.guest(node, "cid")).join(room, since=start)
        assert again["recovered"] is False
        assert (await ann.request("delete", room=room, offset=joined["entries"][0]["offset"]))["type"] == "ack"
    finally:
        node.close()


async def test_the_longest_text_there_can_be_is_in_every_answer(
        shared_cluster: Cluster, tmp_path: Path, people: People):
    environment = {"MARTLET_TEXT_LIMIT": "98304", "MARTLET_FRAME_LIMIT": "262144"}
    node = Node("wordy", tmp_path, shared_cluster.redis.url, environment=environment)
    try:
        room = fresh("room")
        ann = await people.guest(node, "ann", [room])
        await ann.say(room, '"' * 98_304)
        joined = await (await people.guest(node, "bob")).join(room)
        page = await ann.ask("history", room=room)
        for frame in (joined, page):
            assert [entry["offset"] for entry in frame["entries"]] == [1]
            assert len(json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()) <= FRAME_LIMIT
    finally:
        node.close()
