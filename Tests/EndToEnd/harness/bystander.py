"""Two people who chat while others attack the node: how long a message takes from the one to the other.

A process of its own, so that what the attack costs the tests is not taken for what it costs the node:
`python -m harness.bystander URL` says a word every 20 ms; a line on its standard input begins another phase, whose figures
the former's are printed for, as JSON.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from .client import Client
from .naming import fresh
from .waiting import DeadlineExceeded

_EVERY = 0.02
_PATIENCE = 30.0


class Bystander:
    """The process, as its parent has it."""

    def __init__(self, url: str):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.bystander", url], cwd=Path(__file__).parents[1], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == "ready\n"

    async def figures(self) -> dict[str, float]:
        """Of the time since the last call: `count` of messages, and the `p50`, `p99` and `max` of their times in ms."""
        return await asyncio.to_thread(self._figures)

    def _figures(self) -> dict[str, float]:
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the bystanders were cut off, or a message did not arrive"
        return json.loads(line)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times) or [0.0]
    return {"count": len(times), "max": round(ordered[-1], 1)} | {
        f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) for share in (50, 99)}


async def _chat(url: str) -> None:
    room = fresh("bystanders")
    speaker, listener = [await Client.guest(url, fresh("by"), [room]) for _ in range(2)]
    times: list[float] = []
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)

    async def report() -> None:
        while await commands.readline():
            print(json.dumps(_figures(times)), flush=True)
            times.clear()
    reporting = asyncio.create_task(report())
    print("ready", flush=True)
    number = 0
    while not reporting.done():
        number += 1
        began = time.monotonic()
        mark = listener.mark()
        await speaker.send_frame("send", room=room, text=str(number))
        await listener.next("message", after=mark, within=_PATIENCE, where=lambda frame: frame["text"] == str(number))
        times.append((time.monotonic() - began) * 1000)
        if number % 100 == 0:
            for client in (speaker, listener):
                client.frames.clear()
        await asyncio.sleep(max(0.0, _EVERY - (time.monotonic() - began)))


if __name__ == "__main__":
    with contextlib.suppress(DeadlineExceeded, BrokenPipeError):
        asyncio.run(_chat(sys.argv[1]))
