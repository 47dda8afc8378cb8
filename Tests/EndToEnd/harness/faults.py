"""What can break, one function a fault. Each returns when the fault is over; healing may go on after that."""

import asyncio
from collections.abc import Awaitable, Callable

from .cluster import Cluster
from .crowd import Crowd
from .faultproxy import FaultProxy
from .node import Node
from .redis_server import RedisServer
from .waiting import eventually

ROOM_CHANNELS = "martlet:room:{room"


async def kill_node(node: Node, away: float = 2.0) -> None:
    """kill -9; `away` seconds later a new life of the node on the same port."""
    node.kill()
    await asyncio.sleep(away)
    await asyncio.to_thread(node.start)


async def restart_nodes_in_turn(cluster: Cluster) -> None:
    """SIGTERM, wait for the end, start: one node after the other."""
    for node in cluster.nodes:
        node.term()
        await eventually(lambda: not node.running, 30, f"{node.name} to end")
        assert node.wait_end(within=1) == 0, "a drained node ends with code 0"
        await asyncio.to_thread(node.start)


async def drop_connections_of_redis(redis: RedisServer, kind: str, times: int = 4, every: float = 0.7) -> None:
    """`CLIENT KILL TYPE kind`: `pubsub` or `normal`."""
    for _ in range(times):
        redis.command("CLIENT", "KILL", "TYPE", kind)
        await asyncio.sleep(every)


async def redis_stands_still(redis: RedisServer, seconds: float = 3.0) -> None:
    redis.stop()
    try:
        await asyncio.sleep(seconds)
    finally:
        redis.cont()


async def kill_redis(redis: RedisServer, while_away: Callable[[], Awaitable[None]]) -> None:
    """kill -9, and a restart on the append-only file."""
    redis.kill()
    await while_away()
    await asyncio.to_thread(redis.start)


async def empty_redis(redis: RedisServer) -> None:
    """kill -9, and a restart without any data."""
    redis.kill()
    redis.erase()
    await asyncio.to_thread(redis.start)


async def black_hole(node: Node, proxy: FaultProxy) -> None:
    """Nothing passes between the node and Redis, and nothing is closed, until the node says that it is not ready."""
    proxy.hang = True
    try:
        await says_that_it_is_not_ready(node)
    finally:
        proxy.hang = False


async def deafen(node: Node, proxy: FaultProxy) -> None:
    """Every pub/sub message vanishes while the connections look healthy, until the node says that it is not ready."""
    proxy.may_drop = lambda channel: True
    proxy.drop_share = 1.0
    try:
        await says_that_it_is_not_ready(node)
    finally:
        proxy.drop_share = 0.0


async def says_that_it_is_not_ready(node: Node) -> None:
    await eventually(lambda: asyncio.to_thread(lambda: node.status("/readyz") != 200), 12,
                     f"{node.name} to say that it is not ready", every=0.2)


async def break_link(proxy: FaultProxy, way: str) -> None:
    """Ends the node's connections to Redis six times, by FIN (`cut`) or RST (`reset`), and refuses them for 1.5 s."""
    for _ in range(5):
        getattr(proxy, way)()
        await asyncio.sleep(0.4)
    proxy.refuse = True
    try:
        getattr(proxy, way)()
        await asyncio.sleep(1.5)
    finally:
        proxy.refuse = False


async def lose_messages(proxy: FaultProxy, share: float, at_least: int = 3, within: float = 30) -> int:
    """This share of the rooms' pub/sub messages vanishes, until `at_least` have. Returns how many did."""
    before = proxy.dropped
    proxy.may_drop = lambda channel: channel.startswith(ROOM_CHANNELS)
    proxy.drop_share = share
    try:
        await eventually(lambda: proxy.dropped >= before + at_least, within, "some messages to get lost")
    finally:
        proxy.drop_share = 0.0
    return proxy.dropped - before


async def reconnect_everybody(crowd: Crowd, times: int = 3) -> None:
    """Every client loses its connection at once, and again as soon as all are back."""
    for _ in range(times):
        for member in crowd.members:
            member.drop()
        await asyncio.sleep(0.1)
        await asyncio.gather(*(member.settled(within=30) for member in crowd.members))
