"""A room of thousands on two nodes: what a join costs does not grow with the room, and everybody learns the number.

`MARTLET_LARGE_ROOM_MEMBERS` says how many (default 2,000); with `-s` the figures are shown.
"""

import asyncio
import os
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.join_storm import JoinStorm
from harness.naming import fresh
from harness.people import People
from harness.storm import allow_open_files

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
