"""deploy/redis/users.acl: nodes may do what they do and nothing else, operators may look, nobody else gets in."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import redis_users
from harness.redis_server import RedisServer
from harness.resp import RedisError, RedisProbe
from local_cluster import REPOSITORY

START = REPOSITORY / "deploy" / "redis" / "start.sh"
USERS = (REPOSITORY / "deploy" / "redis" / "users.acl").read_text()
# What links say without naming it in a list of a command's words: a login is allowed before there are rights.
_OF_THE_LINK = {"client|setname", "script|load", "subscribe", "unsubscribe"}


def _granted(user: str) -> set[str]:
    rules = next(line for line in re.sub(r"\\\n\s*", "", USERS).splitlines() if line.startswith(f"user {user} "))
    return set(re.findall(r"\+([a-z|]+)", rules))


def _used(known: set[str]) -> dict[str, str]:
    """Every Redis command in the scripts and the sources, with the file that has it."""
    found: dict[str, str] = {}
    for script in (REPOSITORY / "Sources" / "ChatRedis" / "Scripts").glob("*.lua"):
        for command, sub in re.findall(r"redis\.p?call\(\s*'([A-Za-z]+)'(?:,\s*'([A-Z]+)')?", script.read_text()):
            whole = f"{command}|{sub}".lower()
            found[whole if whole in known else command.lower()] = script.name
    for folder in ("ChatRedis", "RedisClient", "martlet/Presence", "martlet/Node"):
        for source in (REPOSITORY / "Sources" / folder).rglob("*.swift"):
            for command in re.findall(r'[\[(]\s*"([A-Z]{3,20})",|\["([A-Z]{3,20})"\]', source.read_text()):
                word = "".join(command).lower()
                if word in known and word not in ("auth", "client", "script"):
                    found[word] = source.name
    return found


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("users") / "redis")
    server.command("SET", "martlet:secret", "s3cret")
    server.command("HSET", "martlet:user:{u-1}:account", "password", "scrypt")
    server.command("HSET", "martlet:user:{u-1}:profile", "name", "ann")
    server.command("XADD", "martlet:room:{lobby}:log", "1-0", "entry", "{}")
    server.command("SET", "another", "application")
    yield server
    server.close()


def _as(redis: RedisServer, user: str) -> RedisProbe:
    secret = {"martlet": "redis-password", "operator": "redis-operator-password"}[user]
    return RedisProbe(redis.port, login=(user, redis_users.PASSWORDS[secret]))


def test_nodes_may_do_what_they_do_and_nothing_else(redis: RedisServer):
    known = {name.lower() for name in redis.command("COMMAND", "LIST")}
    known |= {name for parent in ("xinfo", "client", "script")
              for name in redis.command("COMMAND", "LIST", "FILTERBY", "PATTERN", f"{parent}|*")}
    used, granted = _used(known), _granted("martlet")
    missing = {command: file for command, file in used.items() if command not in granted}
    assert not missing, f"grant these to the user martlet in deploy/redis/users.acl: {missing}"
    assert granted <= set(used) | _OF_THE_LINK, "and nothing that nobody uses"


@pytest.mark.parametrize("words", [
    ("FLUSHALL",), ("FLUSHDB",), ("KEYS", "*"), ("SCAN", "0"), ("CONFIG", "GET", "*"), ("CONFIG", "SET", "dir", "/tmp"),
    ("ACL", "LIST"), ("SHUTDOWN",), ("MONITOR",), ("REPLICAOF", "127.0.0.1", "1"),
    ("EVAL", "return 1", "0"), ("FUNCTION", "LIST"), ("SCRIPT", "FLUSH"), ("CLIENT", "LIST"), ("CLIENT", "KILL", "ID", "1"),
    ("MODULE", "LIST"), ("SAVE",), ("BGREWRITEAOF",), ("RENAME", "martlet:secret", "another"), ("DUMP", "martlet:secret"),
    ("GET", "another"), ("SET", "another", "1"), ("DEL", "another"), ("PUBLISH", "another", "x"), ("SUBSCRIBE", "another"),
    ("PSUBSCRIBE", "*"),
], ids=" ".join)
def test_what_a_node_may_not(redis: RedisServer, words: tuple[str, ...]):
    with _as(redis, "martlet") as probe, pytest.raises(RedisError, match="NOPERM"):
        probe.command(*words)


def test_scripts_may_no_more_than_their_caller(redis: RedisServer):
    with _as(redis, "martlet") as probe:
        for source in ("return redis.call('GET', 'another')", "return redis.call('FLUSHALL')",
                       "return redis.call('PUBLISH', 'another', 'x')"):
            digest = probe.command("SCRIPT", "LOAD", source)
            with pytest.raises(RedisError, match="NOPERM|The user executing the script|ACL failure"):
                probe.command("EVALSHA", digest, 0)
    assert redis.command("GET", "another") == "application"


def test_an_operator_may_look(redis: RedisServer):
    with _as(redis, "operator") as probe:
        assert probe.command("HGETALL", "martlet:user:{u-1}:profile") == ["name", "ann"]
        assert probe.command("XRANGE", "martlet:room:{lobby}:log", "-", "+") == [["1-0", ["entry", "{}"]]]
        assert "redis_version" in probe.command("INFO", "server")
        assert probe.command("PSUBSCRIBE", "martlet:presence:*")[2] == 1


@pytest.mark.parametrize("words", [
    ("GET", "martlet:secret"), ("HGETALL", "martlet:user:{u-1}:account"), ("GET", "another"), ("KEYS", "*"),
    ("SET", "martlet:rooms", "1"), ("DEL", "martlet:room:{lobby}:log"), ("XADD", "martlet:room:{lobby}:log", "*", "a", "b"),
    ("PUBLISH", "martlet:room:{lobby}", "x"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SHUTDOWN",), ("MONITOR",),
    ("EVALSHA", "0" * 40, "0"), ("SCRIPT", "LOAD", "return 1"), ("CLIENT", "KILL", "ID", "1"),
], ids=" ".join)
def test_and_nothing_but_look(redis: RedisServer, words: tuple[str, ...]):
    with _as(redis, "operator") as probe, pytest.raises(RedisError, match="NOPERM"):
        probe.command(*words)


def test_nobody_else_gets_in(redis: RedisServer):
    with RedisProbe(redis.port) as probe:
        with pytest.raises(RedisError, match="NOAUTH"):
            probe.command("GET", "martlet:secret")
        for login in (("default", ""), ("martlet", "wrong"), ("martlet", ""), ("nobody", "x")):
            with pytest.raises(RedisError, match="WRONGPASS"):
                probe.command("AUTH", *login)


def _start(tmp_path: Path, users: str | None = None, **secrets: str) -> subprocess.CompletedProcess:
    """`start.sh` with `cat` for a server, which then shows the file that Redis would get."""
    for name, text in secrets.items():
        (tmp_path / name.replace("_", "-")).write_text(text)
    environment = os.environ | {"MARTLET_REDIS_SECRETS": str(tmp_path), "MARTLET_REDIS_ACLFILE": str(tmp_path / "acl")}
    if users is not None:
        (tmp_path / "users").write_text(users)
        environment["MARTLET_REDIS_USERS"] = str(tmp_path / "users")
    return subprocess.run([str(START), "sh", "-c", "cat $2", "sh"], env=environment, capture_output=True, text=True,
                          timeout=10)


def test_no_password_is_in_redis_own_file(tmp_path: Path):
    done = _start(tmp_path, redis_password=" geheim 1\n", redis_operator_password="geheim-2")
    assert done.returncode == 0, done.stderr
    # printf %s 'geheim 1' | sha256sum
    assert "user martlet on #41458863fcc3ccd05870b1c4732b67ea8ae8111db84c5183dfa081faf3478129 " in done.stdout
    assert "geheim" not in done.stdout and "${" not in done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["default", "martlet", "operator"]


@pytest.mark.parametrize("secrets, says", [
    ({}, "redis-password cannot be read"), ({"redis_password": " \n"}, "redis-password is empty"),
], ids=["missing", "empty"])
def test_a_secret_that_is_not_there_is_said(tmp_path: Path, secrets: dict[str, str], says: str):
    done = _start(tmp_path, "user a on #${redis-password}\n", **secrets)
    assert done.returncode == 1 and not done.stdout
    assert says in done.stderr


def test_the_password_of_a_trial_is_called_one(tmp_path: Path):
    trial = (REPOSITORY / "deploy" / "redis" / "trial-password").read_text()
    done = _start(tmp_path, redis_password=trial, redis_operator_password="my own")
    assert done.returncode == 0
    assert "redis-password is the password that everybody can read" in done.stderr
    assert "operator" not in done.stderr
