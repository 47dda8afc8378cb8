"""Somebody who stops reading in a room that is flooded, is cut off, and comes back."""

import asyncio
import json

from .client import Client
from .cluster import Cluster
from .naming import fresh
from .people import People
from .redis_server import RedisServer
from .waiting import eventually


async def flood_past_a_slow_reader(cluster: Cluster, people: People) -> None:
    """Floods a room of its own until the node gives up on the one who does not read. Holds: the slow one resumes with
    what it missed or is told that it cannot, and another reader on the same node misses nothing."""
    room = fresh("flood")
    slow = await people.raw(cluster.nodes[0])
    await slow.send_json({"type": "hello", "name": fresh("slow")})
    welcome = await slow.read_json("welcome")
    await slow.send_json({"type": "join", "room": room})
    joined = await slow.read_json("joined")
    watcher = await people.guest(cluster.nodes[0], "watcher", [room])
    other = await people.guest(cluster.nodes[1], "other", [room])
    speakers = await people.guests(16, cluster.nodes, "speaker", [room])
    await _flood_until_cut_off(cluster.redis, welcome["user"]["id"], room, speakers)
    assert await slow.close_code(within=10) in (4410, None), "4410 is best effort"

    log = cluster.redis.log(room)
    position = {name: joined[name] for name in ("epoch", "offset", "at")}
    back = await people.guest(cluster.nodes[2], None, token=welcome["token"], resume={room: position})
    again = await back.next("joined")
    if again["recovered"]:
        assert [entry["offset"] for entry in again["entries"]] == list(range(1, len(log) + 1))
    else:
        assert again["entries"] == log[-len(again["entries"]):]
    await watcher.until(lambda: len(watcher.messages(room)) == len(log), 30, "the other reader of that node to have all")
    assert not watcher.journal.violations


async def _flood_until_cut_off(redis: RedisServer, user: str, room: str, speakers: list[Client]) -> None:
    """The slow one reads nothing until the node has given up on it: 1 MiB of its own and what the kernel buffers."""
    flooding = True

    async def flood(speaker: Client) -> None:
        while flooding:
            await speaker.say(room, "x" * 4000)

    def sessions() -> int:
        shares = [redis.hash(key) for key in redis.command("KEYS", f"martlet:room:{{{room}}}:here:*")]
        return sum(json.loads(share[user])["sessions"] for share in shares if user in share)

    await eventually(sessions, 10, "the slow reader to be listed", every=0.2)
    flood_task = asyncio.gather(*(flood(speaker) for speaker in speakers))
    try:
        await eventually(lambda: sessions() == 0, 60, "the slow reader to be cut off", every=0.5)
    finally:
        flooding = False
        await flood_task
