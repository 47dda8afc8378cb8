"""A room of thousands on two nodes: what a join costs does not grow with the room, everybody learns the number, and gets all that
several people say at once.

`MARTLET_LARGE_ROOM_MEMBERS` says how many (default 2,000); with `-s` the figures are shown.
"""

import asyncio
import os
from pathlib import Path

import pytest

from harness.client import Client
from harness.cluster import Cluster
from harness.join_storm import JoinStorm
from harness.naming import fresh
from harness.people import People
from harness.storm import allow_open_files
from harness.waiting import eventually

pytestmark = pytest.mark.alone

MEMBERS = int(os.environ.get("MARTLET_LARGE_ROOM_MEMBERS", "2000"))


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_what_a_join_costs_does_not_grow_with_the_room(martlet: Path, tmp_path: Path, people: People):
    assert allow_open_files(MEMBERS + 2_000), f"{MEMBERS} members need `ulimit -n {MEMBERS + 2_000}`"
    cluster = await asyncio.to_thread(Cluster, tmp_path, nodes=2)
    room = fresh("large")
    storm = JoinStorm(cluster, room)
    try:
        ann = await people.guest(cluster.nodes[0], "ann", [room])
        steps = [MEMBERS // 10, MEMBERS // 4, MEMBERS // 2, MEMBERS]
        figures = [await storm.grow(members) for members in steps]
        for step in figures:
            print("\n" + ", ".join(f"{name} {value:.1f}" for name, value in step.items()), end="")
        told = await ann.next("presence", where=lambda frame: frame["count"] == MEMBERS + 1, within=20)
        assert told["approx"] is True and told["joined"] == [] == told["left"]
        # Commands of heartbeats and of what is coalesced make a little more or less.
        costs = [step["redis commands a join"] for step in figures]
        assert costs[-1] < 1.5 * costs[0], f"Redis commands a join, as the room grows: {costs}"

        listed: set[str] = set()
        page = await ann.ask("who", room=room, limit=200)
        while True:
            assert page["approx"] is True and page["count"] == MEMBERS + 1
            listed |= {member["id"] for member in page["members"]}
            if "after" not in page:
                break
            page = await ann.patiently("who", room=room, limit=200, after=page["after"])
        assert len(listed) == MEMBERS + 1
    finally:
        storm.close()
        cluster.close()


@pytest.mark.timeout(120)
async def test_what_several_say_at_once_comes_to_everybody_once_and_in_order(martlet: Path, tmp_path: Path, people: People):
    # So many on each event loop that deliveries wait for each other.
    members, at_once, times = 560, 3, 20
    assert allow_open_files(members + 2_000)
    cluster = await asyncio.to_thread(Cluster, tmp_path, nodes=2, environment={
        "MARTLET_THREADS": "1", "MARTLET_RATE": "10000", "MARTLET_BURST": "10000", "MARTLET_USER_FRAMES": "off",
    })
    room = fresh("large")
    storm = JoinStorm(cluster, room)
    try:
        await storm.grow(members)
        talkers = [await people.guest(node, f"talker{index}", [room]) for node in cluster.nodes for index in range(3)]

        async def talk(talker: Client) -> None:
            for number in range(times):
                said = [talker.say(room, f"{talker.name} {number} {index}") for index in range(at_once)]
                offsets = [ack["offset"] for ack in await asyncio.gather(*said)]
                assert offsets == sorted(offsets)
        await asyncio.gather(*(talk(talker) for talker in talkers))

        said = len(talkers) * times * at_once
        await eventually(lambda: all(len(client.offsets) == said for client in storm.clients), 20, "everybody to have all")
        assert all(client.is_whole() and not client.problems and client.connected for client in storm.clients)
    finally:
        storm.close()
        cluster.close()
