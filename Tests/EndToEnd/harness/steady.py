"""A client as the protocol wants it: it resumes from its positions on any node, and repeats unanswered sends by key."""

import asyncio
import random

from websockets.exceptions import WebSocketException

from .checker import Checker
from .client import Client
from .journal import Journal
from .waiting import DeadlineExceeded

# A browser waits 1 s … 30 s; tests have less time, and the same spread.
_BACKOFF = (0.1, 2.0)
_ANSWER_WITHIN = 5.0


class SteadyClient:
    """Connects to any of `urls` and stays. `journal` spans all its connections."""

    def __init__(self, name: str, urls: list[str], rooms: list[str], checker: Checker, seed: int):
        self.name = name
        self.journal = Journal(name)
        self.connections = 0
        self._urls = urls
        self._rooms = rooms
        self._checker = checker
        self._random = random.Random(seed)
        self._client: Client | None = None
        self._token: str | None = None
        self._ready = asyncio.Event()
        self._closing = False
        self._count = 0
        self._running = asyncio.create_task(self._run())

    @property
    def connected(self) -> bool:
        return self._ready.is_set()

    @property
    def client(self) -> Client | None:
        """The connection of the moment."""
        return self._client

    async def settled(self, within: float = 20) -> None:
        """Waits until the client is in all its rooms."""
        async with asyncio.timeout(within):
            while not self._ready.is_set():
                waiting = asyncio.ensure_future(self._ready.wait())
                await asyncio.wait({waiting, self._running}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if self._running.done():
                    # An answer against the protocol ended the client: this is where the test learns of it.
                    self._running.result()

    async def say(self, room: str, text: str, within: float = 60) -> dict:
        """Sends with a key, and repeats until it is acknowledged, over reconnects if need be."""
        self._count += 1
        key = f"{self.name}-{self._count}"
        self._checker.will_send(key)
        async with asyncio.timeout(within):
            while True:
                await self.settled(within)
                client = self._client
                try:
                    reply = await client.request("send", _ANSWER_WITHIN, room=room, text=text, key=key)
                except (DeadlineExceeded, WebSocketException, OSError):
                    # The outcome is unknown: the same key makes a repeat safe. A connection that just broke
                    # is noticed by `_run` in a moment.
                    await asyncio.sleep(0.05)
                    continue
                if reply["type"] == "ack":
                    self._checker.acknowledged(key, reply)
                    return reply
                assert reply["code"] in ("unavailable", "rate_limited", "not_member"), f"{self.name}: {reply}"
                await asyncio.sleep(max(reply.get("retryAfter", 200), 50) / 1000)

    async def chatter(self, room: str, until: asyncio.Event, pause: float) -> None:
        """Says one thing after the other, with about `pause` seconds between, until the event is set."""
        while not until.is_set():
            await self.say(room, f"{self.name} {self._count} " + "." * self._random.randrange(200))
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * pause)

    def drop(self) -> None:
        """Loses the connection of the moment without a word."""
        if self._client:
            self._client.abort()

    async def close(self) -> None:
        self._closing = True
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        if self._client:
            await self._client.close()

    async def _run(self) -> None:
        attempt = 0
        while not self._closing:
            try:
                await self._connect()
                attempt = 0
                self._ready.set()
                await self._until_over(self._client)
            except (DeadlineExceeded, WebSocketException, OSError, TimeoutError):
                pass
            finally:
                self._ready.clear()
                if self._client and not self._closing:
                    self._client.abort()
            low, high = _BACKOFF
            await asyncio.sleep(self._random.uniform(0, min(high, low * 2 ** attempt)))
            attempt = min(attempt + 1, 10)

    async def _until_over(self, client: Client) -> None:
        """Until the connection is closed; or until the time that a `goaway` gives, whichever comes first."""
        closed = asyncio.ensure_future(client.wait_closed(within=3600))
        leaving = asyncio.ensure_future(client.next("goaway", within=3600))
        try:
            await asyncio.wait({closed, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not closed.done():
                await asyncio.wait({closed}, timeout=leaving.result()["reconnectAfter"] / 1000)
        finally:
            for task in (closed, leaving):
                task.cancel()
            await asyncio.gather(closed, leaving, return_exceptions=True)

    async def _connect(self) -> None:
        client = await Client.open(self._random.choice(self._urls), journal=self.journal)
        self._client = client
        self.connections += 1
        known = self.journal.positions()
        hello = {"token": self._token} if self._token else {"name": self.name}
        await client.hello(within=10, resume=known or None, **hello)
        self._token = client.token

        def answered() -> bool:
            return known.keys() <= {frame.get("room") for frame in client.of_type("joined", "error", "reset")}
        await client.until(answered, 10, f"{self.name}: an answer for each of {list(known)}")
        joined = {frame["room"] for frame in client.of_type("joined", "reset")}
        for room in self._rooms:
            while room not in joined:
                reply = await client.request("join", 10, room=room, since=self.journal.position(room))
                if reply["type"] == "joined":
                    break
                assert reply["code"] in ("unavailable", "rate_limited"), f"{self.name}: {reply}"
                await asyncio.sleep(0.2)
