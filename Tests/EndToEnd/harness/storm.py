"""Thousands of clients in one process: the protocol with as little parsing as the checks need."""

import asyncio
import json
import resource
import struct

from .ports import LOOPBACK
from .raw import CLOSE, PING, PONG, TEXT, upgrade_request

# Presence of a full room is most of what arrives, and none of what is checked.
_PASSED_OVER = b'{"type":"presence"'


def allow_open_files(count: int) -> bool:
    """Raises this process's limit (nodes started later inherit it) as far as is allowed. Whether `count` are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= count


class StormClient:
    """One guest in one room, over all its connections. `offsets` is what it got of the room, in the order of arrival."""

    def __init__(self, room: str):
        self.room = room
        self.token: str | None = None
        self.position: dict | None = None
        self.first = 0
        self.offsets: list[int] = []
        self.recovered: list[bool] = []
        self.problems: list[str] = []
        self.attempts = 0
        self.connected = False
        self.joined = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    async def come(self, ports: list[int], within: float) -> None:
        """Connects to one of the ports, says hello and is in the room afterwards: by a join, or by a resume."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            while True:
                self.joined.clear()
                self.attempts += 1
                try:
                    await loop.create_connection(lambda: _Connection(self), LOOPBACK, ports[self.attempts % len(ports)])
                    await self.joined.wait()
                except OSError:
                    pass
                if self.connected:
                    return
                await asyncio.sleep(0.5)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def is_whole(self) -> bool:
        """Nothing is missing, twice, or out of order since the first join."""
        return self.offsets == list(range(self.first + 1, self.first + 1 + len(self.offsets)))

    # What the connection tells

    def upgraded(self, connection: "_Connection") -> None:
        self._transport = connection.transport
        hello = {"type": "hello"}
        if self.token:
            hello |= {"token": self.token, "resume": {self.room: self.position}}
        connection.send(hello)
        if not self.position:
            connection.send({"type": "join", "room": self.room, "history": 0})

    def take(self, frame: dict) -> None:
        kind = frame.get("type")
        if kind == "welcome":
            self.token = frame["token"]
        elif kind == "joined":
            self._take_joined(frame)
        elif kind == "message":
            self._take_entry(frame)
        elif kind in ("error", "reset"):
            self.problems.append(json.dumps(frame)[:300])

    def ended(self, why: str) -> None:
        self.connected = False
        # Whoever waits for the room looks at `connected`, and tries again.
        self.joined.set()

    def _take_joined(self, frame: dict) -> None:
        if self.position:
            self.recovered.append(frame["recovered"])
            for entry in frame["entries"]:
                self._take_entry(entry)
        else:
            self.first = frame["offset"]
        self.position = {name: frame[name] for name in ("epoch", "offset", "at")}
        self.connected = True
        self.joined.set()

    def _take_entry(self, entry: dict) -> None:
        self.offsets.append(entry["offset"])
        self.position = {name: entry[name] for name in ("epoch", "offset", "at")}


class _Connection(asyncio.Protocol):
    def __init__(self, client: StormClient):
        self._client = client
        self._buffer = b""
        self._upgraded = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.write(upgrade_request())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._client.problems.append(head.decode("latin-1")[:300])
                self.transport.abort()
                return
            self._upgraded = True
            self._buffer = rest
            self._client.upgraded(self)
        self._take_frames()

    def connection_lost(self, error: Exception | None) -> None:
        self._client.ended(str(error))

    def send(self, frame: dict) -> None:
        self._write(TEXT, json.dumps(frame).encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        # A mask of zeros changes nothing: masking byte by byte would be most of this process's work.
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.transport.write(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)

    def _take_frames(self) -> None:
        buffer, position = self._buffer, 0
        while len(buffer) - position >= 2:
            start, length = position + 2, buffer[position + 1]
            if length >= 126:
                size = 2 if length == 126 else 8
                if len(buffer) < start + size:
                    break
                length = int.from_bytes(buffer[start:start + size])
                start += size
            if len(buffer) < start + length:
                break
            self._take(buffer[position] & 0x0F, buffer[start:start + length])
            position = start + length
        self._buffer = buffer[position:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT and not payload.startswith(_PASSED_OVER):
            self._client.take(json.loads(payload))
        elif opcode == PING:
            self._write(PONG, payload)
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2])
            # 1001 and 1011 ask for a later attempt; anything else should not happen.
            if code not in (1001, 1011):
                self._client.problems.append(f"closed with {code} {payload[2:].decode(errors='replace')}")
            self.transport.abort()
