"""Measures what it costs when very many people join one room."""

import asyncio
import os
import time

from .cluster import Cluster
from .storm import StormClient


class JoinStorm:
    """`members` clients spread over the cluster's nodes, all into one room."""

    def __init__(self, cluster: Cluster, room: str, at_once: int = 250):
        self._cluster = cluster
        self._room = room
        self._at_once = at_once
        self.clients: list[StormClient] = []

    async def grow(self, members: int) -> dict[str, float]:
        """Joins until there are so many, and says what each of the new ones cost, of Redis commands and CPU."""
        new = [StormClient(self._room) for _ in range(members - len(self.clients))]
        self.clients += new
        gate = asyncio.Semaphore(self._at_once)
        ports = [node.port for node in self._cluster.nodes]

        async def join(index: int, client: StormClient) -> None:
            async with gate:
                await client.come(ports[index % len(ports):] + ports[:index % len(ports)], within=120)
        commands, began = _commands(self._cluster), time.monotonic()
        nodes, redis = self._cpu()
        await asyncio.gather(*(join(index, client) for index, client in enumerate(new)))
        seconds = time.monotonic() - began
        nodes_after, redis_after = self._cpu()
        count = len(new)
        return {
            "members": members, "seconds": seconds, "joins a second": count / seconds,
            "redis commands a join": (_commands(self._cluster) - commands) / count,
            "node CPU ms a join": (nodes_after - nodes) * 1000 / count,
            "redis CPU ms a join": (redis_after - redis) * 1000 / count,
        }

    def _cpu(self) -> tuple[float, float]:
        return sum(_cpu_seconds(node.pid) for node in self._cluster.nodes), _cpu_seconds(self._cluster.redis.pid)

    def close(self) -> None:
        for client in self.clients:
            client.close()


def _commands(cluster: Cluster) -> int:
    """Commands that Redis has run, those in scripts included."""
    lines = cluster.redis.command("INFO", "stats").splitlines()
    return next(int(line.split(":")[1]) for line in lines if line.startswith("total_commands_processed:"))


def _cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
