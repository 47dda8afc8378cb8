"""Accounts: registering, logging in, tokens that end, logging out everywhere."""

import asyncio
import http.client
import json
import time

import pytest

from harness.auth import post
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.people import People

PASSWORD = "correct horse battery"


def registered(node: Node, name: str) -> dict:
    status, grant, headers = post(node, "register", {"name": name, "password": PASSWORD})
    assert status == 201, grant
    assert headers["cache-control"] == "no-store"
    return grant


async def test_an_account_is_one_user_on_all_nodes(cluster: Cluster, people: People):
    name = fresh("Ann")
    grant = registered(cluster.nodes[0], name)
    assert grant.keys() == {"user", "token", "expiresAt", "refreshToken", "refreshExpiresAt"}
    assert grant["user"]["name"] == name and not grant["user"]["id"].startswith("g-")
    status, again, _ = post(cluster.nodes[1], "login", {"name": name.lower(), "password": PASSWORD})
    assert status == 200 and again["user"] == grant["user"]
    for node, token in zip(cluster.nodes, (grant["token"], again["token"], grant["token"])):
        client = await people.guest(node, None, token=token)
        assert client.welcome["user"] == {"id": grant["user"]["id"], "name": name, "guest": False}
        assert abs(client.welcome["expiresAt"] - time.time() * 1000) < 20 * 60_000
    # A guest cannot have the name, whether its owner is here or not.
    guest = await people.guest(cluster.nodes[2], name=name)
    assert guest.name != name


async def test_what_is_refused(node: Node):
    name = fresh("bob")
    registered(node, name)
    assert post(node, "register", {"name": name.upper(), "password": PASSWORD})[0] == 409
    for body in ({}, {"name": name}, {"name": 7, "password": PASSWORD}, {"name": "a:b", "password": PASSWORD},
                 {"name": fresh("x"), "password": "short"}, {"name": fresh("x"), "password": "x" * 257}):
        status, error, _ = post(node, "register", body)
        assert (status, error["code"]) == (400, "bad_request") and error["message"]
    for raw in (b"", b"[]", b"nonsense", b'{"name":"\xff"}', b"{" * 20_000):
        assert post(node, "login", raw=raw)[0] == 400
    assert post(node, "login", {"name": name, "password": PASSWORD}, media="text/plain")[0] == 400
    wrong = [post(node, "login", {"name": who, "password": what}) for who, what in ((name, "wrong one"), (fresh("nobody"), PASSWORD))]
    assert [(status, error) for status, error, _ in wrong] == [(401, wrong[0][1])] * 2
    for path in ("logout", "password"):
        for token in (None, "nonsense", "a.b"):
            assert post(node, path, {"password": "x", "newPassword": PASSWORD}, token)[0] == 401


async def test_tokens_are_exchanged_and_prolong_a_session(cluster: Cluster, people: People):
    grant = registered(cluster.nodes[0], fresh("carl"))
    client = await people.guest(cluster.nodes[1], None, token=grant["token"])
    status, younger, _ = post(cluster.nodes[2], "refresh", {"refreshToken": grant["refreshToken"]})
    assert status == 200 and younger["user"] == grant["user"] and younger["expiresAt"] >= grant["expiresAt"]
    ack = await client.ask("refresh", token=younger["token"])
    assert ack["expiresAt"] == younger["expiresAt"]
    other = registered(cluster.nodes[0], fresh("carla"))
    for wrong in (other["token"], grant["refreshToken"], "nonsense"):
        assert (await client.request("refresh", token=wrong))["code"] == "unauthorized"
    assert post(cluster.nodes[0], "refresh", {"refreshToken": grant["token"]})[0] == 401
    stranger = await people.stranger(cluster.nodes[0])
    await stranger.send_frame("hello", token=grant["refreshToken"])
    assert await stranger.wait_closed() == 4401


@pytest.mark.parametrize("way", ["logout", "password"])
async def test_logging_out_ends_the_sessions_on_all_nodes(cluster: Cluster, people: People, way: str):
    name = fresh("dora")
    grant = registered(cluster.nodes[0], name)
    clients = [await people.guest(node, None, token=grant["token"]) for node in cluster.nodes]
    if way == "logout":
        assert post(cluster.nodes[1], "logout", token=grant["token"])[0] == 204
    else:
        body = {"password": PASSWORD, "newPassword": "another good one"}
        assert post(cluster.nodes[1], "password", body | {"password": "wrong"}, grant["token"])[0] == 401
        status, young, _ = post(cluster.nodes[1], "password", body, grant["token"])
        assert status == 200
        assert (await people.guest(cluster.nodes[2], None, token=young["token"])).welcome["user"]["name"] == name
    assert await asyncio.gather(*(client.wait_closed(within=2) for client in clients)) == [4401] * 3
    stranger = await people.stranger(cluster.nodes[2])
    await stranger.send_frame("hello", token=grant["token"])
    assert await stranger.wait_closed() == 4401
    assert post(cluster.nodes[0], "refresh", {"refreshToken": grant["refreshToken"]})[0] == 401
    password = PASSWORD if way == "logout" else "another good one"
    assert post(cluster.nodes[0], "login", {"name": name, "password": password})[0] == 200


async def test_logging_out_ends_a_stream_on_another_node(cluster: Cluster):
    grant = registered(cluster.nodes[0], fresh("doris"))
    connection = http.client.HTTPConnection("127.0.0.1", cluster.nodes[1].port, timeout=15)
    connection.request("POST", "/stream", json.dumps({"token": grant["token"]}))
    response = connection.getresponse()
    welcome = await asyncio.to_thread(response.readline)
    assert b'"type":"welcome"' in welcome
    assert post(cluster.nodes[2], "logout", token=grant["token"])[0] == 204
    began = time.monotonic()
    rest = await asyncio.to_thread(response.read)
    assert b"event: close" in rest and b'"code":4401' in rest and time.monotonic() - began < 2
    connection.close()


async def test_nothing_secret_is_in_redis(cluster: Cluster):
    name = fresh("eve")
    grant = registered(cluster.nodes[0], name)
    stored = cluster.redis.hash(f"martlet:user:{{{grant['user']['id']}}}:account")
    assert stored["name"] == name and stored["password"].startswith("scrypt$17$8$1$")
    assert PASSWORD not in str(stored)


async def test_guessing_is_slowed_on_all_nodes_together(cluster: Cluster):
    """The last test of the file: it uses up what this address may try."""
    name = fresh("frank")
    registered(cluster.nodes[0], name)
    statuses = []
    for attempt in range(16):
        status, _, headers = post(cluster.nodes[attempt % 3], "login", {"name": name, "password": f"guess {attempt}"})
        statuses.append(status)
    assert 429 in statuses and set(statuses) == {401, 429} and statuses.index(429) <= 10
    assert int(headers["retry-after"]) >= 1
    assert post(cluster.nodes[1], "login", {"name": name, "password": PASSWORD})[0] == 429
    for key in cluster.redis.command("KEYS", "martlet:throttle:*"):
        cluster.redis.command("DEL", key)


async def test_behind_a_proxy_each_client_is_counted_for_itself(cluster: Cluster):
    """The test speaks from this machine, which is trusted as a proxy."""
    node = cluster.nodes[0]

    def guess(address: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
        try:
            connection.request("POST", "/auth/login", json.dumps({"name": "nobody-here", "password": "guess"}),
                               {"Content-Type": "application/json", "X-Forwarded-For": address})
            return connection.getresponse().status
        finally:
            connection.close()

    assert [guess("192.0.2.1") for _ in range(11)][-1] == 429
    assert guess("192.0.2.2") == 401
    for key in cluster.redis.command("KEYS", "martlet:throttle:*"):
        cluster.redis.command("DEL", key)
