"""Nothing lost, nothing twice, whatever breaks: a short chaos run with fixed seeds.

Each test breaks one thing while clients talk, and then holds acknowledged = stored = delivered exactly once, in order.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from harness.cluster import Cluster
from harness.crowd import Crowd
from harness.faultproxy import FaultProxy
from harness.faults import (black_hole, break_link, drop_connections_of_redis, empty_redis, kill_node, kill_redis,
                            lose_messages, redis_stands_still, restart_nodes_in_turn, says_that_it_is_not_ready)
from harness.naming import fresh
from harness.people import People
from harness.redis_server import RedisServer
from harness.slow_reader import flood_past_a_slow_reader
from harness.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

Gather = Callable[..., Awaitable[Crowd]]


@pytest.fixture
def breakable(martlet: Path, tmp_path: Path):
    """A cluster of this test's own, on a Redis that has on disk whatever it acknowledged."""
    cluster = Cluster(tmp_path, fsync="always")
    yield cluster
    cluster.close()


@pytest_asyncio.fixture
async def gather() -> AsyncIterator[Gather]:
    crowds: list[Crowd] = []

    async def make(cluster: Cluster, **how) -> Crowd:
        crowds.append(crowd := Crowd(cluster.urls, cluster.redis, **how))
        await crowd.settled()
        return crowd
    yield make
    await asyncio.gather(*(crowd.close() for crowd in crowds))


async def test_kill_of_a_node(breakable: Cluster, gather: Gather):
    crowd = await gather(breakable)
    await crowd.through(lambda: kill_node(breakable.nodes[1]))
    await crowd.verify()
    crowd.report("kill -9 of a node")


async def test_rolling_restart(breakable: Cluster, gather: Gather, people: People):
    crowd = await gather(breakable)
    stubborn = await people.guest(breakable.nodes[1], "stubborn")
    await crowd.through(lambda: restart_nodes_in_turn(breakable), pause=0.4)
    await crowd.verify()
    goaway = await stubborn.next("goaway")
    assert goaway["reconnectAfter"] >= 0 and goaway["reason"]
    assert await stubborn.wait_closed() == 1001, "who ignores a goaway is closed before the node ends"
    crowd.report("rolling SIGTERM of all nodes")


@pytest.mark.parametrize("kind", ["pubsub", "normal"])
async def test_redis_drops_its_connections(breakable: Cluster, gather: Gather, kind: str):
    crowd = await gather(breakable)
    await crowd.through(lambda: drop_connections_of_redis(breakable.redis, kind))
    await crowd.verify()
    crowd.report(f"CLIENT KILL TYPE {kind}, four times")


async def test_redis_stands_still(breakable: Cluster, gather: Gather):
    crowd = await gather(breakable)
    await crowd.through(lambda: redis_stands_still(breakable.redis))
    await crowd.verify()
    crowd.report("Redis SIGSTOP for 3 s")


async def test_redis_is_killed_and_comes_back_on_its_file(breakable: Cluster, gather: Gather, people: People):
    crowd = await gather(breakable)
    watchers = [await people.guest(node, "watcher") for node in breakable.nodes]

    async def degraded() -> None:
        for watcher in watchers:
            told = await watcher.next("degraded", within=5)
            assert told["on"] is True and told["reason"]
            refused = await watcher.request("rooms", 3)
            assert refused["code"] == "unavailable", "a command that needs Redis is refused within the deadline"

    async def fault() -> None:
        await kill_redis(breakable.redis, degraded)
        for watcher in watchers:
            await watcher.next("degraded", within=5, where=lambda frame: frame["on"] is False)
    await crowd.through(fault)
    assert all(watcher.closed is False for watcher in watchers), "sockets stay through an outage"
    assert sum(member.connections for member in crowd.members) == len(crowd.members), "nobody had to reconnect"
    await crowd.verify()
    crowd.report("Redis kill -9 and restart on its append-only file")


async def test_redis_comes_back_empty(breakable: Cluster, gather: Gather, people: People):
    crowd = await gather(breakable)
    before = await people.guest(breakable.nodes[0], "before", [crowd.rooms[0]])
    await before.say(crowd.rooms[0], "will be gone")
    old = {room: breakable.redis.command("HGET", f"martlet:room:{{{room}}}:meta", "epoch") for room in crowd.rooms}

    await empty_redis(breakable.redis)

    # Every room gets one reset, although nobody says anything in it.
    reset = await before.next("reset", within=20)
    assert reset["room"] == crowd.rooms[0] and reset["epoch"] != old[crowd.rooms[0]]
    assert reset["recovered"] is False and reset["reason"]
    for room in crowd.rooms:
        for member in crowd.of(room):
            await eventually(lambda: member.journal.rooms[room].position["epoch"] != old[room], 20, "a reset of each room")
    await crowd.through(lambda: asyncio.sleep(0), before=0.5, after=0.5)
    for room in crowd.rooms:
        log = breakable.redis.log(room)
        assert {entry["epoch"] for entry in log} == {breakable.redis.command("HGET", f"martlet:room:{{{room}}}:meta", "epoch")}
        assert log[0]["epoch"] != old[room]
        for member in crowd.of(room):
            assert len(member.journal.rooms[room].resets) == 1, "each room got one reset"
    await crowd.verify(resets=1)

    async def presence_is_healed() -> bool:
        reply = await before.ask("who", room=crowd.rooms[0])
        return reply["count"] == len(crowd.of(crowd.rooms[0])) + 1
    await eventually(presence_is_healed, 20, "presence to be healed", every=0.5)
    again = await people.again(breakable.nodes[1], before)
    assert again.user == before.user, "guest tokens are signed and survive"
    crowd.report("Redis restarted empty")


async def test_a_position_of_a_lost_log_is_not_recovered(breakable: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(breakable.nodes[0], "ann", [room])
    for number in range(5):
        await ann.say(room, f"lost {number}")
    position = ann.journal.position(room)
    await ann.close()
    breakable.redis.command("FLUSHALL")
    bob = await people.guest(breakable.nodes[1], "bob", [room])
    for number in range(8):
        await bob.say(room, f"new {number}")
    back = await people.again(breakable.nodes[2], ann, resume={room: position})
    joined = await back.next("joined")
    assert joined["recovered"] is False
    assert [entry["text"] for entry in joined["entries"]] == [f"new {number}" for number in range(8)]


async def test_everything_is_flushed_under_live_sessions(breakable: Cluster, people: People):
    rooms = [fresh("room"), fresh("room")]
    ann = await people.guest(breakable.nodes[0], "ann", rooms)
    bob = await people.guest(breakable.nodes[1], "bob", rooms)
    for room in rooms:
        await ann.say(room, "will be gone")
        await bob.next("message", where=lambda frame: frame["room"] == room)
    old = {room: ann.journal.position(room)["epoch"] for room in rooms}
    breakable.redis.command("FLUSHALL")
    for client in (ann, bob):
        for room in rooms:
            reset = await client.next("reset", within=20, where=lambda frame: frame["room"] == room)
            assert reset["epoch"] != old[room] and reset["entries"] == [] and reset["offset"] == 0
    assert (await ann.say(rooms[0], "a new beginning"))["epoch"] == bob.journal.position(rooms[0])["epoch"]
    await bob.next("message", where=lambda frame: frame["text"] == "a new beginning")
    for client in (ann, bob):
        assert [frame["room"] for frame in client.of_type("reset")].count(rooms[0]) == 1, "each room gets one reset"
        assert not client.journal.violations

    async def presence_is_healed() -> bool:
        return (await bob.ask("who", room=rooms[0]))["count"] == 2
    await eventually(presence_is_healed, 20, "presence to be healed", every=0.5)


async def test_a_log_that_lost_its_last_entries_gets_a_new_epoch(breakable: Cluster, people: People):
    """As after a failover to a replica that lagged: never two entries under one epoch and offset."""
    room = fresh("room")
    ann = await people.guest(breakable.nodes[0], "ann", [room])
    bob = await people.guest(breakable.nodes[1], "bob", [room])
    for number in range(5):
        await ann.say(room, f"entry {number + 1}")
    await bob.until(lambda: len(bob.messages(room)) == 5, what="five messages")
    log = breakable.redis.log(room)
    key, meta = f"martlet:room:{{{room}}}:log", f"martlet:room:{{{room}}}:meta"
    # In one step, as a failover is: a node may compare its rooms with their logs at any moment.
    breakable.redis.command(
        "EVAL", "redis.call('XDEL', KEYS[1], '4-0', '5-0') redis.call('XSETID', KEYS[1], '3-0') "
        "redis.call('HSET', KEYS[2], 'offset', 3, 'at', ARGV[1])", 2, key, meta, log[2]["at"])

    ack = await bob.say(room, "after the loss")
    assert ack["epoch"] != log[0]["epoch"] and ack["offset"] > 5, "offsets go on from the larger one, in a new epoch"
    for client in (ann, bob):
        reset = await client.next("reset", within=10)
        assert reset["epoch"] == ack["epoch"] and reset["recovered"] is False
        await client.until(lambda: client.journal.entries(room)[-1]["text"] == "after the loss", what="the new entry")
        seen = [(entry["epoch"], entry["offset"]) for entry in client.journal.entries(room)]
        texts = {place: {entry["text"] for entry in client.journal.entries(room)
                         if (entry["epoch"], entry["offset"]) == place} for place in seen}
        assert all(len(text) == 1 for text in texts.values()), "two entries under one epoch and offset"


@pytest_asyncio.fixture
async def proxied(martlet: Path, tmp_path: Path):
    """A cluster whose second node talks to Redis through a fault proxy: (cluster, proxy)."""
    redis = RedisServer(tmp_path / "redis", fsync="always")
    proxy = FaultProxy(redis.port, seed=11)
    try:
        cluster = await asyncio.to_thread(Cluster, tmp_path, 3, "always", [redis.url, proxy.redis_url, redis.url], redis)
        yield cluster, proxy
        await asyncio.to_thread(cluster.close)
    finally:
        proxy.close()
        redis.close()


async def test_a_black_hole_between_a_node_and_redis(proxied, gather: Gather):
    cluster, proxy = proxied
    crowd = await gather(cluster)
    await crowd.through(lambda: black_hole(cluster.nodes[1], proxy), pause=0.3)
    await asyncio.to_thread(cluster.nodes[1].wait_ready, 20)
    await crowd.verify()
    crowd.report("black hole between a node and Redis")


@pytest.mark.parametrize("way", ["cut", "reset"])
async def test_a_link_that_breaks_again_and_again(proxied, gather: Gather, way: str):
    cluster, proxy = proxied
    crowd = await gather(cluster)
    await crowd.through(lambda: break_link(proxy, way))
    await crowd.verify()
    crowd.report(f"link {way} six times, refused for 1.5 s")


@pytest.mark.parametrize("share", [0.01, 0.3])
async def test_pubsub_messages_that_get_lost(proxied, gather: Gather, share: float):
    cluster, proxy = proxied
    crowd = await gather(cluster, size=18)
    await crowd.through(lambda: lose_messages(proxy, share), pause=0.1)
    await crowd.verify()
    crowd.report(f"{share:.0%} of pub/sub messages dropped ({proxy.dropped})")


async def test_the_last_message_of_a_room_gets_lost(proxied, people: People):
    """Nothing follows that would show the jump: only comparing with the head finds it."""
    cluster, proxy = proxied
    proxy.may_drop = lambda channel: channel.startswith("martlet:room:{room")
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.say(room, "heard")
    await bob.next("message")
    proxy.drop_share = 1.0
    await ann.say(room, "lost on the way")
    await bob.next("message", within=25, where=lambda frame: frame["text"] == "lost on the way")
    assert bob.texts(room) == ["heard", "lost on the way"] and not bob.journal.violations


async def test_a_resume_on_a_node_that_has_not_heard_the_latest_entries(proxied, people: People):
    """The client got them on another node. Its position is good, whatever this node has heard so far."""
    cluster, proxy = proxied
    proxy.may_drop = lambda channel: channel.startswith("martlet:room:{room")
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[0], "bob", [room])
    cat = await people.guest(cluster.nodes[1], "cat", [room])
    await ann.say(room, "heard everywhere")
    await cat.next("message")
    proxy.drop_share = 1.0
    for number in range(5):
        await ann.say(room, f"unheard {number}")
    await bob.until(lambda: len(bob.messages(room)) == 6, what="six messages")
    position = bob.journal.position(room)
    back = await people.again(cluster.nodes[1], bob, resume={room: position})
    joined = await back.next("joined")
    proxy.drop_share = 0.0
    assert joined["recovered"] is True and joined["entries"] == []
    assert joined["offset"] == position["offset"]
    await ann.say(room, "heard again")
    await back.next("message", within=25)
    assert back.texts(room) == ["heard again"]


async def test_a_deaf_subscription_is_found(proxied, people: People):
    """Every message vanishes while the connection looks healthy."""
    cluster, proxy = proxied
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    proxy.drop_share = 1.0
    await says_that_it_is_not_ready(cluster.nodes[1])
    for number in range(5):
        await ann.say(room, f"unheard {number}")
    proxy.drop_share = 0.0
    await bob.until(lambda: len(bob.messages(room)) == 5, 12, "what was missed")
    assert not bob.journal.violations
    await asyncio.to_thread(cluster.nodes[1].wait_ready, 15)


async def test_a_slow_reader_is_cut_off_and_resumes(breakable: Cluster, people: People):
    await flood_past_a_slow_reader(breakable, people)


async def test_many_clients_reconnect_at_once(breakable: Cluster, gather: Gather):
    crowd = await gather(breakable, size=150, rooms=1)
    reads_before = _stream_reads(breakable.redis)

    async def fault() -> None:
        breakable.nodes[0].kill()
        for member in crowd.members:
            member.drop()
        await asyncio.sleep(0.5)
        await asyncio.gather(*(member.settled(within=30) for member in crowd.members))
    await crowd.through(fault, pause=6.0, before=0.5)
    await asyncio.to_thread(breakable.nodes[0].start)
    await crowd.verify()
    crowd.report("150 clients reconnect at once after a node died")
    reads = _stream_reads(breakable.redis) - reads_before
    assert reads < 120, f"recent entries come from the nodes' memory: {reads} reads of the log for 150 resumes"


def _stream_reads(redis: RedisServer) -> int:
    """XRANGE and XREVRANGE so far, inside scripts or not."""
    stats = redis.command("INFO", "commandstats")
    return sum(int(line.split("calls=")[1].split(",")[0]) for line in stats.splitlines()
               if line.startswith(("cmdstat_xrange:", "cmdstat_xrevrange:")))


async def test_half_open_clients_are_found(breakable: Cluster, people: People):
    """A client that vanished without a FIN answers no ping: it is gone within 35 s of its last sign of life."""
    room = fresh("room")
    watcher = await people.guest(breakable.nodes[0], "watcher", [room])
    proxy = FaultProxy(breakable.nodes[1].port, resp=False)
    try:
        ann = await people.guest(f"ws://127.0.0.1:{proxy.port}/ws", "ann", [room])
        await watcher.next("presence", where=lambda frame: ann.user in [user["id"] for user in frame["joined"]])
        proxy.hang = True
        # 35 s, and the grace time in which a lost connection may come back.
        await watcher.next("presence", within=45, where=lambda frame: ann.user in [user["id"] for user in frame["left"]])
    finally:
        proxy.hang = False
        await asyncio.to_thread(proxy.close)
