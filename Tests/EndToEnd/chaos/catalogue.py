"""The faults that a schedule draws from."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.cluster import Cluster
from harness.crowd import Crowd
from harness.faultproxy import FaultProxy
from harness.faults import (black_hole, break_link, deafen, drop_connections_of_redis, empty_redis, kill_node,
                            kill_redis, lose_messages, reconnect_everybody, redis_stands_still, restart_nodes_in_turn)
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.slow_reader import flood_past_a_slow_reader
from harness.steady import SteadyClient


@dataclass
class Scene:
    """What a fault may lay hands on. `proxied` is the node that talks to Redis through `proxy`."""
    cluster: Cluster
    proxied: Node
    proxy: FaultProxy
    crowd: Crowd
    people: People


@dataclass(frozen=True)
class Fault:
    """`touches`: two faults that touch one thing are never put together. `often`: how many are in a deck."""
    name: str
    act: Callable[[Scene, random.Random], Awaitable[object]]
    touches: frozenset[str]
    often: int = 2
    erases: bool = False


_NODES, _REDIS, _LINK, _CLIENTS = "nodes", "redis", "link", "clients"
_EVERYTHING = (_NODES, _REDIS, _LINK, _CLIENTS)


def _fault(name: str, touches: tuple[str, ...], act: Callable[[Scene, random.Random], Awaitable[object]], **how) -> Fault:
    return Fault(name, act, frozenset(touches), **how)


FAULTS = (
    _fault("kill -9 of a node", (_NODES,),
           lambda scene, draw: kill_node(draw.choice(scene.cluster.nodes), away=draw.uniform(0.1, 4)), often=4),
    _fault("rolling SIGTERM of all nodes", (_NODES,),
           lambda scene, draw: restart_nodes_in_turn(scene.cluster), often=1),
    _fault("CLIENT KILL TYPE pubsub", (_REDIS,),
           lambda scene, draw: drop_connections_of_redis(scene.cluster.redis, "pubsub", draw.randint(1, 6),
                                                         draw.uniform(0.1, 1))),
    _fault("CLIENT KILL TYPE normal", (_REDIS,),
           lambda scene, draw: drop_connections_of_redis(scene.cluster.redis, "normal", draw.randint(1, 6),
                                                         draw.uniform(0.1, 1))),
    _fault("Redis SIGSTOP for 3 s", (_REDIS, _NODES),
           lambda scene, draw: redis_stands_still(scene.cluster.redis)),
    _fault("Redis kill -9, restart on its append-only file", (_REDIS, _NODES),
           lambda scene, draw: kill_redis(scene.cluster.redis, lambda: asyncio.sleep(draw.uniform(0.1, 4)))),
    _fault("Redis kill -9, restart without data", _EVERYTHING,
           lambda scene, draw: empty_redis(scene.cluster.redis), often=1, erases=True),
    _fault("FLUSHALL", _EVERYTHING, lambda scene, draw: _flush(scene), often=1, erases=True),
    _fault("black hole between a node and Redis", (_LINK, _NODES),
           lambda scene, draw: black_hole(scene.proxied, scene.proxy)),
    _fault("a node hears nothing on a healthy link", (_LINK, _NODES, _REDIS),
           lambda scene, draw: deafen(scene.proxied, scene.proxy), often=1),
    _fault("link between a node and Redis cut six times", (_LINK, _NODES),
           lambda scene, draw: break_link(scene.proxy, "cut"), often=1),
    _fault("link between a node and Redis reset six times", (_LINK, _NODES),
           lambda scene, draw: break_link(scene.proxy, "reset"), often=1),
    _fault("1 % of a node's pub/sub messages lost", (_LINK,),
           lambda scene, draw: _lose_messages(scene)),
    _fault("slow reader in a flooded room", (_NODES, _REDIS),
           lambda scene, draw: flood_past_a_slow_reader(scene.cluster, scene.people), often=1),
    _fault("everybody reconnects, three times", (_CLIENTS,),
           lambda scene, draw: reconnect_everybody(scene.crowd)),
)


async def _lose_messages(scene: Scene) -> None:
    """Somebody stays on the node meanwhile: all others may be on other nodes, and then nothing could be lost."""
    listener = SteadyClient(fresh("listener"), [scene.proxied.url], scene.crowd.rooms, scene.crowd.checker, seed=0)
    try:
        await lose_messages(scene.proxy, 0.01)
    finally:
        await listener.close()


async def _flush(scene: Scene) -> None:
    scene.cluster.redis.command("FLUSHALL")
