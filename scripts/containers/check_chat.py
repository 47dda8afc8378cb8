"""check_chat.py URL --nodes N: newcomers are welcomed by exactly N nodes, and people on all of them chat.

Uses the clients of the end-to-end tests.
"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "EndToEnd"))

from harness.client import Client  # noqa: E402
from harness.naming import fresh  # noqa: E402
from harness.plain import PlainClient  # noqa: E402
from harness.waiting import eventually  # noqa: E402


async def newcomers(url: str, count: int = 24) -> list[Client]:
    return [await Client.guest(f"{url}/ws", fresh("guest")) for _ in range(count)]


async def nodes_found(url: str) -> set[str]:
    """The nodes of so many newcomers that all of them are among these."""
    try:
        clients = await newcomers(url)
    except Exception as error:  # pylint: disable=broad-except - while containers start, anything may fail
        print(f"  not yet: {error!r}")
        return set()
    found = {client.welcome["node"] for client in clients}
    for client in clients:
        await client.close()
    return found


async def chat(url: str) -> None:
    room = fresh("room")
    people = await newcomers(url)
    for person in people:
        await person.join(room)
    for person in people:
        await person.say(room, f"from {person.name}")
    for person in people:
        await person.until(lambda: len(person.messages(room)) == len(people), what="everybody's message")
        assert not person.journal.violations, person.journal.violations
    raw = [await PlainClient.open(f"{url}/") for _ in range(4)]
    line = fresh("a line")
    await raw[0].say(line)
    for client in raw:
        await client.containing(line)
    for client in [*people, *raw]:
        await client.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--nodes", type=int, required=True)
    arguments = parser.parse_args()
    url = arguments.url.replace("http://", "ws://")

    async def complete() -> bool:
        return len(await nodes_found(url)) == arguments.nodes
    await eventually(complete, 90, f"newcomers on {arguments.nodes} nodes", every=1)
    await chat(url)
    print(f"people on {arguments.nodes} nodes chat through {arguments.url}")


asyncio.run(main())
