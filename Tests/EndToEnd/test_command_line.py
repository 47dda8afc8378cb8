"""The command line: what goes wrong is said in one clear line, with an exit code that is not 0."""

import re
import socket
import subprocess
from pathlib import Path

import pytest

from harness.node import Node, clean_environment
from harness.ports import LOOPBACK, free_port
from harness.redis_server import RedisServer
from harness.waiting import wait_until


def _run(martlet: Path, *arguments: str, within: float = 20, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([martlet, *arguments], capture_output=True, text=True, timeout=within,
                          env=clean_environment(**environment), stdin=subprocess.DEVNULL)


def _refused(done: subprocess.CompletedProcess, *words: str) -> None:
    """Ended with an error that has all the words on one line, and without a crash."""
    said = done.stderr + done.stdout
    assert done.returncode > 0, f"exit code {done.returncode}: {said}"
    for crash in ("Fatal error", "Stack dump", "Crash:", "*** "):
        assert crash not in said, said
    # The log of what happened before is not what is meant, and neither is the usage that follows a bad flag.
    lines = [line for line in said.splitlines() if line.strip() and not re.match(r"\d{4}-\d\d-\d\dT|Usage:|  See ", line)]
    assert any(all(word.lower() in line.lower() for word in words) for line in lines), f"no line with {words}: {said}"
    assert len(lines) == 1, f"one clear line, not {len(lines)}: {said}"


def test_version(martlet: Path):
    done = _run(martlet, "--version")
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


def test_help_names_the_commands(martlet: Path):
    done = _run(martlet, "--help")
    assert done.returncode == 0
    for command in ("serve", "presence"):
        assert command in done.stdout
    flags = _run(martlet, "serve", "--help").stdout
    for flag in ("--host", "--port", "--redis", "--node", "--data", "--threads"):
        assert flag in flags


@pytest.mark.parametrize("arguments, word", [
    (["serve", "--frobnicate"], "--frobnicate"), (["frobnicate"], "frobnicate"),
    (["serve", "--port", "banana"], "port"), (["serve", "--port", "70000"], "port"), (["serve", "--port", "-1"], "port"),
    (["serve", "--threads", "0"], "threads"), (["serve", "--threads", "many"], "threads"),
    (["serve", "--redis", "http://127.0.0.1"], "redis"), (["serve", "--redis", "not a url"], "redis"),
    (["serve", "--node", "no spaces or ümlauts!"], "node"),
    (["serve", "--host", "no.such.host.invalid"], "no.such.host.invalid"),
], ids=lambda value: str(value)[:60])
def test_a_bad_flag(martlet: Path, tmp_path: Path, arguments: list[str], word: str):
    if arguments[0] == "serve":
        if "--port" not in arguments:
            arguments = arguments + ["--port", str(free_port())]
        arguments = arguments + ["--data", str(tmp_path / "data")]
    _refused(_run(martlet, *arguments), word)


@pytest.mark.parametrize("name, value", [("MARTLET_PORT", "banana"), ("MARTLET_THREADS", "-3"), ("MARTLET_REDIS", "nonsense")])
def test_a_bad_environment_variable(martlet: Path, tmp_path: Path, name: str, value: str):
    more = {} if name == "MARTLET_PORT" else {"MARTLET_PORT": str(free_port())}
    _refused(_run(martlet, "serve", "--data", str(tmp_path / "data"), **{name: value}, **more), name.split("_")[1])


def test_an_occupied_port(martlet: Path, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        _refused(_run(martlet, "serve", "--host", LOOPBACK, "--port", port, "--data", str(tmp_path / "data")), port)


def test_an_occupied_port_with_a_redis_of_ones_own(martlet: Path, tmp_path: Path):
    redis = RedisServer(tmp_path / "redis")
    try:
        node = Node("first", tmp_path / "first", redis=redis.url)
        try:
            _refused(_run(martlet, "serve", "--host", LOOPBACK, "--port", str(node.port), "--redis", redis.url,
                          "--data", str(tmp_path / "second")), str(node.port))
        finally:
            node.close()
    finally:
        redis.close()


def test_an_unreachable_redis(martlet: Path, tmp_path: Path):
    port = str(free_port())
    _refused(_run(martlet, "serve", "--host", LOOPBACK, "--port", str(free_port()), "--data", str(tmp_path / "data"),
                  "--redis", f"redis://127.0.0.1:{port}/0"), port)
    _refused(_run(martlet, "presence", "--redis", f"redis://127.0.0.1:{port}/0"), port)


def test_a_server_that_is_no_redis(martlet: Path, tmp_path: Path):
    """Something that accepts and says nothing must not hold the start for ever."""
    with socket.socket() as silent:
        silent.bind((LOOPBACK, 0))
        silent.listen()
        port = str(silent.getsockname()[1])
        _refused(_run(martlet, "serve", "--host", LOOPBACK, "--port", str(free_port()), "--data", str(tmp_path / "data"),
                      "--redis", f"redis://127.0.0.1:{port}/0"), port)


def test_a_redis_that_evicts_is_refused(martlet: Path, tmp_path: Path):
    """maxmemory-policy other than noeviction loses keys of a log one by one: a node is not ready with it."""
    redis = RedisServer(tmp_path / "redis")
    try:
        redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        node = Node("picky", tmp_path / "data", redis=redis.url, wait=False)
        try:
            wait_until(lambda: not node.running or node.status("/healthz") == 200, 15, "the node to be up or to end")
            assert not node.running or node.status("/readyz") == 503
            assert "noeviction" in node.log_text()
        finally:
            node.close()
    finally:
        redis.close()


def test_a_data_directory_that_cannot_be(martlet: Path, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("not a directory")
    _refused(_run(martlet, "serve", "--host", LOOPBACK, "--port", str(free_port()), "--data", str(file)), str(file))


def test_the_environment_configures_and_flags_win(martlet: Path, tmp_path: Path):
    redis = RedisServer(tmp_path / "redis")
    try:
        node = Node("byflag", tmp_path / "data", redis=redis.url,
                    environment={"MARTLET_PORT": "1", "MARTLET_NODE": "byenvironment", "MARTLET_THREADS": "1"})
        try:
            nodes = redis.command("ZRANGE", "martlet:{nodes}", "0", "-1")
            assert len(nodes) == 1 and nodes[0].startswith("byflag-")
        finally:
            node.close()
        node = Node("unused", tmp_path / "data2", port=None, environment={"MARTLET_REDIS": redis.url})
        node.close()
        assert not list((tmp_path / "data2").rglob("appendonly*")), "with MARTLET_REDIS no private Redis is started"
    finally:
        redis.close()


@pytest.mark.parametrize("signal", ["term", "interrupt"])
def test_a_signal_ends_it_with_code_0(martlet: Path, tmp_path: Path, signal: str):
    node = Node("ending", tmp_path / "data")
    try:
        getattr(node, signal)()
        assert node.wait_end(within=25) == 0
    finally:
        node.close()
