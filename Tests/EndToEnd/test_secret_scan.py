"""No secret is in a log, a command line or the metrics; and the scan of all logs at the end of a run finds what it must."""

import asyncio
import json
from pathlib import Path

import pytest

from harness import redis_users, secret_scan
from harness.attachments import attach, fetch
from harness.auth import post
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.redis_server import RedisServer
from harness.stream import StreamClient

PASSWORD = "correct horse battery staple"


@pytest.mark.parametrize("line", [
    "GET /attachments/x?expires=1&signature=0123456789abcdef0123456789abcdef 200",
    '{"type":"hello","token":"eyJ1c2VyIjoiZy0xIn0.c2lnbmF0dXJl"}', "refreshToken=eyJ1c2VyIjoiZy0xIn0.c2lnbmF0dXJl",
    "Authorization: Bearer eyJ1c2VyIjoiZy0xIn0.c2lnbmF0dXJl", '{"name":"ann","password":"x"}',
    "cannot use redis://martlet:geheim@redis:6379/0", "-----BEGIN PRIVATE KEY-----",
])
def test_what_looks_like_a_secret_is_found(tmp_path: Path, line: str):
    log = tmp_path / "node.log"
    log.write_text(f"2026-11-21T06:16:00.123Z info     ready\n{line}\nmore\n")
    assert [(leak.log, leak.line) for leak in secret_scan.leaks([log])] == [(log, 2)]


@pytest.mark.parametrize("line", [
    "cannot use redis://martlet:***@redis:6379/0", "the token is not valid here", "wrong password", "GET /attachments/x 200",
    "user=g-0123456789abcdef0123456789abcdef node=n1-0123abcd",
])
def test_what_is_none_is_not(tmp_path: Path, line: str):
    log = tmp_path / "node.log"
    log.write_text(line)
    assert secret_scan.leaks([log]) == []


async def test_what_the_tests_use_is_noted_and_would_be_found(node: Node, people: People, tmp_path: Path):
    ann, bob = await people.guest(node, "ann"), await people.guest(node, "bob")
    stream = await StreamClient.open(node.port, name=fresh("s"))
    key = (await stream.welcomed())["streamKey"]
    await attach(ann, b"for bob", to=bob.user)
    url = (await bob.next("message"))["attachment"]["url"]
    name, password = fresh("acct"), fresh("a password of ") + " its own"
    account = post(node, "register", {"name": name, "password": password})[1]
    secrets = [ann.token, key, url.rsplit("=", 1)[1], account["token"], account["refreshToken"], password,
               redis_users.PASSWORDS["redis-password"]]
    for secret in secrets:
        assert secret_scan.knows(secret)
        log = tmp_path / "node.log"
        log.write_text(f"something went wrong with x{secret}y\n")
        assert secret_scan.leaks([log]), secret
    await stream.close()


async def test_a_talkative_node_keeps_them_to_itself(martlet: Path, tmp_path: Path, people: People):
    """At the level at which everything is logged, and with everything going wrong that may."""
    redis = RedisServer(tmp_path / "redis")
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef-what-tokens-are-signed-with")
    secret_scan.note("the signing secret", secret.read_text())
    node = Node("talkative", tmp_path / "node", redis=redis.url,
                environment={"MARTLET_LOG_LEVEL": "trace", "MARTLET_SECRET_FILE": str(secret)})
    try:
        ann, bob = await people.guest(node, "ann"), await people.guest(node, "bob")
        stream = await StreamClient.open(node.port, name=fresh("s"))
        await stream.welcomed()
        assert await stream.send("join", room="lobby") == 202
        await attach(ann, b"for bob", to=bob.user)
        url = (await bob.next("message"))["attachment"]["url"]
        assert fetch(node, url)[0] == 200 and fetch(node, url + "0")[0] == 403
        account = post(node, "register", {"name": fresh("acct"), "password": PASSWORD})[1]
        assert post(node, "login", {"name": account["user"]["name"], "password": PASSWORD + "!"})[0] == 401
        assert post(node, "refresh", {"refreshToken": account["refreshToken"] + "x"})[0] == 401
        assert post(node, "password", {"password": PASSWORD + "!", "newPassword": PASSWORD}, account["token"])[0] == 401
        assert post(node, "login", raw=json.dumps({"name": 1, "password": PASSWORD}).encode())[0] == 400
        stranger = await people.raw(node)
        await stranger.send_json({"type": "hello", "token": account["token"] + "x"})
        assert await stranger.close_code() == 4401
        await ann.send_text(json.dumps({"type": "refresh", "token": account["token"]}))
        await ann.send_text('{"type": "hello", "token": "%s", ' % account["token"])
        await stream.close()
        redis.kill()
        await asyncio.to_thread(redis.start)
        _, _, metrics = node.get("/metrics")
        command_line = Path(f"/proc/{node.pid}/cmdline").read_bytes()
    finally:
        node.close()
        redis.close()
    log = node.log_text()
    assert " trace " in log or " debug " in log, "it was talkative"
    assert secret_scan.leaks_in(log.encode(), Path("the log")) == []
    assert secret_scan.leaks_in(metrics, Path("the metrics")) == []
    assert secret_scan.leaks_in(command_line, Path("the command line")) == []


async def test_lines_cannot_be_forged(node: Node, people: People):
    """What clients choose is logged on the line of the node's own, if at all."""
    before = len(node.log_text())
    ann = await people.guest(node, "ann")
    await ann.send_text('{"type": "nonsense\\n2026-11-21T00:00:00.000Z critical forged", "id": "1\\r\\nforged"}')
    await ann.next("error")
    for path in ("/x%0d%0aforged", "/%1b[31mred"):
        node.get(path)
    await ann.close()
    lines = node.log_text()[before:].splitlines()
    assert not [line for line in lines if line.startswith("forged") or " critical forged" in line or "\x1b" in line]
