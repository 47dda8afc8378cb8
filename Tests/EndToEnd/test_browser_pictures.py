"""The pictures in docs/images: `MARTLET_SCREENSHOTS=../../docs/images pytest test_browser_pictures.py` makes them anew."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from harness.client import Client
from harness.node import Node
from harness.page import ChatPage
from harness.people import People

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.environ.get("MARTLET_SCREENSHOTS"), reason="MARTLET_SCREENSHOTS names no folder"),
]

_ROOM = "birdwatch"


@pytest.fixture
def quiet_node(martlet: Path, tmp_path: Path) -> Iterator[Node]:
    """A node of its own: on the shared one others have said what does not belong into a picture."""
    node = Node("chat-1", tmp_path / "node")
    yield node
    node.close()


async def _scene(people: People, node: Node, ann: ChatPage) -> Client:
    """A conversation that has a little of everything."""
    bea = await people.guest(node, name="Bea Martin", rooms=[_ROOM, "lobby"])
    carl = await people.guest(node, name="carl", rooms=[_ROOM])
    dora = await people.guest(node, name="Dora", rooms=[_ROOM, "planning"])
    await carl.ask("status", status="away", text="in the field")
    await dora.ask("status", status="busy")
    first = await bea.say(_ROOM, "Good morning! The *martlets* are back at the old mill :tada:")
    await bea.say(_ROOM, "I counted _eleven_ nests, two more than last year.")
    await dora.ask("react", room=_ROOM, offset=first["offset"], emoji="🎉", on=True)
    await carl.ask("react", room=_ROOM, offset=first["offset"], emoji="🎉", on=True)
    await carl.ask("react", room=_ROOM, offset=first["offset"], emoji="👀", on=True)
    question = await carl.say(_ROOM, "Did anybody write down the ringing numbers? The format is `DEH-1234`, one a line:\n```\nDEH-2041\nDEH-2042\n```")
    await dora.say(_ROOM, "All of them, see https://example.org/rings/2026", replyTo=question["offset"])
    await dora.say(_ROOM, "> the format is DEH-1234\nThree are missing, though.")
    await ann.type("Great news. I will bring the big telescope on Saturday!")
    await bea.say(_ROOM, "@ann perfect, the hut is open from seven.")
    await bea.ask("send", to=ann.user["id"], text="Could you give me a lift?")
    await dora.say("planning", "New dates are out")
    await ann.sees("Great news. I will bring the big telescope on Saturday!")
    await expect(ann.page.locator("#people-count")).to_have_text("4")
    await ann.page.mouse.move(5, 300)
    await dora.ask("typing", room=_ROOM, on=True)
    await expect(ann.page.locator("#typing")).to_contain_text("Dora is typing")
    return bea


@pytest.mark.parametrize(("name", "scheme", "width", "height"), [
    ("chat-light", "light", 1240, 780), ("chat-dark", "dark", 1240, 780), ("chat-narrow", "light", 390, 780)])
async def test_the_conversation(quiet_node: Node, people: People, browser: Browser, name: str, scheme: str, width: int, height: int):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, device_scale_factor=1.5)
    ann = await ChatPage.open(context, quiet_node.http)
    await ann.enter("ann")
    await ann.join_narrow("planning")
    await ann.join_narrow(_ROOM)
    await _scene(people, quiet_node, ann)
    if width > 760:
        await ann.messages.get_by_text("eleven").hover()
    await ann.picture(name)
    if name == "chat-light":
        await ann.conversations.get_by_text("Bea Martin").click()
        await ann.type("Of course. Seven at your door?")
        await ann.sees("Of course. Seven at your door?")
        await ann.picture("direct-light")
        await ann.page.locator("#open-prefs").click()
        await ann.picture("preferences-light")
    assert ann.problems == []


async def test_the_welcome(quiet_node: Node, browser: Browser):
    context = await browser.new_context(viewport={"width": 900, "height": 640}, device_scale_factor=1.5)
    ann = await ChatPage.open(context, quiet_node.http)
    await ann.picture("welcome-light")
