"""A node dies, and all of its clients come back to the others at the same moment.

`MARTLET_STORM_CLIENTS` says how many clients (default 5,000).
"""

import asyncio
import os
import time
from pathlib import Path

import pytest

from harness.client import Client
from harness.cluster import Cluster
from harness.naming import fresh
from harness.people import People
from harness.redis_server import RedisServer
from harness.storm import StormClient, allow_open_files
from harness.waiting import eventually

pytestmark = pytest.mark.alone

CLIENTS = int(os.environ.get("MARTLET_STORM_CLIENTS", "5000"))
ROOMS = 10
AT_ONCE = 250


@pytest.mark.faults
@pytest.mark.timeout(240)
async def test_all_clients_of_a_dead_node_resume_at_once(martlet: Path, tmp_path: Path, people: People):
    assert allow_open_files(2 * CLIENTS + 500), f"{CLIENTS} clients need `ulimit -n {2 * CLIENTS + 500}`"
    cluster = await asyncio.to_thread(Cluster, tmp_path)
    rooms = [fresh("storm") for _ in range(ROOMS)]
    clients = [StormClient(rooms[index % ROOMS]) for index in range(CLIENTS)]
    doomed, *others = cluster.nodes
    try:
        began = time.monotonic()
        await _arrive(clients, doomed.port)
        arrived = time.monotonic()
        speakers = [await people.guest(others[index % 2], "speaker", [room]) for index, room in enumerate(rooms)]
        await _say(speakers, rooms, "while all is well", 2)
        await eventually(lambda: all(len(client.offsets) == 2 for client in clients), 60, "everybody to hear it")

        doomed.kill()
        await _say(speakers, rooms, "while nobody hears it", 3)
        await eventually(lambda: not any(client.connected for client in clients), 20, "all connections to end")
        before = _calls(cluster.redis)
        storm_began = time.monotonic()
        # Reconnecting all at once, and somebody talks on meanwhile: history and live entries have to be spliced.
        ports = [node.port for node in others]
        await asyncio.gather(_say(speakers, rooms, "during the storm", 5, pause=0.3), *(
            client.come(ports[index % 2:] + ports[:index % 2], within=120) for index, client in enumerate(clients)))
        back = time.monotonic()
        during = {name: count - before.get(name, 0) for name, count in _calls(cluster.redis).items()}
        await _say(speakers, rooms, "after the storm", 1)
        said = 2 + 3 + 5 + 1
        await eventually(lambda: all(len(client.offsets) >= said for client in clients), 60, "everybody to hear all of it",
                         every=0.2)

        reads = during.get("xrange", 0) + during.get("xrevrange", 0)
        attempts = sum(client.attempts for client in clients) - CLIENTS
        # One HMGET of each connection is for its user's profile.
        looks = during["hmget"] - attempts
        print(f"\n{CLIENTS} clients in {ROOMS} rooms: arrived in {arrived - began:.1f} s, all resumed in "
              f"{back - storm_began:.1f} s with {attempts} connections; Redis meanwhile: {reads} reads of a log, "
              f"{looks} looks at a log's head, {during['evalsha']} scripts in all")
        assert not (told := [problem for client in clients for problem in client.problems]), told[:5]
        assert all(client.recovered and all(client.recovered) for client in clients), "everybody was recovered"
        broken = [client.offsets for client in clients if not client.is_whole() or len(client.offsets) != said]
        assert not broken, f"{len(broken)} clients lost or repeated something, e.g. {broken[:3]}"
        for room in rooms:
            assert len(cluster.redis.log(room)) == said
        # All that looks at a log reads its head by HMGET, so these count scripts too that found nothing to read.
        # EVALSHA itself would not do: a session has scripts of its own, for its name and its user's presence.
        few = CLIENTS / 20 + 10 * ROOMS
        assert reads < few, f"{reads} reads of a log for {CLIENTS} resumed rooms: {during}"
        assert looks < few, f"{looks} looks at a log for {CLIENTS} resumed rooms: {during}"
        assert during["evalsha"] < 6 * CLIENTS, f"more than a few scripts for a session: {during}"
    finally:
        for client in clients:
            client.close()
        await asyncio.to_thread(cluster.close)


async def _arrive(clients: list[StormClient], port: int) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def arrive(client: StormClient) -> None:
        async with gate:
            await client.come([port], within=60)
    await asyncio.gather(*(arrive(client) for client in clients))


async def _say(speakers: list[Client], rooms: list[str], text: str, times: int, pause: float = 0.0) -> None:
    for _ in range(times):
        await asyncio.gather(*(speaker.say(room, text, within=60) for speaker, room in zip(speakers, rooms)))
        await asyncio.sleep(pause)


def _calls(redis: RedisServer) -> dict[str, int]:
    """How often each command ran so far, in scripts or not."""
    lines = [line for line in redis.command("INFO", "commandstats").splitlines() if line.startswith("cmdstat_")]
    return {line.split(":")[0].removeprefix("cmdstat_"): int(line.split("calls=")[1].split(",")[0]) for line in lines}
