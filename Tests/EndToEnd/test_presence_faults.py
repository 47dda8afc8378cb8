"""Who is here, while nodes die, stand still and come back: no ghosts, no doubles, everybody once."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from harness.client import Client
from harness.cluster import Cluster
from harness.naming import fresh
from harness.people import People
from harness.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(90)]

# Short times, in the proportions of the defaults.
TIMES = {"MARTLET_LEASE": "3s", "MARTLET_HEARTBEAT": "1s", "MARTLET_GRACE": "1s"}
LEASE_AND_GRACE = 4.0


@pytest.fixture
def breakable(martlet: Path, tmp_path: Path):
    cluster = Cluster(tmp_path, environment=TIMES)
    yield cluster
    cluster.close()


class Watcher:
    """What one session has been told of who is in a room."""

    def __init__(self, client: Client, room: str):
        self._client = client
        self._room = room
        joined = client.of_type("joined", room=room)[-1]
        self.here = {member["id"] for member in joined["members"]}
        self.joined: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self._told = 0

    def look(self) -> "Watcher":
        for event in self._client.of_type("presence", room=self._room)[self._told:]:
            self._told += 1
            for member in event["joined"]:
                self.joined[member["id"]] += 1
                self.here.add(member["id"])
            for member in event["left"]:
                self.left[member["id"]] += 1
                self.here.discard(member["id"])
        return self

    async def sees(self, users: set[str], within: float, what: str) -> None:
        await self._client.until(lambda: self.look().here == users, within, what)

    def forget(self) -> None:
        self.look()
        self.joined.clear()
        self.left.clear()


def ids(*clients: Client) -> set[str]:
    return {client.user for client in clients}


def shares(cluster: Cluster, room: str) -> Counter[str]:
    """How often each user stands in the shares that Redis holds."""
    users: Counter[str] = Counter()
    for node in cluster.redis.command("SMEMBERS", f"martlet:room:{{{room}}}:nodes"):
        users.update(cluster.redis.hash(f"martlet:room:{{{room}}}:here:{node}").keys())
    return users


async def gathered(cluster: Cluster, people: People, room: str) -> tuple[list[Client], Watcher]:
    """Three people on each of the three nodes; the watcher is on the first."""
    clients = [await people.guest(cluster.nodes[index // 3], "guest", [room]) for index in range(9)]
    watcher = Watcher(clients[0], room)
    await watcher.sees(ids(*clients), 5, "everybody to be here")
    watcher.forget()
    return clients, watcher


async def test_the_users_of_a_killed_node_leave_once(breakable: Cluster, people: People):
    """Both survivors find the dead node at the same time; one of them cleans up."""
    room = fresh("room")
    clients, watcher = await gathered(breakable, people, room)
    other = Watcher(clients[3], room)
    await other.sees(ids(*clients), 5, "everybody to be here")
    other.forget()
    breakable.nodes[2].kill()
    stay, gone = ids(*clients[:6]), ids(*clients[6:])
    for each in (watcher, other):
        await each.sees(stay, LEASE_AND_GRACE + 4, "the dead node's users to leave")
        assert each.left == Counter(gone) and not each.joined
    await eventually(lambda: shares(breakable, room) == Counter(stay), 10, "Redis to be cleaned up")


async def test_a_user_on_three_nodes_leaves_with_the_last(breakable: Cluster, people: People):
    room = fresh("room")
    ann = await people.guest(breakable.nodes[0], "ann", [room])
    bob = await people.guest(breakable.nodes[0], "bob", [room])
    again = [await people.again(node, bob, [room]) for node in breakable.nodes[1:]]
    watcher = Watcher(ann, room)
    await watcher.sees(ids(ann, bob), 5, "both to be here")
    await eventually(lambda: shares(breakable, room)[bob.user] == 3, 5, "a share on each node")
    watcher.forget()
    await bob.request("leave", room=room)
    breakable.nodes[1].kill()
    # The dead node's lease ends, and the user is still there: on the third.
    await eventually(lambda: shares(breakable, room)[bob.user] == 1, 12, "one share to be left")
    await ann.fence()
    assert watcher.look().here == ids(ann, bob) and not watcher.left and not watcher.joined
    await again[1].request("leave", room=room)
    await watcher.sees(ids(ann), 3, "the user to leave")
    assert watcher.left == Counter(ids(bob))


async def test_a_node_that_stood_still_has_no_ghosts_and_no_doubles(breakable: Cluster, people: People):
    room = fresh("room")
    clients, watcher = await gathered(breakable, people, room)
    still = breakable.nodes[2]
    everybody, stopped = ids(*clients), ids(*clients[6:])
    still.stop()
    try:
        await watcher.sees(everybody - stopped, LEASE_AND_GRACE + 4, "those of the node that stands still to leave")
        # Two leases in all, so that it is cleaned up after.
        await eventually(lambda: not shares(breakable, room).keys() & stopped, 12, "Redis to be cleaned up")
    finally:
        still.cont()
    await watcher.sees(everybody, 10, "them to be back")
    assert watcher.left == Counter(stopped) and watcher.joined == Counter(stopped)
    await eventually(lambda: shares(breakable, room) == Counter(everybody), 10, "one share for each user")
    late = await people.guest(breakable.nodes[2], "late", [room])
    await watcher.sees(everybody | ids(late), 5, "who comes later")


async def test_a_reload_within_the_grace_is_silent(breakable: Cluster, people: People):
    room = fresh("room")
    clients, watcher = await gathered(breakable, people, room)
    for _ in range(3):
        clients[1].abort()
        clients[1] = await people.again(breakable.nodes[0], clients[1], [room])
    # Whoever comes and goes after them has been told of: so would they have been.
    last = await people.guest(breakable.nodes[1], "last", [room])
    await watcher.sees(ids(*clients, last), 5, "the last to come")
    await asyncio.gather(last.request("leave", room=room))
    await watcher.sees(ids(*clients), 5, "the last to leave")
    assert watcher.left == Counter(ids(last)) and watcher.joined == Counter(ids(last))


async def test_presence_heals_after_everything_is_flushed(breakable: Cluster, people: People):
    room = fresh("room")
    clients, watcher = await gathered(breakable, people, room)
    breakable.redis.command("FLUSHALL")
    await eventually(lambda: shares(breakable, room) == Counter(ids(*clients)), 8, "the shares to be written again")
    assert watcher.look().here == ids(*clients) and not watcher.left, "nobody is shown as gone who is here"
    late = await people.guest(breakable.nodes[2], "late", [room])
    await watcher.sees(ids(*clients, late), 5, "who comes later")
