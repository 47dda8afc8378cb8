"""TCP and WebSocket by hand, for input no client library would send."""

import asyncio
import base64
import json
import os
import struct

from .ports import LOOPBACK
from .waiting import DeadlineExceeded

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10


def upgrade_request(path: str = "/ws", headers: dict[str, str | None] | None = None, method: str = "GET",
                    version: str = "HTTP/1.1") -> bytes:
    """An upgrade request; `headers` replaces or (with None) removes the usual ones."""
    usual = {
        "Host": LOOPBACK, "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version": "13",
    }
    lines = [f"{name}: {value}" for name, value in (usual | (headers or {})).items() if value is not None]
    return "\r\n".join([f"{method} {path} {version}", *lines, "", ""]).encode("latin-1")


def encoded_frame(opcode: int, payload: bytes = b"", fin: bool = True, mask: bool = True, rsv: int = 0,
                  length: int | None = None) -> bytes:
    """One frame. `length` is what the header claims, where that differs from the payload's size."""
    claimed = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    bit = 0x80 if mask else 0
    if claimed < 126:
        head += bytes([bit | claimed])
    elif claimed < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", claimed)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", claimed)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


class RawSocket:
    """A TCP connection that reads HTTP responses and WebSocket frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, port: int) -> "RawSocket":
        return cls(*await asyncio.open_connection(LOOPBACK, port, limit=1 << 20))

    @classmethod
    async def upgraded(cls, port: int, path: str = "/ws") -> "RawSocket":
        socket = await cls.connected(port)
        status, _, body = await socket.http(upgrade_request(path))
        assert status == 101, f"upgrade of {path} answered {status}: {body!r}"
        return socket

    async def http(self, request: bytes, within: float = 5.0) -> tuple[int, dict[str, str], bytes]:
        """Sends a request and returns (status, headers by lower-case name, body)."""
        await self.write(request)
        async with asyncio.timeout(within):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.strip().lower(): value.strip()
                       for name, _, value in (line.partition(":") for line in head[1:] if line)}
            status = int(head[0].split()[1])
            body = b"" if status == 101 else await self.reader.read(int(headers.get("content-length", 0)))
        return status, headers, body

    async def write(self, data: bytes) -> None:
        """Errors are left to whoever reads next: the server may have closed already, as it should."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            pass

    async def send(self, opcode: int, payload: bytes = b"", **how) -> None:
        await self.write(encoded_frame(opcode, payload, **how))

    async def send_json(self, frame: object) -> None:
        await self.send(TEXT, json.dumps(frame).encode())

    async def read_frame(self, within: float = 5.0) -> tuple[int, bytes]:
        """(opcode, payload) of the next frame. Fails on whatever a server must never send."""
        async with asyncio.timeout(within):
            first, second = await self.reader.readexactly(2)
            assert not first & 0x70, "the server set an RSV bit without an extension"
            assert not second & 0x80, "the server masked a frame"
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def read_json(self, type: str, within: float = 5.0) -> dict:
        """The next text frame of the type; others are passed over."""
        while True:
            opcode, payload = await self.read_frame(within)
            assert opcode != CLOSE, f"closed with {payload!r} instead of a {type}"
            if opcode == TEXT and (frame := json.loads(payload))["type"] == type:
                return frame

    async def close_code(self, within: float = 5.0) -> int | None:
        """The code of the server's close frame, passing over other frames. None where TCP ends without one."""
        try:
            while True:
                opcode, payload = await self.read_frame(within)
                if opcode == CLOSE:
                    return struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except TimeoutError:
            raise DeadlineExceeded(f"the server to close: not within {within:g} s") from None

    async def ends(self, within: float = 5.0) -> bool:
        """Whether the server ends the TCP connection in time, reading away what still comes."""
        try:
            async with asyncio.timeout(within):
                while await self.reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass
