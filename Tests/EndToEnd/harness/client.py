"""A client of the protocol, version 1, that remembers every frame it gets."""

import asyncio
import itertools
import json
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .journal import Journal
from .secret_scan import see
from .waiting import DeadlineExceeded

REPLY_WITHIN = 5.0


class Refused(AssertionError):
    """The server answered with an `error` frame."""

    def __init__(self, frame: dict):
        super().__init__(f"{frame.get('code')}: {frame}")
        self.frame = frame
        self.code = frame.get("code")


class Client:
    """One session. `frames` is everything received, oldest first; `journal` what it means for the rooms."""

    def __init__(self, socket: ClientConnection, journal: Journal | None = None):
        self._socket = socket
        self._ids = itertools.count(1)
        self._arrived = asyncio.Event()
        self.frames: list[dict] = []
        self.journal = journal or Journal("client")
        self.welcome: dict | None = None
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, subprotocols: list[str] | None = None, journal: Journal | None = None,
                   **options) -> "Client":
        """Opens the WebSocket only; `hello` is still to be said."""
        socket = await connect(url, subprotocols=subprotocols, compression=None, ping_interval=None, max_size=None,
                               max_queue=None, open_timeout=10, close_timeout=2, **options)
        return cls(socket, journal)

    @classmethod
    async def guest(cls, url: str, name: str | None = None, rooms: tuple[str, ...] | list[str] = (),
                    journal: Journal | None = None, **hello) -> "Client":
        """Opens, says `hello` and joins."""
        client = await cls.open(url, journal=journal)
        try:
            await client.hello(name=name, **hello)
            for room in rooms:
                await client.join(room)
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def user(self) -> str:
        return self.welcome["user"]["id"]

    @property
    def name(self) -> str:
        return self.welcome["user"]["name"]

    @property
    def token(self) -> str:
        return self.welcome["token"]

    @property
    def session(self) -> str:
        return self.welcome["session"]

    @property
    def subprotocol(self) -> str | None:
        return self._socket.subprotocol

    # Sending

    async def send_text(self, text: str) -> None:
        await self._socket.send(text)

    async def send_bytes(self, data: bytes) -> None:
        await self._socket.send(data)

    async def send_frame(self, type: str, **fields) -> None:
        """One frame as given; fields that are None are left out."""
        await self._socket.send(_encoded(type, fields))

    async def request(self, type: str, within: float = REPLY_WITHIN, **fields) -> dict:
        """Sends with an `id` of its own and returns the one reply, errors included."""
        return (await self.requests([(type, fields)], within))[0]

    async def requests(self, frames: list[tuple[str, dict]], within: float = REPLY_WITHIN) -> list[dict]:
        """Sends all of them before it waits for any reply. Replies in the order of the requests."""
        ids = [f"r{next(self._ids)}" for _ in frames]
        start = len(self.frames)
        for (type, fields), identifier in zip(frames, ids):
            await self._socket.send(_encoded(type, fields | {"id": identifier}))
        wanted = set(ids)
        await self.until(lambda: wanted <= {frame.get("re") for frame in self.frames[start:]}, within,
                         f"replies to {[type for type, _ in frames][:5]}")
        replies = {frame.get("re"): frame for frame in reversed(self.frames[start:])}
        return [replies[identifier] for identifier in ids]

    async def ask(self, type: str, within: float = REPLY_WITHIN, **fields) -> dict:
        """Like `request`, but an error is raised as `Refused`."""
        reply = await self.request(type, within, **fields)
        if reply["type"] == "error":
            raise Refused(reply)
        return reply

    async def hello(self, within: float = REPLY_WITHIN, **fields) -> dict:
        await self.send_frame("hello", **fields)
        self.welcome = await self.next("welcome", within=within)
        return self.welcome

    async def join(self, room: str, **fields) -> dict:
        return await self.ask("join", room=room, **fields)

    async def say(self, room: str | None, text: str, within: float = 20.0, **fields) -> dict:
        """Sends a message and returns its `ack`."""
        return await self.patiently("send", within, room=room, text=text, **fields)

    async def patiently(self, type: str, within: float = 20.0, **fields) -> dict:
        """Like `ask`, but a `rate_limited` is waited out, as a well-behaved client does."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            reply = await self.request(type, within, **fields)
            if reply["type"] != "error":
                return reply
            if reply["code"] != "rate_limited" or asyncio.get_running_loop().time() > deadline:
                raise Refused(reply)
            await asyncio.sleep(max(reply.get("retryAfter", 100), 20) / 1000)

    # Receiving

    def of_type(self, *types: str, room: str | None = None) -> list[dict]:
        """The frames received so far of these types, and of this room if one is named."""
        return [frame for frame in self.frames
                if frame.get("type") in types and (room is None or frame.get("room") == room)]

    def messages(self, room: str | None = None) -> list[dict]:
        return self.of_type("message", room=room)

    def texts(self, room: str | None = None) -> list[str]:
        return [frame["text"] for frame in self.messages(room)]

    def mark(self) -> int:
        """A point in `frames`; give it to `next` to look only at what comes after."""
        return len(self.frames)

    async def next(self, *types: str, after: int = 0, within: float = REPLY_WITHIN,
                   where: Callable[[dict], bool] = lambda frame: True) -> dict:
        """The first frame of one of the types, behind the mark, for which `where` holds."""
        def found() -> dict | None:
            return next((frame for frame in self.frames[after:]
                         if frame.get("type") in types and where(frame)), None)
        return await self.until(found, within, f"a frame of type {' or '.join(types)}")

    async def until(self, condition: Callable[[], object], within: float = REPLY_WITHIN, what: str = "a condition"):
        """Waits until `condition` returns something true (looked at after each frame), and returns that."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            self._arrived.clear()
            if result := condition():
                return result
            if self._reader.done():
                raise DeadlineExceeded(f"{what}: connection closed ({self.close_code}); {self._tail()}")
            try:
                async with asyncio.timeout_at(deadline):
                    await self._arrived.wait()
            except TimeoutError:
                if result := condition():
                    return result
                raise DeadlineExceeded(f"{what}: not within {within:g} s; {self._tail()}") from None

    async def fence(self) -> None:
        """Once this returns, every frame the server had queued for this session before the ping has been received."""
        await self.ask("ping")

    # Closing

    @property
    def closed(self) -> bool:
        return self._reader.done()

    @property
    def close_code(self) -> int | None:
        return self._socket.close_code

    async def wait_closed(self, within: float = REPLY_WITHIN) -> int:
        """The code the server closed with."""
        try:
            async with asyncio.timeout(within):
                await asyncio.shield(self._reader)
        except TimeoutError:
            raise DeadlineExceeded(f"the server to close: not within {within:g} s; {self._tail()}") from None
        return self._socket.close_code

    async def close(self, code: int = 1000) -> None:
        await self._socket.close(code)
        await self._reader

    def abort(self) -> None:
        """Drops the TCP connection without a close frame."""
        self._socket.transport.abort()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                frame = json.loads(message)
                self.frames.append(frame)
                see(frame)
                self.journal.take(frame)
                self._arrived.set()
        except ConnectionClosed:
            pass
        finally:
            self._arrived.set()

    def _tail(self) -> str:
        return f"last frames: {json.dumps(self.frames[-5:], ensure_ascii=False)[:1500]}"


def _encoded(type: str, fields: dict) -> str:
    kept = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": type} | kept, ensure_ascii=False)
