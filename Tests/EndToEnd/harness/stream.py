"""A client of the fallback: an event stream in, numbered posts out."""

import asyncio
import json

from .journal import Journal
from .ports import LOOPBACK
from .secret_scan import see
from .waiting import DeadlineExceeded


class Answer:
    """An HTTP answer whose body is still to come."""

    def __init__(self, status: int, headers: dict[str, str], reader: asyncio.StreamReader,
                 writer: asyncio.StreamWriter):
        self.status, self.headers = status, headers
        self._reader, self._writer = reader, writer

    async def pieces(self):
        """The body as it comes, whichever way it is framed; ends with the body or the connection."""
        if self.headers.get("transfer-encoding") != "chunked":
            length = self.headers.get("content-length")
            if data := await self._reader.read(-1 if length is None else int(length)):
                yield data
            return
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readuntil(b"\r\n")

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass


async def post(port: int, path: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    reader, writer = await asyncio.open_connection(LOOPBACK, port, limit=1 << 20)
    lines = {"Host": f"{LOOPBACK}:{port}", "Content-Length": str(len(body)), "Content-Type": "application/json"}
    head = "".join(f"{name}: {value}\r\n" for name, value in (lines | (headers or {})).items())
    writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in answer[1:] if line)}
    return Answer(int(answer[0].split()[1]), fields, reader, writer)


class StreamClient:
    """One fallback session. `port` may be a node's or nginx's."""

    def __init__(self, port: int, answer: Answer, journal: Journal | None = None):
        self.port, self.answer = port, answer
        self.frames: list[dict] = []
        self.comments = 0
        self.closed_with: dict | None = None
        self.journal = journal or Journal("stream")
        self.number = 0
        self._arrived = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, journal: Journal | None = None, **hello) -> "StreamClient":
        async with asyncio.timeout(10):
            answer = await post(port, "/stream", json.dumps({"type": "hello"} | hello).encode())
        assert answer.status == 200, answer.status
        assert answer.headers["content-type"].startswith("text/event-stream")
        return cls(port, answer, journal)

    @classmethod
    async def guest(cls, port: int, name: str, rooms: list[str] = (), **hello) -> "StreamClient":
        client = await cls.open(port, name=name, **hello)
        await client.welcomed()
        for room in rooms:
            assert await client.send("join", room=room) == 202
            await client.next("joined")
        return client

    async def welcomed(self) -> dict:
        return await self.next("welcome")

    @property
    def welcome(self) -> dict:
        return next(frame for frame in self.frames if frame["type"] == "welcome")

    # Sending

    async def send(self, type: str, **fields) -> int:
        """Posts one frame under the next number; the status."""
        self.number += 1
        return await self.post(json.dumps({"type": type} | fields).encode(), self.number)

    async def post(self, body: bytes, number: int | str | None, port: int | None = None, key: str | None = "",
                   within: float = 10, media: str = "application/json") -> int:
        """`key`: another than the session's; None leaves the header out."""
        headers = {"Content-Type": media}
        if number is not None:
            headers["Martlet-Seq"] = str(number)
        if key is not None:
            headers["Martlet-Stream-Key"] = key or self.welcome["streamKey"]
        async with asyncio.timeout(within):
            answer = await post(port or self.port, f"/stream/{self.welcome['session']}", body, headers)
            await answer.close()
        return answer.status

    # Receiving

    async def until(self, condition, within: float = 5.0, what: str = "a condition"):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while not (result := condition()):
            self._arrived.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._arrived.wait()
            except TimeoutError:
                if result := condition():
                    return result
                raise DeadlineExceeded(f"{what}: not within {within:g} s; last: {self.frames[-5:]}") from None
        return result

    async def next(self, type: str, within: float = 5.0, where=lambda frame: True) -> dict:
        return await self.until(lambda: next((f for f in self.frames if f["type"] == type and where(f)), None), within,
                                f"a frame of type {type}")

    def texts(self) -> list[str]:
        return [frame["text"] for frame in self.frames if frame["type"] == "message"]

    async def wait_end(self, within: float = 5.0) -> dict | None:
        """What the close event said, once the response has ended."""
        async with asyncio.timeout(within):
            await asyncio.shield(self._reader)
        return self.closed_with

    async def _read(self) -> None:
        rest = b""
        try:
            async for piece in self.answer.pieces():
                *events, rest = (rest + piece).split(b"\n\n")
                for event in events:
                    self._take(event.decode())
                self._arrived.set()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            self._arrived.set()

    def _take(self, event: str) -> None:
        lines = event.split("\n")
        if all(line.startswith(":") for line in lines):
            self.comments += 1
        elif lines[0] == "event: close":
            self.closed_with = json.loads(lines[1].removeprefix("data: "))
        else:
            assert len(lines) == 1 and lines[0].startswith("data: "), event
            frame = json.loads(lines[0].removeprefix("data: "))
            self.frames.append(frame)
            see(frame)
            self.journal.take(frame)

    async def close(self) -> None:
        await self.answer.close()
        self._reader.cancel()
