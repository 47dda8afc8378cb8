"""A TCP proxy on loopback that misbehaves when told to. It runs in a thread of its own, so that nodes can use it
while a test starts them synchronously."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine

from . import redis_users
from .ports import LOOPBACK
from .resp_frames import RespSplitter, published

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultProxy:
    """Passes everything on, unless:

    `delay`: seconds each piece takes in either direction. `hang`: nothing passes and nothing is closed (a black hole).
    `refuse`: new connections are reset. `drop_share`: this share of the pub/sub messages from Redis vanishes, drawn from
    `seed`; `dropped` counts them. All may be set while it runs.
    """

    def __init__(self, upstream_port: int, seed: int = 1, resp: bool = True):
        """`resp`: Redis is upstream. Without it nothing is looked at, and nothing can be dropped."""
        self._upstream = upstream_port
        self.resp = resp
        self._random = random.Random(seed)
        self._links: set[_Link] = set()
        self.delay = 0.0
        self.hang = False
        self.refuse = False
        self.drop_share = 0.0
        self.may_drop: Callable[[str], bool] = lambda channel: True
        self.dropped = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="fault proxy")
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, LOOPBACK, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def redis_url(self) -> str:
        return redis_users.url(self.port)

    @property
    def connections(self) -> int:
        return len(self._links)

    def cut(self) -> None:
        """FIN to both ends of every connection."""
        self._call(self._end_links(reset=False))

    def reset(self) -> None:
        """RST to both ends of every connection."""
        self._call(self._end_links(reset=True))

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            self.hang = False
            await self._end_links(reset=True)
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def loses(self, value: bytes) -> bool:
        """Whether this value from Redis is to vanish."""
        if not self.drop_share or not (message := published(value)) or not self.may_drop(message[0]):
            return False
        if self._random.random() >= self.drop_share:
            return False
        self.dropped += 1
        return True

    def _call(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            _reset(writer)
            return
        try:
            upstream = await asyncio.open_connection(LOOPBACK, self._upstream)
        except OSError:
            _reset(writer)
            return
        link = _Link(self, (reader, writer), upstream)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)

    async def _end_links(self, reset: bool) -> None:
        for link in list(self._links):
            link.end(reset)


class _Link:
    def __init__(self, proxy: FaultProxy, client, upstream):
        self._proxy = proxy
        self._client_reader, self._client_writer = client
        self._upstream_reader, self._upstream_writer = upstream

    async def run(self) -> None:
        await asyncio.gather(
            self._pass(self._client_reader, self._upstream_writer, None),
            self._pass(self._upstream_reader, self._client_writer, RespSplitter() if self._proxy.resp else None))

    def end(self, reset: bool) -> None:
        for writer in (self._client_writer, self._upstream_writer):
            _reset(writer) if reset else writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, splitter: RespSplitter | None) -> None:
        proxy = self._proxy
        try:
            while data := await reader.read(65536):
                if splitter:
                    data = b"".join(value for value in splitter.feed(data) if not proxy.loses(value))
                if proxy.delay:
                    await asyncio.sleep(proxy.delay)
                while proxy.hang:
                    await asyncio.sleep(0.01)
                if data:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    try:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    except OSError:
        pass  # Its end is closed already.
    writer.transport.abort()
