"""Nodes come and go behind a running nginx while people chat: 2, then 4, then 1."""

import asyncio
import http.client
from collections.abc import Callable

from conftest import StartCluster
from harness.client import Client
from harness.crowd import Crowd
from harness.naming import fresh
from harness.plain import PlainClient
from harness.waiting import eventually
from local_cluster import LocalCluster


class Newcomers:
    """Keeps opening new sessions through nginx, one after the other. None of them may be turned away."""

    def __init__(self, url: str):
        self._url = url
        self._running = asyncio.create_task(self._run())
        self.nodes: list[str] = []

    async def welcomed_by(self, condition: Callable[[set[str]], bool], what: str) -> None:
        """Waits until the nodes of the latest 25 newcomers are as wanted."""
        start = len(self.nodes)

        def holds() -> bool:
            if self._running.done():
                self._running.result()
            return len(self.nodes) >= start + 25 and condition(set(self.nodes[-25:]))
        await eventually(holds, 30, what)

    async def stop(self) -> None:
        self._running.cancel()
        results = await asyncio.gather(self._running, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError), f"a newcomer was turned away: {results[0]!r}"

    async def _run(self) -> None:
        while True:
            client = await Client.open(self._url)
            try:
                welcome = await client.hello(name=fresh("new"))
            finally:
                client.abort()
            # The node's name without the random part that tells its lives apart.
            self.nodes.append(welcome["node"].rsplit("-", 1)[0])
            await asyncio.sleep(0.02)


async def test_people_chat_on_while_nodes_come_and_go(start_cluster: StartCluster):
    cluster = start_cluster(2)
    nginx = cluster.status()["services"]["nginx"]
    crowd = Crowd([cluster.url], cluster.redis, size=10, rooms=2)
    newcomers = Newcomers(cluster.url)
    try:
        await crowd.settled()
        await newcomers.welcomed_by(lambda nodes: nodes == {"node-1", "node-2"}, "newcomers on both nodes")

        async def come_and_go() -> None:
            await cluster.scale(4)
            await newcomers.welcomed_by(lambda nodes: len(nodes) == 4, "newcomers on all four nodes")
            await cluster.scale(1)
            await newcomers.welcomed_by(lambda nodes: nodes == {"node-1"}, "newcomers on the one node left")

        await crowd.through(come_and_go)
        await crowd.verify()
        await newcomers.stop()
    finally:
        crowd.report("scaling 2, 4, 1")
        await crowd.close()
    assert cluster.status()["services"]["nginx"] == nginx, "nginx was not started again"
    await _only_asks(cluster, {"node-1"})


async def _only_asks(cluster: LocalCluster, names: set[str]) -> None:
    """nginx forgets the addresses of all other nodes: it goes by an answer of its resolver for 2 s."""
    addresses = {cluster.status()["nodes"][name]["url"].removeprefix("http://") for name in names}

    async def forgotten() -> bool:
        before = len(cluster.nginx_log)
        for _ in range(20):
            client = await Client.open(cluster.url)
            client.abort()

        def asked() -> list[str]:
            # Of its access log: a line of its error log tells the address in other words.
            lines = [line for line in cluster.nginx_log[before:].splitlines() if '"GET /ws ' in line]
            return [line.rsplit("upstream=", 1)[1].strip('"') for line in lines if "upstream=" in line]
        await eventually(lambda: len(asked()) >= 20, 10, "20 lines in nginx's log")
        return set(asked()) <= addresses
    await eventually(forgotten, 10, "nginx to ask no other node", every=0.1)


async def test_raw_websockets_meet_across_added_nodes(start_cluster: StartCluster):
    """Six lines of browser JavaScript are enough for a client, before and after the cluster changed."""
    cluster = start_cluster(1)
    first = await PlainClient.open(cluster.plain_url)
    await cluster.scale(3)
    others = [await PlainClient.open(cluster.plain_url) for _ in range(6)]
    for number, speaker in enumerate([first, *others]):
        await speaker.say(f"line {number}")
        for listener in [first, *others]:
            await listener.containing(f"line {number}")
    for client in [first, *others]:
        await client.close()


async def test_without_nodes_nginx_says_so_and_recovers(start_cluster: StartCluster):
    cluster = start_cluster(1)
    await cluster.scale(0)

    def ask() -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=20)
        connection.request("GET", "/healthz")
        return connection.getresponse()
    gone = ask()
    assert gone.status == 503
    assert gone.getheader("Retry-After")
    assert b"try again" in gone.read()
    await cluster.scale(1)
    await eventually(lambda: ask().status == 200, 10, "nginx to find the new node")
