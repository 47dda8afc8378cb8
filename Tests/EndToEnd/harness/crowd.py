"""Steady clients that chatter while something breaks, and what must hold afterwards."""

import asyncio
from collections.abc import Awaitable, Callable

from .checker import Checker
from .naming import fresh
from .redis_server import RedisServer
from .steady import SteadyClient
from .waiting import DeadlineExceeded, eventually


class Crowd:
    """`size` clients over `urls` and `rooms` rooms; each talks and listens in one room."""

    def __init__(self, urls: list[str], redis: RedisServer, size: int = 12, rooms: int = 2, seed: int = 7):
        self.rooms = [fresh(f"room{number}") for number in range(rooms)]
        self.checker = Checker()
        self._redis = redis
        self.members = [SteadyClient(fresh(f"m{index}"), urls, [self.rooms[index % rooms]], self.checker, seed + index)
                        for index in range(size)]

    def of(self, room: str) -> list[SteadyClient]:
        return self.members[self.rooms.index(room)::len(self.rooms)]

    async def settled(self) -> None:
        await asyncio.gather(*(member.settled() for member in self.members))

    async def through(self, fault: Callable[[], Awaitable[None]], pause: float = 0.15, before: float = 1.0,
                      after: float = 1.5) -> None:
        """Everybody talks before, while and after the fault happens. Returns when every send is acknowledged."""
        await self.settled()
        enough = asyncio.Event()
        talking = [asyncio.create_task(member.chatter(self.rooms[index % len(self.rooms)], enough, pause))
                   for index, member in enumerate(self.members)]
        try:
            # Time for traffic, not for luck: what is checked afterwards does not depend on how much there was.
            await asyncio.sleep(before)
            await fault()
            await asyncio.sleep(after)
        finally:
            enough.set()
            await asyncio.gather(*talking)
        self.checker.check_all_acknowledged()

    async def verify(self, resets: int = 0, epochs: int = 1, within: float = 30) -> None:
        """Waits until everybody has everything, then holds acknowledgements, logs and journals against each other."""
        for room in self.rooms:
            log = self._redis.log(room)
            assert log, f"nothing was said in {room}"
            head = {name: log[-1][name] for name in ("epoch", "offset", "at")}
            for member in self.of(room):
                await self._reaches(member, room, head, within)
            self.checker.check_log(room, log, epochs)
            journals = [member.journal for member in self.of(room)]
            self.checker.check_receivers(room, log, journals, resets)
            self.checker.check_agreement(room, journals)

    def write_off(self) -> int:
        """Redis was erased on purpose: what it had acknowledged before is not looked for. Returns how much that is."""
        return sum(self.checker.write_off(room, {entry["epoch"] for entry in self._redis.log(room)}) for room in self.rooms)

    @property
    def reconnects(self) -> int:
        return sum(member.connections for member in self.members) - len(self.members)

    @property
    def interruptions(self) -> int:
        """How often a member was told that its copy of a room does not go on."""
        return sum(len(record.segments) - 1 for member in self.members for record in member.journal.rooms.values())

    def longest_gap(self, since: float = 0.0) -> float:
        """The longest time in seconds that anybody heard nothing of a room between two entries, from `since` on."""
        return max(member.journal.longest_gap(since) for member in self.members)

    async def _reaches(self, member: SteadyClient, room: str, head: dict, within: float) -> None:
        try:
            await eventually(lambda: member.journal.position(room) == head, within, f"{member.name} to reach {head}")
        except DeadlineExceeded as error:
            raise DeadlineExceeded(f"{error}; it is at {member.journal.position(room)}, connected: {member.connected}, "
                                   f"violations: {member.journal.violations[:5]}") from None

    def report(self, fault: str) -> None:
        """One line a fault: shown with `-s`, and kept in the report of a failed test."""
        entries = sum(len(member.journal.entries(room)) for room in self.rooms for member in self.of(room))
        print(f"\n{fault}: {len(self.checker.acks)} acknowledged, {entries} delivered, "
              f"longest gap {self.longest_gap():.2f} s, {self.reconnects} reconnects, {self.interruptions} resets")

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members), return_exceptions=True)
