"""The beginning of a session: hello, welcome, identity, and what may go wrong before."""

import asyncio
import time

import pytest

from harness.cluster import Cluster
from harness.expect import is_error, lives, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.waiting import eventually


async def test_welcome_says_who_where_and_how_much(node: Node, people: People):
    client = await people.stranger(node)
    name = fresh("ann")
    welcome = await client.hello(name=name, client={"name": "tests", "version": "1"})
    assert welcome["user"] == {"id": welcome["user"]["id"], "name": name, "guest": True}
    assert welcome["user"]["id"].startswith("g-")
    assert len(welcome["user"]["id"]) <= 40
    assert len(welcome["user"]["id"]) - 2 >= 128 / 6, "a guest's id has 128 random bits"
    assert welcome["node"].startswith(f"{node.name}-"), "NAME-<random>"
    assert welcome["session"] and isinstance(welcome["session"], str)
    assert welcome["token"] and isinstance(welcome["token"], str)
    assert welcome["pingInterval"] == 25_000
    assert welcome["limits"] and all(isinstance(limit, int) and limit > 0 for limit in welcome["limits"].values())
    assert client.frames[0]["type"] == "welcome", "nothing comes before welcome"


async def test_hello_without_anything_makes_a_guest_with_a_name(node: Node, people: People):
    client = await people.guest(node, stem=None)
    assert 1 <= len(client.name) <= 32
    assert client.welcome["user"]["guest"] is True


async def test_hello_with_an_id_is_answered_once(node: Node, people: People):
    client = await people.stranger(node)
    await client.send_frame("hello", id="h1", name=fresh("ann"))
    assert (await client.next("welcome"))["re"] == "h1"
    client.welcome = client.frames[0]
    await client.fence()
    assert [frame.get("re") for frame in client.frames].count("h1") == 1


@pytest.mark.parametrize("offered, chosen", [
    (None, None),
    (["martlet.v1"], "martlet.v1"),
    (["something.else", "martlet.v1"], "martlet.v1"),
])
async def test_subprotocol(node: Node, people: People, offered, chosen):
    client = await people.stranger(node, offered)
    assert client.subprotocol == chosen
    assert (await client.hello())["type"] == "welcome"


@pytest.mark.parametrize("first", [
    '{"type":"ping","id":"1"}', '{"type":"join","room":"lobby","id":"1"}', "not json", "[]", "{}",
    '{"type":"frobnicate"}', '{"type":"hello","token":17}', '{"type":"hello","resume":[]}',
    '{"type":"hello","resume":{"lobby":{"offset":1}}}', '{"type":"hello","name":17}',
])
async def test_another_first_frame_is_an_error_and_4400(node: Node, people: People, first: str):
    client = await people.stranger(node)
    await client.send_text(first)
    is_error(await client.next("error"), "bad_frame")
    assert await client.wait_closed() == 4400


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "x" * 5000])
async def test_a_bad_token_is_4401(node: Node, people: People, token: str):
    client = await people.stranger(node)
    await client.send_frame("hello", token=token)
    assert await client.wait_closed() == 4401
    for error in client.of_type("error"):
        is_error(error, "unauthorized")
    assert client.of_type("welcome") == []


async def test_a_forged_guest_token_is_4401(node: Node, people: People):
    ann = await people.guest(node)
    middle = len(ann.token) // 2
    forged = ann.token[:middle] + ("A" if ann.token[middle] != "A" else "B") + ann.token[middle + 1:]
    client = await people.stranger(node)
    await client.send_frame("hello", token=forged)
    assert await client.wait_closed() == 4401


async def test_no_hello_within_ten_seconds_is_4408(node: Node, people: People):
    started = time.monotonic()
    silent = await people.stranger(node)
    pinging = await people.stranger(node)
    pong = await pinging._socket.ping()
    await pong
    codes = await asyncio.gather(silent.wait_closed(within=14), pinging.wait_closed(within=14))
    assert codes == [4408, 4408]
    assert 9 <= time.monotonic() - started <= 13


async def test_a_second_hello_is_bad_frame_and_the_session_lives(node: Node, people: People):
    ann = await people.guest(node)
    await refuses(ann, "bad_frame", "hello", name=fresh("other"))
    await lives(ann)
    assert len(ann.of_type("welcome")) == 1


async def test_frames_before_welcome_wait_and_keep_their_order(node: Node, people: People):
    room = fresh("room")
    client = await people.stranger(node)
    await client.send_frame("hello", name=fresh("ann"))
    await client.send_frame("join", room=room, id="j")
    for number in range(8):
        await client.send_frame("send", room=room, text=str(number), id=f"s{number}")
    await client.send_frame("ping", id="p")
    await client.next("pong", where=lambda frame: frame["re"] == "p")
    assert client.frames[0]["type"] == "welcome"
    await client.until(lambda: len(client.of_type("ack")) == 8, what="eight acks")
    assert [frame["re"] for frame in client.of_type("ack")] == [f"s{number}" for number in range(8)]
    # Some of the entries may already be in `joined`; no message comes before it.
    await client.until(lambda: len(client.journal.entries(room)) == 8, what="eight entries")
    assert [entry["text"] for entry in client.journal.entries(room)] == [str(number) for number in range(8)]
    assert client.of_type("joined", "message")[0]["re"] == "j"
    assert not client.journal.violations


async def test_a_guest_token_keeps_the_identity_on_any_node(cluster: Cluster, people: People):
    ann = await people.guest(cluster.nodes[0], "ann")
    await ann.close()
    back = await people.again(cluster.nodes[1], ann)
    assert back.user == ann.user
    assert back.name == ann.name
    assert back.welcome["user"]["guest"] is True
    assert back.session != ann.session
    third = await people.guest(cluster.nodes[2], stem=None, token=back.token)
    assert third.user == ann.user, "the token of the second welcome serves as well"


async def test_sessions_with_one_token_are_one_user(cluster: Cluster, people: People):
    room = fresh("room")
    watcher = await people.guest(cluster.nodes[2], "watcher", [room])
    ann = await people.guest(cluster.nodes[0], "ann", [room])
    again = await people.again(cluster.nodes[1], ann, [room])
    same_node = await people.again(cluster.nodes[0], ann, [room])
    assert {ann.user, again.user, same_node.user} == {ann.user}
    assert len({ann.session, again.session, same_node.session}) == 3

    async def two_users() -> bool:
        reply = await watcher.ask("who", room=room)
        return reply["count"] == 2 and len(reply["members"]) == 2
    await eventually(two_users, 5, "`who` to count users, not sessions", every=0.1)
    await ann.say(room, "hello")
    for session in (ann, again, same_node, watcher):
        await session.next("message")
        assert session.texts() == ["hello"]


async def test_a_taken_name_gets_a_free_variation(cluster: Cluster, people: People):
    name = fresh("ann")
    first = await people.guest(cluster.nodes[0], name=name)
    second = await people.guest(cluster.nodes[1], name=name)
    third = await people.guest(cluster.nodes[2], name=name.upper())
    assert first.name == name
    assert second.name.startswith(name) and second.name != name
    assert third.name.casefold().startswith(name)
    assert len({first.name.casefold(), second.name.casefold(), third.name.casefold()}) == 3
    assert len({first.user, second.user, third.user}) == 3


async def test_a_variation_of_a_long_name_stays_within_the_limit(cluster: Cluster, people: People):
    name = fresh("ann").ljust(32, "x")
    await people.guest(cluster.nodes[0], name=name)
    second = await people.guest(cluster.nodes[1], name=name)
    assert second.name != name and len(second.name) <= 32


@pytest.mark.parametrize("name", ["", " ", "a" * 33, "a:b", "a\u0007b", "a\nb", "\u202e", "\u200b", "a\x7fb"])
async def test_hello_with_a_name_against_the_rules(node: Node, people: People, name: str):
    client = await people.stranger(node)
    await client.send_frame("hello", name=name)
    is_error(await client.next("error"), "bad_name")


async def test_names_are_nfkc(node: Node, people: People):
    tail = fresh("x")
    client = await people.guest(node, name=f"ａｎｎ {tail}")
    assert client.name == f"ann {tail}"
