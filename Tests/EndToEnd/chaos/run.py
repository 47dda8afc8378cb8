"""Plays a schedule: a crowd talks, a step breaks something, and after each step everything is held against the promises."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.cluster import Cluster
from harness.crowd import Crowd
from harness.faultproxy import FaultProxy
from harness.people import People
from harness.redis_server import RedisServer

from .catalogue import Scene
from .schedule import Step

# After this many steps a new crowd takes over in new rooms, so that a room's log stays well below what Redis keeps of
# it (10,000 entries) and all of it can be checked.
_STEPS_OF_A_CROWD = 8
_HEALED_WITHIN = 60.0


@dataclass(frozen=True)
class Outcome:
    """What one step did. `gap`: the longest time in seconds that a client heard nothing of a room where people talk."""
    step: Step
    gap: float
    acknowledged: int
    reconnects: int
    resets: int
    erased: int
    seconds: float

    def __str__(self) -> str:
        erased = f", {self.erased} acknowledged entries erased with Redis" if self.step.erases else ""
        return (f"{self.step.number:4}  {self.step.title}: longest gap {self.gap:.2f} s, {self.acknowledged} acknowledged, "
                f"{self.reconnects} reconnects, {self.resets} resets{erased} ({self.seconds:.0f} s)")


class Run:
    """A cluster of three nodes, the second of which talks to Redis through a fault proxy."""

    def __init__(self, directory: Path, seed: int, clients: int = 16):
        self._seed = seed
        self._clients = clients
        self._redis = RedisServer(directory / "redis", fsync="always")
        self._proxy = FaultProxy(self._redis.port, seed)
        try:
            urls = [self._redis.url, self._proxy.redis_url, self._redis.url]
            self._cluster = Cluster(directory, 3, redis_urls=urls, redis=self._redis)
        except BaseException:
            self._proxy.close()
            raise
        self._crowd: Crowd | None = None
        self._steps = 0
        self._erasures = 0

    async def play(self, steps: Iterable[Step], seconds: float = float("inf")) -> list[Outcome]:
        """Plays until the steps or the time are used up. Raises AssertionError when a promise is broken."""
        outcomes, end = [], time.monotonic() + seconds
        try:
            for step in steps:
                if time.monotonic() >= end:
                    break
                outcomes.append(outcome := await self._play(step))
                print(outcome, flush=True)
        finally:
            if self._crowd:
                await self._crowd.close()
        return outcomes

    def close(self) -> None:
        self._proxy.hang = False
        self._cluster.close()
        self._proxy.close()

    async def _play(self, step: Step) -> Outcome:
        crowd = await self._crowd_for_a_step()
        people = People()
        scene = Scene(self._cluster, self._cluster.nodes[1], self._proxy, crowd, people)
        began = time.monotonic()
        acknowledged, reconnects, resets = len(crowd.checker.acks), crowd.reconnects, crowd.interruptions

        async def fault() -> None:
            await asyncio.gather(*(fault.act(scene, draw) for fault, draw in zip(step.faults, step.draws)))
        try:
            await crowd.through(fault, pause=0.3, before=1.0, after=2.0)
        finally:
            await people.close()
        for node in self._cluster.nodes:
            await asyncio.to_thread(node.wait_ready, _HEALED_WITHIN)
        erased = 0
        if step.erases:
            self._erasures += 1
            erased = crowd.write_off()
        await crowd.verify(resets=self._erasures, within=_HEALED_WITHIN)
        return Outcome(step, crowd.longest_gap(began), len(crowd.checker.acks) + erased - acknowledged,
                       crowd.reconnects - reconnects, crowd.interruptions - resets, erased, time.monotonic() - began)

    async def _crowd_for_a_step(self) -> Crowd:
        if self._crowd and self._steps % _STEPS_OF_A_CROWD == 0:
            await self._crowd.close()
            self._crowd = None
        if not self._crowd:
            self._crowd = Crowd(self._cluster.urls, self._redis, self._clients, rooms=2, seed=self._seed + self._steps)
            self._erasures = 0
            await self._crowd.settled()
        self._steps += 1
        return self._crowd
