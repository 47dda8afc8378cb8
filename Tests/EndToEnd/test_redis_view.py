"""What an operator sees in Redis, with nothing but redis-cli, and with `martlet presence`."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

from harness import redis_users
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import clean_environment
from harness.people import People
from harness.redis_server import RedisServer
from harness.waiting import eventually


# The one who may look: deploy/redis/users.acl.
OPERATOR = os.environ | {"REDISCLI_AUTH": redis_users.PASSWORDS["redis-operator-password"]}


def _redis_cli(redis: RedisServer, *words: str) -> str:
    return subprocess.run(["redis-cli", "--user", "operator", "-p", str(redis.port), *words], capture_output=True,
                          text=True, timeout=10, check=True, env=OPERATOR).stdout


async def test_the_share_of_a_room_is_readable(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann", ["lobby"])
    again = await people.again(cluster.nodes[0], ann, ["lobby"])
    bob = await people.guest(cluster.nodes[1], "bob", ["lobby"])
    shares = {client: f"martlet:room:{{lobby}}:here:{client.welcome['node']}" for client in (ann, bob)}

    async def both_are_there() -> bool:
        share = cluster.redis.hash(shares[ann])
        return ann.user in share and json.loads(share[ann.user])["sessions"] == 2
    await eventually(both_are_there, 5, "both sessions in the share", every=0.1)
    member = json.loads(cluster.redis.hash(shares[ann])[ann.user])
    assert member.keys() == {"name", "status", "since", "sessions"}
    assert (member["name"], member["status"], member["sessions"]) == (ann.name, "online", 2)
    assert member["since"] > 1_600_000_000_000
    assert bob.user not in cluster.redis.hash(shares[ann]), "a share is written by its own node only"
    assert ann.name in _redis_cli(cluster.redis, "HGETALL", shares[ann])
    nodes = cluster.redis.command("SMEMBERS", "martlet:room:{lobby}:nodes")
    assert {ann.welcome["node"], bob.welcome["node"]} <= set(nodes)
    assert "lobby" in cluster.redis.command("SMEMBERS", f"martlet:node:{{{ann.welcome['node']}}}:rooms")

    await again.close()
    await bob.ask("leave", room="lobby")

    async def one_session_is_left_and_bob_is_gone() -> bool:
        return json.loads(cluster.redis.hash(shares[ann])[ann.user])["sessions"] == 1 \
            and bob.user not in cluster.redis.hash(shares[bob])
    await eventually(one_session_is_left_and_bob_is_gone, 9, "the shares to follow", every=0.1)


async def test_the_log_is_readable(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    for text in ("first", "zwölf"):
        await ann.say(room, text, key=fresh("key"))
    await ann.until(lambda: len(ann.messages(room)) == 2, what="both messages")
    raw = _redis_cli(cluster.redis, "--no-raw", "XRANGE", f"martlet:room:{{{room}}}:log", "-", "+")
    assert '"1-0"' in raw and '"2-0"' in raw
    assert cluster.redis.log(room) == ann.messages(room)
    text = _redis_cli(cluster.redis, "XRANGE", f"martlet:room:{{{room}}}:log", "-", "+")
    assert '{"offset":1,"epoch":"' in text and "zwölf" in text
    meta = cluster.redis.hash(f"martlet:room:{{{room}}}:meta")
    last = ann.messages(room)[-1]
    assert (meta["offset"], meta["epoch"], meta["at"]) == ("2", last["epoch"], str(last["at"]))


async def test_keys_are_where_they_belong(cluster: Cluster, people: People):
    room, key = fresh("room"), fresh("key")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    ack = await ann.say(room, "hello", key=key)
    direct = await ann.ask("send", to=bob.user, text="psst")
    redis = cluster.redis

    stored = f"martlet:room:{{{room}}}:key:{ann.user}:{key}"
    assert redis.command("GET", stored) == f"{ack['offset']} {ack['epoch']} {ack['at']}"
    assert 0 < redis.command("TTL", stored) <= 600
    for user in (ann, bob):
        score = redis.command("ZSCORE", f"martlet:user:{{{user.user}}}:inbox", direct["room"])
        assert score is not None and float(score) == direct["at"]
        assert redis.command("GET", f"martlet:name:{{{user.name}}}") is not None
    assert redis.command("XLEN", f"martlet:room:{{{direct['room']}}}:log") == 1
    for node_id in (ann.welcome["node"], bob.welcome["node"]):
        assert redis.command("ZSCORE", "martlet:{nodes}", node_id) is not None
        node = redis.hash(f"martlet:node:{{{node_id}}}")
        assert node.keys() >= {"address", "started", "version", "state"}
        assert node["state"] == "up"
    keys = redis.command("KEYS", "*")
    assert [name for name in keys if not name.startswith("martlet:")] == [], "everything is under the prefix"


async def test_live_entries_are_published_as_they_are_stored(cluster: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    listener = await asyncio.create_subprocess_exec(
        "redis-cli", "--user", "operator", "-p", str(cluster.redis.port), "SUBSCRIBE", f"martlet:room:{{{room}}}",
        stdout=asyncio.subprocess.PIPE, env=OPERATOR)
    try:
        await asyncio.wait_for(listener.stdout.readuntil(b"1\n"), 5)
        await ann.say(room, "overheard")
        while not (line := await asyncio.wait_for(listener.stdout.readline(), 5)).startswith(b'{"offset":'):
            assert line, "redis-cli ended"
        assert json.loads(line) == await ann.next("message") == cluster.redis.log(room)[0]
    finally:
        listener.kill()
        await listener.wait()


async def test_presence_is_a_stream_of_readable_lines(cluster: Cluster, people: People):
    room = fresh("room")
    listener = await asyncio.create_subprocess_exec(
        "redis-cli", "--user", "operator", "-p", str(cluster.redis.port), "PSUBSCRIBE", "martlet:presence:*",
        stdout=asyncio.subprocess.PIPE, env=OPERATOR)
    lines: list[dict] = []

    async def read() -> None:
        while line := await listener.stdout.readline():
            if line.startswith(b"{"):
                lines.append(json.loads(line))

    def told(user: str, event: str) -> dict | None:
        return next((line for line in lines if (line["room"], line["user"], line["event"]) == (room, user, event)), None)
    try:
        await asyncio.wait_for(listener.stdout.readuntil(b"1\n"), 5)
        reading = asyncio.create_task(read())
        ann = await people.guest(cluster.nodes[0], "ann", [room])
        here = await eventually(lambda: told(ann.user, "here"), 5, "a line that says ann is here")
        assert here["name"] == ann.name and here["node"] == ann.welcome["node"] and here["status"] == "online"
        assert here["at"] > 1_600_000_000_000
        await ann.ask("leave", room=room)
        gone = await eventually(lambda: told(ann.user, "gone"), 5, "a line that says ann is gone")
        assert gone["node"] == ann.welcome["node"]
    finally:
        listener.kill()
        await listener.wait()
        await reading


async def test_martlet_presence_prints_who_is_where(cluster: Cluster, people: People, martlet: Path):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])

    def run(*options: str) -> str:
        """As the operator, who may only look."""
        url = cluster.redis.url.replace("martlet@", "operator@")
        environment = clean_environment(MARTLET_REDIS_PASSWORD=OPERATOR["REDISCLI_AUTH"], MARTLET_REDIS_PASSWORD_FILE="")
        done = subprocess.run([martlet, "presence", "--redis", url, *options], capture_output=True, text=True,
                              timeout=15, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def told() -> bool:
        table = await asyncio.to_thread(run)
        parsed = json.loads(await asyncio.to_thread(run, "--json"))
        text = json.dumps(parsed)
        wanted = [room, ann.name, bob.name, ann.welcome["node"], bob.welcome["node"]]
        return all(word in text for word in wanted) and all(word in table for word in wanted)
    await eventually(told, 10, "`martlet presence` to name the room, both users and both nodes", every=0.3)
