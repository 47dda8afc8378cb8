"""What a user may do in all, with however many sessions on however many nodes."""

import asyncio
from collections.abc import Iterator

import pytest

from harness.attachments import attach
from harness.auth import post
from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.people import People


@pytest.fixture(scope="module")
def strict(shared_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Two more nodes on the shared Redis that allow little."""
    directory = tmp_path_factory.mktemp("strict")
    environment = {"MARTLET_USER_FRAMES": "150/60s", "MARTLET_USER_JOINS": "20/60s", "MARTLET_STRANGER_MESSAGES": "3/1h",
                   "MARTLET_USER_UPLOADS": "100KiB/1h", "MARTLET_ATTACHMENT_LIMIT": "64KiB", "MARTLET_REGISTRATIONS": "2/1h",
                   "MARTLET_USER_RENAMES": "3/1h", "MARTLET_RATE": "60", "MARTLET_BURST": "60"}
    nodes = [Node(f"strict-{number}", directory / f"strict-{number}", shared_cluster.redis.url, environment=environment)
             for number in (1, 2)]
    yield nodes
    for node in nodes:
        node.close()


async def both(strict: list[Node], people: People):
    first = await people.guest(strict[0])
    return first, await people.again(strict[1], first)


async def test_private_messages_to_strangers(strict: list[Node], people: People):
    sessions = await both(strict, people)
    others = [await people.guest(node) for node in (strict[0], strict[1], strict[0], strict[1])]
    answers = [await sessions[n % 2].request("send", to=other.user, text="buy this") for n, other in enumerate(others)]
    assert [answer["type"] for answer in answers] == ["ack"] * 3 + ["error"]
    assert answers[3]["code"] == "rate_limited" and answers[3]["retryAfter"] > 60_000
    # Who answers is a stranger no more, and may be written to.
    assert (await others[0].request("send", to=sessions[0].user, text="no, thank you"))["type"] == "ack"
    for session in sessions:
        assert (await session.request("send", to=others[0].user, text="but"))["type"] == "ack"


async def test_other_names(strict: list[Node], people: People):
    """Those of all sessions together, a taken name like a free one."""
    sessions = await both(strict, people)
    taken = (await people.guest(strict[0], "taken")).name
    answers = [await session.request("nick", name=name)
               for session, name in zip(sessions * 2, (fresh("one"), taken, fresh("two"), fresh("three")))]
    assert [answer.get("code", answer["type"]) for answer in answers] == ["ack", "name_taken", "ack", "rate_limited"]
    assert answers[3]["retryAfter"] > 60_000
    # Others are not concerned.
    assert (await (await people.guest(strict[1])).request("nick", name=fresh("four")))["type"] == "ack"


async def test_bytes_of_attachments(strict: list[Node], people: People):
    sessions = await both(strict, people)
    room = fresh("files")
    for session in sessions:
        await session.join(room)
    answers = [await attach(session, bytes(40_000), room=room) for session in (*sessions, sessions[0])]
    assert [answer["type"] for answer in answers] == ["ack", "ack", "error"]
    assert answers[2]["code"] == "rate_limited" and answers[2]["retryAfter"] > 60_000


async def test_frames_of_all_sessions(strict: list[Node], people: People):
    """Each session keeps to its own limit, and together they are too fast."""
    sessions = await both(strict, people)

    async def until_refused(session) -> int:
        for count in range(2_000):
            answer = await session.request("ping")
            if answer["type"] == "error":
                assert answer["code"] == "rate_limited"
                if answer["retryAfter"] > 1_000:
                    return count
            await asyncio.sleep(1 / 50)
        raise AssertionError("never refused")

    counts = await asyncio.wait_for(asyncio.gather(*(until_refused(session) for session in sessions)), 60)
    assert sum(counts) >= 100
    # Others are not concerned.
    assert (await (await people.guest(strict[0])).request("ping"))["type"] == "pong"


async def test_joins_of_all_sessions(strict: list[Node], people: People):
    sessions = await both(strict, people)

    async def until_refused(session) -> dict:
        for _ in range(500):
            room = fresh("r")
            answer = await session.request("join", room=room)
            if answer["type"] == "error":
                return answer
            await session.request("leave", room=room)
            await asyncio.sleep(1 / 25)
        raise AssertionError("never refused")

    answers = await asyncio.wait_for(asyncio.gather(*(until_refused(session) for session in sessions)), 60)
    assert {answer["code"] for answer in answers} == {"rate_limited"}
    assert all(answer["retryAfter"] > 500 for answer in answers)


async def test_registrations_of_an_address(cluster: Cluster, strict: list[Node]):
    for key in cluster.redis.command("KEYS", "martlet:throttle:*register*"):
        cluster.redis.command("DEL", key)
    answers = [post(node, "register", {"name": fresh("r"), "password": "correct horse battery"})
               for node in (strict[0], strict[1], strict[0])]
    assert [status for status, _, _ in answers] == [201, 201, 429]
    assert int(answers[2][2]["retry-after"]) > 60 and answers[2][1]["retryAfter"] > 60_000
    for key in cluster.redis.command("KEYS", "martlet:throttle:*register*"):
        cluster.redis.command("DEL", key)
