"""A client of the plain dialect: lines in, lines out."""

import asyncio
import re
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .waiting import DeadlineExceeded

CHAT_LINE = re.compile(r"^([01]\d|2[0-3]):[0-5]\d (?P<name>[^:]+): (?P<text>.*)$", re.DOTALL)


class PlainClient:
    """`lines` is everything received, one text frame a line, oldest first."""

    def __init__(self, socket: ClientConnection):
        self._socket = socket
        self._arrived = asyncio.Event()
        self.lines: list[str] = []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> "PlainClient":
        socket = await connect(url, compression=None, ping_interval=None, max_size=None, max_queue=None, close_timeout=2)
        client = cls(socket)
        await client.until(lambda: client.lines, what="a greeting")
        return client

    async def say(self, line: str) -> None:
        await self._socket.send(line)

    async def send_bytes(self, data: bytes) -> None:
        await self._socket.send(data)

    def mark(self) -> int:
        return len(self.lines)

    async def line(self, condition: Callable[[str], object], after: int = 0, within: float = 5.0,
                   what: str = "a line") -> str:
        """The first line behind the mark for which the condition holds."""
        return await self.until(
            lambda: next((line for line in self.lines[after:] if condition(line)), None), within, what)

    async def containing(self, text: str, after: int = 0, within: float = 5.0) -> str:
        return await self.line(lambda line: text in line, after, within, f"a line with {text!r}")

    async def answer(self, command: str, within: float = 5.0) -> str:
        """Sends a command and returns the first line that follows."""
        mark = self.mark()
        await self.say(command)
        return await self.line(lambda line: True, mark, within, f"an answer to {command!r}")

    async def until(self, condition: Callable[[], object], within: float = 5.0, what: str = "a condition"):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            self._arrived.clear()
            if result := condition():
                return result
            try:
                async with asyncio.timeout_at(deadline):
                    if self._reader.done():
                        raise TimeoutError
                    await self._arrived.wait()
            except TimeoutError:
                if result := condition():
                    return result
                raise DeadlineExceeded(f"{what}: not within {within:g} s; last lines: {self.lines[-8:]}; "
                                       f"close code: {self._socket.close_code}") from None

    async def wait_closed(self, within: float = 5.0) -> int:
        try:
            async with asyncio.timeout(within):
                await asyncio.shield(self._reader)
        except TimeoutError:
            raise DeadlineExceeded(f"the server to close: not within {within:g} s; {self.lines[-8:]}") from None
        return self._socket.close_code

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self.lines.append(message)
                self._arrived.set()
        except ConnectionClosed:
            pass
        finally:
            self._arrived.set()
