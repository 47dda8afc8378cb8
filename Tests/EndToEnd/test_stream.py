"""The fallback where WebSockets are blocked: the same frames and promises over an event stream and numbered posts."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from harness.attachments import attach_frame, fetch
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.redis_server import RedisServer
from harness.stream import StreamClient, post
from harness.waiting import eventually


class Streams:
    """Opens fallback sessions, and closes them when the test ends."""

    def __init__(self):
        self._open: list[StreamClient] = []

    async def guest(self, port: int, stem: str = "stream", rooms: list[str] = (), **hello) -> StreamClient:
        client = await StreamClient.guest(port, hello.pop("name", fresh(stem)), rooms, **hello)
        self._open.append(client)
        return client

    def add(self, client: StreamClient) -> StreamClient:
        self._open.append(client)
        return client

    async def close(self) -> None:
        for client in self._open:
            await client.close()


@pytest_asyncio.fixture
async def streams() -> AsyncIterator[Streams]:
    group = Streams()
    yield group
    await group.close()


async def test_a_conversation_through_nginx(cluster: Cluster, people: People, streams: Streams):
    room = fresh("room")
    ann = await streams.guest(cluster.nginx.port, "ann", [room])
    assert ann.answer.headers["cache-control"].startswith("no-")
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    for index in range(6):
        # Whichever node nginx picks for a post.
        assert await ann.send("send", id=f"s{index}", room=room, text=f"from ann {index}") == 202
        assert (await ann.next("ack", where=lambda f, index=index: f.get("re") == f"s{index}"))["offset"] == 2 * index + 1
        await bob.say(room, f"from bob {index}")
    expected = [text for index in range(6) for text in (f"from ann {index}", f"from bob {index}")]
    await ann.until(lambda: len(ann.texts()) == 12, what="all messages")
    await bob.until(lambda: len(bob.texts(room)) == 12, what="all messages")
    assert ann.texts() == bob.texts(room) == expected


async def test_the_welcome_has_the_streams_key(node: Node, people: People, streams: Streams):
    ann, other = await streams.guest(node.port), await streams.guest(node.port)
    assert len(ann.welcome["streamKey"]) == 32 and ann.welcome["streamKey"] != other.welcome["streamKey"]
    bob = await people.guest(node, "bob")
    assert "streamKey" not in bob.welcome


async def test_any_node_takes_posts(cluster: Cluster, streams: Streams):
    ann = await streams.guest(cluster.nodes[0].port)
    for index, node in enumerate(cluster.nodes * 2):
        body = json.dumps({"type": "ping", "id": f"p{index}"}).encode()
        assert await ann.post(body, index + 1, port=node.port) == 202
        await ann.next("pong", where=lambda f, index=index: f["re"] == f"p{index}")


async def test_posts_are_put_in_order_and_repeats_dropped(cluster: Cluster, streams: Streams):
    room = fresh("room")
    ann = await streams.guest(cluster.nodes[0].port, rooms=[room])
    start = ann.number + 1

    def body(text: str) -> bytes:
        return json.dumps({"type": "send", "room": room, "text": text}).encode()

    later = [asyncio.create_task(ann.post(body(f"{n}"), start + n, port=cluster.nodes[n % 3].port)) for n in (3, 1, 2)]
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in later) and ann.texts() == []
    assert await ann.post(body("0"), start, port=cluster.nodes[1].port) == 202
    assert [await task for task in later] == [202, 202, 202]
    assert await ann.post(body("2"), start + 2, port=cluster.nodes[2].port) == 202
    assert await ann.post(body("4"), start + 4) == 202
    await ann.until(lambda: len(ann.texts()) >= 5, what="all messages")
    assert ann.texts() == ["0", "1", "2", "3", "4"]


async def test_too_far_ahead_is_for_later(node: Node, streams: Streams):
    ann = await streams.guest(node.port)
    assert await ann.post(b'{"type":"ping"}', 33) == 503
    assert await ann.post(b'{"type":"ping"}', 1) == 202
    # A number whose predecessor does not come is given back in time, and is taken when it is repeated.
    assert await ann.post(b'{"type":"ping","id":"3"}', 3, within=15) == 503
    assert await ann.post(b'{"type":"ping"}', 2) == 202
    assert await ann.post(b'{"type":"ping","id":"3"}', 3) == 202
    await ann.next("pong", where=lambda f: f.get("re") == "3")


async def test_several_frames_in_a_post(node: Node, streams: Streams):
    ann = await streams.guest(node.port)
    assert await ann.post(b'{"type":"ping","id":"a"}\n\n{"type":"ping","id":"b"}\r\n', 1) == 202
    assert await ann.post(b'{\n  "type": "ping",\n  "id": "c"\n}\n', 2) == 202
    assert await ann.post(b'{"type":"dance","id":"d"}\n{"type":"ping","id":"e"}', 3) == 202
    await ann.next("pong", where=lambda f: f["re"] == "e")
    assert [frame.get("re") for frame in ann.frames if frame["type"] in ("pong", "error")] == ["a", "b", "c", "d", "e"]


async def test_a_file_is_a_post_of_its_own_at_any_node(cluster: Cluster, people: People, streams: Streams):
    room = fresh("room")
    ann = await streams.guest(cluster.nodes[0].port, "ann", [room])
    bob = await people.guest(cluster.nodes[2], "bob", [room])
    content = bytes(range(256)) * 4_000 + b"\n{}\n"
    frame = attach_frame(content, id="f1", room=room, name="all.bin", mediaType="application/octet-stream", key="k1", text="look")
    ann.number += 2
    first, second = ann.number - 1, ann.number
    # The second arrives first, at another node; what was answered once may be repeated.
    early = asyncio.create_task(ann.post(json.dumps({"type": "send", "room": room, "text": "after it"}).encode(), second, cluster.nodes[1].port))
    await asyncio.sleep(0)
    assert await ann.post(frame, first, cluster.nodes[1].port, media="application/octet-stream") == 202
    assert await early == 202
    assert await ann.post(frame, first, cluster.nodes[2].port, media="application/octet-stream") == 202
    assert (await ann.next("ack", where=lambda f: f.get("re") == "f1"))["offset"] == 1
    await bob.next("message", where=lambda f: f["text"] == "after it")
    assert bob.texts(room) == ["look", "after it"]
    attachment = next(f for f in bob.frames if f["type"] == "message")["attachment"]
    assert (attachment["name"], attachment["size"]) == ("all.bin", len(content))
    assert fetch(cluster.nodes[1], f"/attachments/{attachment['id']}")[2] == content


async def test_what_is_no_file_is_an_error_of_the_session(node: Node, streams: Streams):
    ann = await streams.guest(node.port, "ann")
    for number, body in enumerate((b"", b"abc", b"\xff\xff\xff\xff{}", attach_frame(b"x", room="lobby")), start=1):
        ann.number = number
        assert await ann.post(body, number, media="application/octet-stream") == 202
    await ann.until(lambda: sum(f["type"] == "error" for f in ann.frames) == 4, what="four errors")
    # More than any file may have: refused before it is read, and its number is not used up.
    assert await ann.post(bytes(3 << 20), 5, media="application/octet-stream") == 413
    ann.number = 4
    assert await ann.send("ping", id="p") == 202
    await ann.next("pong")


async def test_only_who_has_the_key_may_post(cluster: Cluster, streams: Streams):
    ann = await streams.guest(cluster.nodes[0].port)
    other = await streams.guest(cluster.nodes[0].port)
    ping = b'{"type":"ping"}'
    for node in cluster.nodes:
        assert await ann.post(ping, 1, port=node.port, key="0" * 32) == 404
        assert await ann.post(ping, 1, port=node.port, key=other.welcome["streamKey"]) == 404
        assert await ann.post(ping, 1, port=node.port, key=None) == 404
        headers = {"Martlet-Seq": "1", "Martlet-Stream-Key": "x"}
        for session in ("nobody", "n1-00000000-0-1", ann.welcome["session"] + "9", "n%21-0-1"):
            answer = await post(node.port, f"/stream/{session}", ping, headers)
            assert answer.status == 404
            await answer.close()
    assert await ann.post(ping, 1) == 202


@pytest.mark.parametrize("at", [0, 1], ids=["the owner", "another node"])
async def test_what_is_malformed_uses_up_no_number(cluster: Cluster, streams: Streams, at: int):
    ann = await streams.guest(cluster.nodes[0].port)
    port = cluster.nodes[at].port
    for body in (b"", b"{", b"[]", b'"x"', b'{"type":"ping"}{"type":"ping"}', b'{"type":"ping"}\nx', b"\xff"):
        assert await ann.post(body, 1, port=port) == 400, body
    for number in (None, "", "0", "-1", "1.0", "one", "9007199254740992", "1 2"):
        assert await ann.post(b'{"type":"ping"}', number, port=port) == 400, number
    assert await ann.post(b'{"type":"ping","x":"' + b"y" * 70_000 + b'"}', 1, port=port) == 413
    assert await ann.post(b"\n".join([b'{"type":"ping","x":"' + b"y" * 60_000 + b'"}'] * 5), 1, port=port) == 413
    assert await ann.post(b'{"type":"ping","id":"1"}', 1, port=port) == 202
    await ann.next("pong")


async def test_hellos(node: Node, streams: Streams):
    for body in (b"", b"hello", b"[]", b'{"type":'):
        answer = await post(node.port, "/stream", body)
        assert answer.status == 400, body
        await answer.close()
    # Without a type it is taken for what it must be.
    answer = await post(node.port, "/stream", b'{"name":"%s"}' % fresh("ann").encode())
    ann = streams.add(StreamClient(node.port, answer))
    assert (await ann.welcomed())["user"]["name"].startswith("ann")
    bad = streams.add(await StreamClient.open(node.port, token="no-token"))
    await bad.next("error", where=lambda f: f["code"] == "unauthorized")
    assert (await bad.wait_end())["code"] == 4401
    wrong = streams.add(await StreamClient.open(node.port, type="join", room="lobby"))
    assert (await wrong.wait_end())["code"] == 4400


async def test_resuming_elsewhere(cluster: Cluster, people: People, streams: Streams):
    room = fresh("room")
    ann = await streams.guest(cluster.nodes[0].port, "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "one")
    await ann.until(lambda: ann.texts() == ["one"], what="the message")
    last = next(frame for frame in ann.frames if frame["type"] == "message")
    token = ann.welcome["token"]
    await ann.close()
    await bob.say(room, "two")
    position = {key: last[key] for key in ("epoch", "offset", "at")}
    again = await streams.guest(cluster.nodes[2].port, name=None, token=token, resume={room: position})
    joined = await again.next("joined")
    assert joined["recovered"] and [entry["text"] for entry in joined["entries"]] == ["two"]
    assert again.welcome["user"]["id"] == ann.welcome["user"]["id"]


async def test_a_stream_that_is_gone(cluster: Cluster, people: People, streams: Streams):
    room = fresh("room")
    ann = await streams.guest(cluster.nodes[0].port, "ann", [room])
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await ann.close()
    for node in cluster.nodes:
        async def unknown(node=node) -> bool:
            return await ann.post(b'{"type":"ping"}', ann.number + 1, port=node.port) == 404
        await eventually(unknown, 15, "the session to be unknown")
    await bob.next("presence", within=15, where=lambda f: {"id": ann.welcome["user"]["id"]} in f["left"])


@pytest.fixture
def own(martlet, tmp_path):
    """Makes nodes of the test's own, on one Redis."""
    redis = RedisServer(tmp_path / "redis")
    nodes: list[Node] = []

    def make(**environment: str) -> Node:
        nodes.append(Node(f"own{len(nodes)}", tmp_path / f"own{len(nodes)}", redis=redis.url, environment=environment))
        return nodes[-1]
    yield make
    for node in nodes:
        node.close()
    redis.close()


async def test_silence_ends_a_stream_and_a_ping_keeps_it(own, streams: Streams):
    node = own(MARTLET_PING_INTERVAL="1s")
    silent, lively = await streams.guest(node.port), await streams.guest(node.port)
    start = time.monotonic()
    while time.monotonic() - start < 4:
        assert await lively.send("ping") == 202
        await asyncio.sleep(0.3)
    closed = await silent.wait_end()
    assert closed["code"] == 4408 and closed["reason"]
    assert lively.closed_with is None and lively.comments >= 2
    assert await silent.send("ping") == 404


async def test_who_reads_too_slowly_is_closed(own, people: People, streams: Streams):
    node = own(MARTLET_OUTBOUND_LIMIT="256KiB", MARTLET_RATE="10000", MARTLET_BURST="10000")
    room = fresh("room")
    slow = await streams.guest(node.port, "slow", [room])
    slow.answer._writer.transport.pause_reading()
    before = node.rss()
    bob = await people.guest(node, "bob", [room])
    for _ in range(400):
        await asyncio.gather(*(bob.say(room, "x" * 4000) for _ in range(10)))
        if await slow.send("ping") == 404:
            break
    else:
        raise AssertionError("the slow stream is still there")
    assert node.rss() - before < 64 << 20


async def test_a_drain_moves_streams(own, streams: Streams):
    node = own(MARTLET_DRAIN="3s")
    ann = await streams.guest(node.port)
    node.term()
    goaway = await ann.next("goaway", within=5)
    assert goaway["reconnectAfter"] >= 0
    assert (await ann.wait_end(15))["code"] == 1001
    assert node.wait_end(20) == 0


async def test_posts_to_a_dead_node_are_unavailable_then_unknown(own, streams: Streams):
    lease = {"MARTLET_LEASE": "3s", "MARTLET_HEARTBEAT": "500ms"}
    dying, living = own(**lease), own(**lease)
    ann = await streams.guest(dying.port)
    assert await ann.post(b'{"type":"ping"}', 1, port=living.port) == 202
    dying.kill()
    assert await ann.post(b'{"type":"ping"}', 2, port=living.port) == 503

    async def unknown() -> bool:
        status = await ann.post(b'{"type":"ping"}', 2, port=living.port)
        assert status in (503, 404)
        return status == 404
    await eventually(unknown, 13, "the session to be unknown")


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
async def test_curl_is_a_client(node: Node, people: People, tmp_path):
    room = fresh("room")
    out = tmp_path / "out"
    with out.open("wb") as file:
        curl = await asyncio.create_subprocess_exec(
            "curl", "-sN", f"{node.http}/stream", "-d", json.dumps({"name": fresh("ann")}), stdout=file)

    def frames() -> list[dict]:
        return [json.loads(line[6:]) for line in out.read_text().splitlines() if line.startswith("data: ")]
    try:
        await eventually(lambda: frames(), 5, "the welcome")
        welcome = frames()[0]
        done = await asyncio.create_subprocess_exec(
            "curl", "-sf", f"{node.http}/stream/{welcome['session']}", "-H", "Martlet-Seq: 1",
            "-H", f"Martlet-Stream-Key: {welcome['streamKey']}", "-d", json.dumps({"type": "join", "room": room}))
        assert await done.wait() == 0
        bob = await people.guest(node, "bob", [room])
        await bob.say(room, "hello curl")
        await eventually(lambda: any(frame.get("text") == "hello curl" for frame in frames()), 5, "the message")
    finally:
        curl.send_signal(signal.SIGTERM)
        await curl.wait()
