"""`python -m bench.redis_cost`: what an append costs Redis, next to the least that could store and publish an entry."""

from __future__ import annotations

import argparse
import hashlib
import socket
import statistics
import sys
import tempfile
from pathlib import Path

from .machine import redis_server
from .meter import cpu_seconds

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "Sources/ChatRedis/Scripts"

#: Counts, takes the time, stores, publishes: no check, no repetition, no limit on what is kept.
BARE = """
local offset = redis.call('HINCRBY', KEYS[2], 'offset', 1)
local time = redis.call('TIME')
local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local entry = '{"offset":' .. offset .. ',"epoch":"' .. ARGV[2] .. '","at":' .. at .. ',' .. ARGV[1]
redis.call('XADD', KEYS[1], offset .. '-0', 'entry', entry)
redis.call('PUBLISH', ARGV[7], entry)
return offset .. ' ' .. ARGV[2] .. ' ' .. at .. ' 0'
"""

#: Redis keeps this many entries of a room. Beyond it every append would measure the trimming as well.
RETENTION = 10_000
BODY = (
    '"type":"message","room":"r0","from":{"id":"g-38e4f9231e1968747e80779479f53f0f","name":"guest-f53f0f"},"text":"'
    + "x" * 80
    + '"}'
)


def command(*arguments: str) -> bytes:
    parts = [argument.encode() for argument in arguments]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


class Client:
    """Sends commands in batches, as a node does when its loop turns."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._replies = self._socket.makefile("rb")

    def _reply(self) -> object:
        line = self._replies.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        if kind == b"$":
            return self._replies.read(int(rest) + 2)[:-2]
        return rest

    def run(self, commands: list[bytes]) -> list[object]:
        self._socket.sendall(b"".join(commands))
        return [self._reply() for _ in commands]


def append_source() -> str:
    parts = ["append_usual.lua", "log_prelude.lua", "append_prelude.lua", "append.lua"]
    return "\n".join((SCRIPTS / part).read_text(encoding="utf-8") for part in parts)


def measure(client: Client, pid: int, source: str, rooms: int, appends: int, *, with_key: bool) -> float:
    """Microseconds of Redis's CPU for one append."""
    client.run([command("FLUSHALL", "SYNC"), command("SCRIPT", "LOAD", source)])
    digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    epoch = "f28d8c9521370a19"
    before = 0.0
    for start in range(-appends // 10, appends, 100):
        if before == 0.0 and start >= 0:
            before = cpu_seconds(pid)
        batch = []
        for number in range(start, start + 100):
            room = f"martlet:room:{{r{number % rooms}}}"
            keys = [f"{room}:log", f"{room}:meta"]
            arguments = [BODY, epoch, "", "", "", str(RETENTION), f"{room}:live"]
            if with_key:
                keys.append(f"{room}:key:u:{number}")
                arguments.append("600000")
            batch.append(command("EVALSHA", digest, str(len(keys)), *keys, *arguments))
        client.run(batch)
    return (cpu_seconds(pid) - before) / appends * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.redis_cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--appends", type=int, default=40_000)
    parser.add_argument("--rooms", type=int, default=100)
    parser.add_argument("--limit", type=float, help="exit with status 1 when the ratio without a key is above this")
    arguments = parser.parse_args()
    variants = {"bare": (BARE, False), "append": (append_source(), False), "append with a key": (append_source(), True)}
    found: dict[str, list[float]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as folder, redis_server(Path(folder)) as (port, pid):
        client = Client(port)
        for _ in range(arguments.rounds):
            for name, (source, with_key) in variants.items():
                found[name].append(measure(client, pid, source, arguments.rooms, arguments.appends, with_key=with_key))
    ratios = {
        name: statistics.median(ours / bare for ours, bare in zip(series, found["bare"], strict=True))
        for name, series in found.items()
    }
    for name, series in found.items():
        median = statistics.median(series)
        print(f"{name:20}{median:7.2f} µs of Redis's CPU{1e6 / median:10,.0f}/s{ratios[name]:7.2f}×")
    if arguments.limit and ratios["append"] > arguments.limit:
        sys.exit(1)


if __name__ == "__main__":
    main()
