"""How `scale` and `status` reach a running cluster: one JSON line each way over a socket in its directory."""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from children import ChildFailed

SOCKET = "control"


async def ask(directory: Path, order: dict) -> dict:
    try:
        # The path of a unix socket may have 107 bytes; a relative one always fits.
        with contextlib.chdir(directory):
            reader, writer = await asyncio.open_unix_connection(SOCKET)
    except (FileNotFoundError, ConnectionRefusedError):
        raise ChildFailed(f"no cluster runs in {directory}: start one with `make cluster`") from None
    writer.write(json.dumps(order).encode() + b"\n")
    line = await reader.readline()
    writer.close()
    if not line:
        raise ChildFailed("the cluster ended before it answered")
    return json.loads(line)


async def serve(directory: Path, answer: Callable[[dict], Awaitable[dict]]) -> asyncio.Server:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = await answer(json.loads(await reader.readline()))
        except (ValueError, KeyError, ChildFailed) as error:
            reply = {"error": str(error)}
        with contextlib.suppress(ConnectionError):
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()

    with contextlib.chdir(directory):
        Path(SOCKET).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(handle, SOCKET)
        os.chmod(SOCKET, 0o600)
    return server
