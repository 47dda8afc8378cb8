"""What operators may ask over HTTP, and that nobody else may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.auth import post
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.operators import ask, operated_cluster, operator_token
from harness.people import People
from harness.waiting import eventually

_PATHS = ["nodes", "stats", "rooms", "presence"]


@pytest.fixture(scope="module")
def operated(martlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with operated_cluster(tmp_path_factory.mktemp("operated")) as cluster:
        yield cluster


@pytest.mark.parametrize("path", _PATHS)
async def test_nobody_else_is_told_anything(node: Node, people: People, path: str):
    guest = await people.guest(node, "guest")
    account = post(node, "register", {"name": fresh("ann"), "password": "correct horse"})[1]
    for token, expected in ((None, 401), ("nonsense", 401), (account["refreshToken"], 401),
                            (guest.welcome["token"], 403), (account["token"], 403)):
        status, answer, headers = ask(node, path, token)
        assert (status, set(answer)) == (expected, {"code", "message"})
        assert answer["code"] == ("unauthorized" if expected == 401 else "forbidden")
        assert headers["cache-control"] == "no-store" and headers["content-type"] == "application/json"
        assert ("www-authenticate" in headers) == (expected == 401)


async def test_nodes_and_numbers(operated: Cluster, people: People):
    room = fresh("room")
    token = operator_token(operated.nodes[0])
    ann = await people.guest(operated.nodes[0], "ann", [room])
    await people.guest(operated.nodes[1], "bob", [room])

    async def told() -> bool:
        await ann.say(room, "hello")
        stats = ask(operated.nodes[1], "stats", token)[1]
        return stats["sessions"] >= 2 and stats["entryRate"] > 0 and stats["deliveryRate"] > 0 and stats["entries"] > 0
    await eventually(told, within=25, every=0.5, what="the heartbeats to tell of it")
    stats, nodes = ask(operated.nodes[1], "stats", token)[1], ask(operated.nodes[0], "nodes", token)[1]["nodes"]
    assert stats["nodes"] == 2 and stats["users"] >= 2 and stats["rooms"] >= 1
    assert [node["state"] for node in nodes] == ["up", "up"]
    assert [node["id"].rsplit("-", 1)[0] for node in nodes] == ["n1", "n2"]
    assert all(node["leaseLeft"] > 0 and node["version"] and node["address"] for node in nodes)
    assert sum(node["sessions"] for node in nodes) >= 2


async def test_rooms_page_by_page(operated: Cluster, people: People):
    names = sorted(fresh(f"paged-{index}") for index in range(3))
    ann = await people.guest(operated.nodes[0], "ann", names)
    await people.guest(operated.nodes[1], "bob", names[:1])
    await ann.say(names[0], "something")
    token = operator_token(operated.nodes[1])
    found, after = {}, ""
    while after is not None:
        status, page, _ = ask(operated.nodes[1], "rooms", token, limit=1, after=after)
        assert status == 200 and len(page["rooms"]) == 1
        found |= {one["room"]: one for one in page["rooms"]}
        after = page.get("after")
    assert [name for name in found if name in names] == names

    async def counted() -> bool:
        rooms = {one["room"]: one for one in ask(operated.nodes[0], "rooms", token, limit=500)[1]["rooms"]}
        return rooms[names[0]]["members"] == 2
    await eventually(counted, within=8, every=0.3, what="both members")
    first = ask(operated.nodes[0], "rooms", token, limit=500)[1]
    line = next(one for one in first["rooms"] if one["room"] == names[0])
    assert line["nodes"] == 2 and line["offset"] == 1 and line["lastAt"] > 0 and first["count"] == len(first["rooms"])
    assert "lastAt" not in next(one for one in first["rooms"] if one["room"] == names[1])


async def test_where_people_are(operated: Cluster, people: People):
    room, other = fresh("room"), fresh("other")
    token = operator_token(operated.nodes[0])
    ann = await people.guest(operated.nodes[0], "ann", [room, other])
    crowd = [await people.guest(operated.nodes[1], "one", [room]) for _ in range(5)]

    def lines(**query: object) -> list[dict]:
        found, after = [], ""
        while after is not None:
            status, page, _ = ask(operated.nodes[0], "presence", token, after=after, **query)
            assert status == 200
            found += page["users"]
            after = page.get("after")
        return found

    await eventually(lambda: len(lines(room=room)) == 6, within=8, every=0.5, what="all six in the room")
    everybody = {client.user for client in [ann, *crowd]}
    paged = lines(room=room, limit=2)
    assert {line["id"] for line in paged} == everybody and len(paged) == 6
    assert {line["room"] for line in paged} == {room} and {line["status"] for line in paged} == {"online"}
    assert everybody <= {line["id"] for line in lines()} and all("room" not in line for line in lines())
    assert {line["id"] for line in lines(node="n2", room=room)} == everybody - {ann.user}
    for user in (ann.name, ann.name.upper(), ann.user):
        assert sorted(line["room"] for line in lines(user=user)) == sorted([room, other]), user
    assert lines(user=ann.name, room=other)[0]["node"].startswith("n1-")
    assert lines(user="nobody-of-that-name") == [] and lines(room=fresh("empty")) == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "many"}, {"limit": 501}, {"room": "No Room"}, {"user": "u" * 201}])
async def test_what_is_malformed_is_said(operated: Cluster, query: dict):
    status, answer, _ = ask(operated.nodes[0], "presence", operator_token(operated.nodes[0]), **query)
    assert status == 400 and answer["code"] == "bad_request" and next(iter(query)) in answer["message"]


async def test_too_many_requests_wait(operated: Cluster):
    token = operator_token(operated.nodes[0])
    answers = [ask(operated.nodes[0], "rooms", token, limit=1) for _ in range(120)]
    refused = [(answer, headers) for status, answer, headers in answers if status == 429]
    assert refused and all(answer["retryAfter"] > 0 and int(headers["retry-after"]) > 0 for answer, headers in refused)

    async def served() -> bool:
        return ask(operated.nodes[0], "rooms", token)[0] == 200
    await eventually(served, within=8, every=0.3, what="the operator to be served again")


async def test_a_dead_node_is_shown_and_a_logged_out_operator_is_not_served(martlet: Path, tmp_path: Path):
    with operated_cluster(tmp_path) as cluster:
        token = operator_token(cluster.nodes[0])
        cluster.nodes[1].kill()
        states = lambda: [node["state"] for node in ask(cluster.nodes[0], "nodes", token)[1]["nodes"]]
        await eventually(lambda: states() != ["up", "up"], within=25, every=0.5, what="the lease to end")
        assert states()[0] == "up"
        assert post(cluster.nodes[0], "logout", token=token)[0] == 204
        assert ask(cluster.nodes[0], "nodes", token)[0] == 401
