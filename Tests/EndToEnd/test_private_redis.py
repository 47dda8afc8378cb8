"""No --redis: the node keeps a redis-server of its own in its data directory."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.naming import fresh
from harness.node import Node, clean_environment
from harness.people import People
from harness.ports import free_port
from harness.waiting import eventually, wait_until


@pytest.fixture
def alone(martlet: Path, tmp_path: Path) -> Iterator[Node]:
    node = Node("alone", tmp_path / "data")
    yield node
    node.close()
    assert wait_until(lambda: not _redis_processes(node.data), 10, "the private Redis to end with its node") is True


def _redis_processes(data: Path) -> list[int]:
    """The redis-servers that work in this directory, by what the kernel says about them."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            name = (process / "comm").read_text().strip()
            if name == "redis-server" and data.resolve() in [where := Path(os.readlink(process / "cwd")), *where.parents]:
                found.append(int(process.name))
        except OSError:
            continue
    return found


async def test_one_command_is_a_chat_server(alone: Node, people: People):
    room = fresh("room")
    ann = await people.guest(alone, "ann", [room])
    bob = await people.guest(alone, "bob", [room])
    await ann.say(room, "hello")
    assert (await bob.next("message"))["text"] == "hello"
    assert len(_redis_processes(alone.data)) == 1


async def test_it_listens_on_no_port_and_lets_nobody_else_in(alone: Node):
    sockets = [path for path in alone.data.rglob("*") if path.is_socket()]
    (pid,) = _redis_processes(alone.data)
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, timeout=10).stdout
    assert f"pid={pid}," not in listening, "the private Redis has no TCP port"
    for socket in sockets:
        assert socket.stat().st_mode & 0o077 == 0 or socket.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("end", ["term", "kill"])
async def test_history_survives_a_restart(alone: Node, people: People, end: str):
    room = fresh("room")
    ann = await people.guest(alone, "ann", [room])
    for number in range(5):
        await ann.say(room, f"line {number}")
    await ann.until(lambda: len(ann.messages(room)) == 5, what="five messages")
    position = ann.journal.position(room)
    await ann.close()
    if end == "term":
        alone.term()
        assert alone.wait_end(within=25) == 0
    else:
        # The append-only file is written before the ack; the kernel keeps it however the process ends.
        alone.kill()
    alone.start()
    back = await people.again(alone, ann, resume={room: position})
    joined = await back.next("joined")
    assert joined["recovered"] is True and joined["entries"] == [] and joined["offset"] == 5
    assert back.user == ann.user, "a guest's token outlives the restart"
    page = await back.ask("history", room=room)
    assert [entry["text"] for entry in page["entries"]] == [f"line {number}" for number in range(5)]
    assert (await back.say(room, "line 5"))["offset"] == 6


async def test_it_ends_when_the_node_is_killed(alone: Node):
    assert len(_redis_processes(alone.data)) == 1
    alone.kill()
    wait_until(lambda: not _redis_processes(alone.data), 10, "the private Redis to end")


async def test_a_second_node_on_the_same_directory_is_refused(alone: Node, people: People, martlet: Path):
    room = fresh("room")
    ann = await people.guest(alone, "ann", [room])
    done = await asyncio.to_thread(
        subprocess.run, [martlet, "serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", str(alone.data)],
        capture_output=True, text=True, timeout=15, env=clean_environment())
    assert done.returncode not in (0, None) and done.returncode > 0
    assert str(alone.data) in done.stderr + done.stdout, "the error names the directory"
    assert "Fatal error" not in done.stderr
    assert len(_redis_processes(alone.data)) == 1, "and the first node's Redis is left alone"
    assert (await ann.say(room, "still here"))["offset"] == 1


async def test_a_private_redis_that_dies_is_noticed(alone: Node, people: People):
    room = fresh("room")
    ann = await people.guest(alone, "ann", [room])
    await ann.say(room, "one")
    (pid,) = _redis_processes(alone.data)
    os.kill(pid, 9)
    # Whether the node starts another or ends with a clear word: it must not go on as if nothing were.
    wait_until(lambda: not alone.running or _redis_processes(alone.data), 15, "the node to end or to start another Redis")
    if alone.running:
        async def lets_people_in() -> Client | None:
            try:
                return await people.again(alone, ann, [room])
            except AssertionError:
                return None
        back = await eventually(lets_people_in, 15, "the node to let people in again", every=0.3)
        assert [entry["text"] for entry in (await back.ask("history", room=room))["entries"]] == ["one"]
    else:
        assert "redis" in alone.log_text().lower()


async def test_a_directory_with_a_long_path(martlet: Path, tmp_path: Path, people: People):
    """A unix socket's path has 107 bytes at most; the data directory's may have more."""
    node = Node("deep", tmp_path / ("d" * 100) / "data")
    try:
        assert (await people.guest(node)).welcome["user"]["guest"]
    finally:
        node.close()
