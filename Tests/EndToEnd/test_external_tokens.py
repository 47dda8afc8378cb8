"""Users of somebody else's: tokens that the cluster did not sign."""

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.auth import post
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.people import People
from harness.tokens import ISSUER, SECRET, issuers_file, signed, token
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def shop(shared_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Two more nodes on the shared Redis. The shop's users are the only ones who may come in there."""
    directory = tmp_path_factory.mktemp("shop")
    environment = {"MARTLET_ISSUERS": str(issuers_file(directory / "issuers", leeway=0)), "MARTLET_GUESTS": "off",
                   "MARTLET_ACCOUNTS": "off"}
    nodes = [Node(f"shop-{number}", directory / f"shop-{number}", shared_cluster.redis.url, environment=environment)
             for number in (1, 2)]
    yield nodes
    for node in nodes:
        node.close()


def user() -> str:
    return fresh("c").replace(".", "-")


async def test_a_user_is_the_same_on_all_nodes(shop: list[Node], people: People):
    name = user()
    first = await people.guest(shop[0], None, token=token(name), rooms=("lobby",))
    assert first.welcome["user"] == {"id": f"x-{name}", "name": name, "guest": False}
    other = await people.guest(shop[1], None, token=token(user()), rooms=("lobby",))
    ack = await other.ask("send", to=f"x-{name}", text="are you there?")
    assert ack["room"].startswith("dm:x-")
    # Another session, with another token, after the shop has changed the name.
    again = await people.guest(shop[1], None, token=token(name, name=name + "2"))
    assert again.welcome["user"]["id"] == f"x-{name}" and again.welcome["user"]["name"] == name + "2"


async def test_the_welcome_gives_back_what_came(shop: list[Node], people: People):
    """Nothing that lasts longer, or allows more."""
    mine = token(user(), lifetime=60)
    client = await people.guest(shop[0], None, token=mine)
    assert client.welcome["token"] == mine
    assert abs(client.welcome["expiresAt"] / 1000 - time.time() - 60) < 5
    assert (await people.again(shop[1], client)).welcome["user"] == client.welcome["user"]


async def test_names_of_others_stay_theirs(cluster: Cluster, shop: list[Node], people: People):
    name = fresh("Ann")
    post(cluster.nodes[0], "register", {"name": name, "password": "correct horse battery"})
    client = await people.guest(shop[0], None, token=token(user(), name=name))
    assert client.welcome["user"]["name"] == f"{name}-2"


@pytest.mark.parametrize("bad", [
    "", "nonsense", "a.b.c", token("x", lifetime=-1), token("x", aud="shop"), token("x", aud=None), token("x", iss="https://evil.example"),
    token("x", exp=None), token("x", nbf=int(time.time()) + 3600), token("x", secret=SECRET + "!"), token("x", sub=None),
    token("x", rooms=["Not A Room"]), token("x", pad="x" * 9000), signed({"sub": "x"}, alg="none"), token("x") + ".",
])
async def test_what_is_refused(shop: list[Node], people: People, bad: str):
    stranger = await people.stranger(shop[0])
    await stranger.send_frame("hello", id="1", token=bad)
    error = await stranger.next("error")
    assert error["code"] == "unauthorized" and error["re"] == "1"
    assert await stranger.wait_closed() == 4401


async def test_each_way_can_be_off(cluster: Cluster, shop: list[Node], people: People):
    # Here are neither guests nor accounts …
    for hello in ({"name": fresh("g")}, {"token": (await people.guest(cluster.nodes[0])).token}):
        stranger = await people.stranger(shop[0])
        await stranger.send_frame("hello", **hello)
        assert await stranger.wait_closed() == 4401
    assert post(shop[0], "register", {"name": fresh("r"), "password": "correct horse battery"})[0] == 404
    # … and elsewhere are none of the shop's users.
    stranger = await people.stranger(cluster.nodes[0])
    await stranger.send_frame("hello", token=token(user()))
    assert await stranger.wait_closed() == 4401


async def test_a_session_ends_with_its_token_unless_refreshed(shop: list[Node], people: People):
    name = user()
    stays, goes = [await people.guest(node, None, token=token(name, lifetime=4)) for node in shop]
    younger = token(name, lifetime=600)
    ack = await stays.ask("refresh", token=younger)
    assert abs(ack["expiresAt"] / 1000 - time.time() - 600) < 5
    for wrong in (token(user()), token(name, lifetime=-5), token(name, aud="shop"), "nonsense"):
        assert (await goes.request("refresh", token=wrong))["code"] == "unauthorized"
    assert await goes.wait_closed(within=10) == 4401
    assert (await stays.request("ping"))["type"] == "pong"


async def test_a_token_lets_into_its_rooms_only(shop: list[Node], people: People):
    """Join, history, lists and resuming: refused outside; a younger token that covers less takes its session out at once."""
    team, other, name = fresh("team-a"), fresh("other"), user()
    ann = await people.guest(shop[0], None, token=token(user()), rooms=(team, other))
    position = await ann.say(other, "not for sue")
    await ann.say(team, "for sue")
    narrow = token(name, rooms=["team-*"])
    first = await people.guest(shop[0], None, token=narrow, rooms=(team,))
    second = await people.guest(shop[1], None, token=narrow, rooms=(team,))
    for refused in (await first.request("join", room=other), await second.request("who", room=other)):
        assert refused["code"] == "forbidden", refused
    assert (await first.request("history", room=other))["code"] == "not_member"
    assert [entry["text"] for entry in (await first.ask("history", room=team))["entries"]] == ["for sue"]
    resumed = await people.stranger(shop[1])
    since = {field: position[field] for field in ("epoch", "offset", "at")}
    await resumed.send_frame("hello", token=narrow, resume={other: since})
    error = await resumed.next("error")
    assert (error["code"], error["room"]) == ("forbidden", other)

    # The token is the first session's alone; the second one goes on under its own.
    await first.ask("refresh", token=token(name, rooms=["desk"]))
    assert (await first.next("kicked"))["room"] == team
    for what, fields in (("send", {"text": "still here"}), ("history", {})):
        assert (await first.request(what, room=team, **fields))["code"] == "not_member"
    assert (await first.request("join", room=team))["code"] == "forbidden"
    await second.say(team, "I may")
    await ann.next("message", where=lambda frame: frame["text"] == "I may")
    await first.fence()
    assert first.messages(team) == []


async def test_a_stream_ends_with_its_token_too(shop: list[Node]):
    connection = http.client.HTTPConnection("127.0.0.1", shop[0].port, timeout=15)
    connection.request("POST", "/stream", json.dumps({"token": token(user(), lifetime=3)}))
    text = await asyncio.to_thread(lambda: connection.getresponse().read().decode())
    assert '"type":"welcome"' in text and "event: close" in text and '"code":4401' in text


async def test_the_secret_is_renewed(shared_cluster: Cluster, tmp_path: Path, people: People):
    issuers = issuers_file(tmp_path / "issuers")
    node = Node("renewed", tmp_path / "renewed", shared_cluster.redis.url, environment={"MARTLET_ISSUERS": str(issuers)})
    try:
        await people.guest(node, None, token=token(user()))
        (issuers.parent / "shop.secret").write_text("another secret that is long enough, too: 32 bytes")
        wait_until(lambda: "has other keys now" in node.log_text(), 10, "the node to read the secret again")
        stranger = await people.stranger(node)
        await stranger.send_frame("hello", token=token(user()))
        assert await stranger.wait_closed() == 4401
        await people.guest(node, None, token=token(user(), secret="another secret that is long enough, too: 32 bytes"))
    finally:
        node.close()


def test_a_mistake_ends_the_node_with_one_line(shared_cluster: Cluster, tmp_path: Path):
    for number, (more, says) in enumerate((
            ({"algorithms": ["none"]}, "'algorithms' has none"), ({"audience": None}, "'audience' must be"),
            ({"secretFile": "none.secret"}, "cannot be opened"), ({"secretFile": None}, "it needs its keys"))):
        issuers = issuers_file(tmp_path / f"issuers-{number}", **more)
        node = Node("mistaken", tmp_path / f"mistaken-{number}", shared_cluster.redis.url, wait=False,
                    environment={"MARTLET_ISSUERS": str(issuers)})
        try:
            assert node.wait_end(15) == 1
            lines = [line for line in node.log_text().splitlines() if line.startswith("martlet: ")]
            assert len(lines) == 1 and says in lines[0] and ISSUER in lines[0], node.log_text()
        finally:
            node.close()


async def test_no_token_is_logged(shop: list[Node], people: People):
    """Everything these nodes have said so far, with good tokens and bad ones."""
    await people.guest(shop[0], None, token=token(user()))
    for node in shop:
        text = node.log_text()
        assert SECRET not in text and "eyJ" not in text
