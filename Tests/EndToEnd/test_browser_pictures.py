"""Pictures of the page's views: `MARTLET_SCREENSHOTS=DIRECTORY pytest test_browser_pictures.py` makes them.

Those in docs/images are some of them, made small with `pngquant --force --ext .png --quality 85-98 FILE`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from harness.client import Client
from harness.naming import fresh
from harness.node import Node
from harness.operators import OPERATOR, PASSWORD, operated_cluster
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


@pytest.mark.parametrize(("scheme", "width"), [("light", 900), ("dark", 390)])
async def test_the_welcome(quiet_node: Node, browser: Browser, scheme: str, width: int):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 640}, device_scale_factor=1.5)
    ann = await ChatPage.open(context, quiet_node.http)
    name = f"welcome-{scheme}"
    await ann.picture(name)
    await ann.page.get_by_text("Log in", exact=True).first.click()
    await ann.page.get_by_label("Your name").fill("ann")
    await ann.page.get_by_label("Password", exact=True).fill("not the password")
    await ann.page.get_by_role("button", name="Log in", exact=True).click()
    await expect(ann.page.locator("#name-error")).not_to_be_empty()
    await ann.picture(f"{name}-error")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1240), ("dark", 1240), ("light", 390)])
async def test_moderation(quiet_node: Node, people: People, browser: Browser, scheme: str, width: int):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 780}, device_scale_factor=1.5)
    end = scheme if width > 760 else "narrow"
    ann = await ChatPage.open(context, quiet_node.http)
    await ann.enter("ann")
    await ann.join_narrow("planning")
    await ann.join_narrow(_ROOM)
    await ann.type("/topic Nests, rings and sightings at the old mill")
    await _scene(people, quiet_node, ann)
    if width < 760:
        await ann.page.locator("#open-people").click()
        await ann.picture(f"people-{end}")
    await ann.people.get_by_role("button", name="More about carl").click()
    await ann.picture(f"person-{end}")
    card = ann.page.get_by_role("dialog")
    await card.get_by_label("Reason").fill("the same link again and again")
    await card.get_by_role("button", name="Mute", exact=True).click()
    await expect(card).to_have_count(0)
    if width < 760:
        await ann.page.keyboard.press("Escape")
    await ann.page.locator("#open-room").click()
    await expect(ann.page.get_by_role("list", name="Muted")).to_be_visible()
    await ann.picture(f"room-{end}")
    await ann.page.get_by_text("What was done here").click()
    await ann.page.get_by_text("What was done here").scroll_into_view_if_needed()
    await ann.page.get_by_role("dialog").locator(".record li").last.scroll_into_view_if_needed()
    await ann.picture(f"room-below-{end}")
    assert ann.problems == []


_DIALOGS = {"#open-prefs": "preferences", "#my-name": "profile", "#add-room": "rooms", "#add-direct": "new-direct", "#open-search": "search",
            "#room-level": "level", "#emoji": "emoji"}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1240), ("dark", 1240), ("light", 390)])
async def test_the_dialogs(quiet_node: Node, people: People, browser: Browser, scheme: str, width: int):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 780}, device_scale_factor=1.5)
    end = scheme if width > 760 else "narrow"
    ann = await ChatPage.open(context, quiet_node.http)
    await ann.enter("ann")
    await ann.join_narrow("planning")
    await ann.join_narrow(_ROOM)
    await _scene(people, quiet_node, ann)
    for opener, name in _DIALOGS.items():
        if width < 760 and opener in ("#open-prefs", "#my-name", "#add-room", "#add-direct"):
            await ann.page.locator("#open-sidebar").click()
            await ann.picture(f"conversations-{end}")
        await ann.page.locator(opener).click()
        if name == "search":
            await ann.page.locator("#search-text").fill("format")
        await ann.page.wait_for_timeout(400)
        await ann.picture(f"{name}-{end}")
        await ann.page.keyboard.press("Escape")
        await ann.page.keyboard.press("Escape")
    await ann.box.press_sequentially("/t")
    await ann.picture(f"completion-{end}")
    await ann.type("/help")
    await ann.picture(f"help-{end}")
    await ann.page.keyboard.press("Escape")
    await ann.join_narrow("an-empty-room")
    await ann.picture(f"empty-{end}")
    await ann.type("/leave")
    await ann.page.wait_for_timeout(300)
    await ann.page.context.set_offline(True)
    quiet_node.kill()
    await ann.box.fill("typed without a connection")
    await ann.box.press("Enter")
    await expect(ann.page.locator("#banner")).to_contain_text("Trying again")
    await ann.picture(f"offline-{end}")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1240), ("dark", 390)])
async def test_being_kept_out(quiet_node: Node, people: People, browser: Browser, scheme: str, width: int):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 780}, device_scale_factor=1.5)
    ann = await ChatPage.open(context, quiet_node.http)
    owner = await people.guest(quiet_node, name="Bea Martin", rooms=[_ROOM, "news"])
    await owner.ask("topic", room="news", topic="What the society has decided")
    await owner.ask("configure", room="news", announcement=True, slowMode=30_000)
    await owner.say("news", "The hut is closed in January.")
    await ann.enter("ann")
    await ann.join_narrow(_ROOM)
    await ann.join_narrow("news")
    await owner.ask("kick", room=_ROOM, user=ann.user["id"], reason="please read the rules first")
    await expect(ann.page.locator(".parted")).to_be_visible()
    await ann.picture(f"kept-out-{scheme}")
    await owner.ask("configure", room="news", announcement=False)
    await ann.type("thank you")
    await ann.sees("thank you")
    await owner.ask("mute", room="news", user=ann.user["id"], reason="enough")
    await owner.ask("configure", room="news", slowMode=0)
    await ann.type("may I?")
    await expect(ann.page.locator("li.pending")).to_contain_text("Not sent")
    await ann.picture(f"refused-{scheme}")


@pytest.mark.parametrize(("name", "scheme", "width", "height"), [
    ("admin-light", "light", 1240, 720), ("admin-dark", "dark", 1240, 720), ("admin-narrow", "light", 390, 720)])
async def test_the_operators_page(martlet: Path, tmp_path: Path, people: People, browser: Browser, name: str, scheme: str, width: int, height: int):
    with operated_cluster(tmp_path, nodes=3) as cluster:
        crowd = []
        for index, person in enumerate(["Bea Martin", "carl", "Dora", "Emil", "Fatma", "guest"]):
            rooms = [_ROOM, "lobby"] if index % 2 else [_ROOM, "planning", "lobby"]
            crowd.append(await people.guest(cluster.nodes[index % 3], name=person, rooms=rooms))
        await crowd[1].ask("status", status="away", text="in the field")
        context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, device_scale_factor=1.5)
        page = await context.new_page()
        folder = Path(os.environ["MARTLET_SCREENSHOTS"])
        await page.goto(f"{cluster.nginx.http}/admin")
        await page.screenshot(path=str(folder / f"{name.replace('admin', 'admin-gate')}.png"))
        await page.get_by_label("Name").fill(OPERATOR)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.locator("tbody tr")).to_have_count(3, timeout=30_000)
        # Until the chart has a line that is worth looking at.
        for index in range(120):
            for client in crowd[: 1 + index // 12 % 5]:
                await client.say(_ROOM, fresh("said"))
            await page.wait_for_timeout(250)
        await page.screenshot(path=str(folder / f"{name}.png"))
        await page.get_by_role("link", name="People").click()
        await page.get_by_label("Room").fill(_ROOM)
        await page.keyboard.press("Enter")
        await expect(page.locator("tbody tr", has_text="Emil")).to_be_visible()
        await page.screenshot(path=str(folder / f"{name.replace('admin', 'admin-people')}.png"))
        await page.locator("tbody tr", has_text="Emil").get_by_role("button", name="Ban").click()
        await page.screenshot(path=str(folder / f"{name.replace('admin', 'admin-ban')}.png"))
        await page.get_by_label("Reason").fill("advertising")
        await page.get_by_role("dialog").get_by_role("button", name="Ban", exact=True).click()
        for section in ("Rooms", "Moderation"):
            await page.get_by_role("link", name=section).click()
            await expect(page.get_by_role("heading", level=1, name=section)).to_be_visible()
            await expect(page.locator("tbody tr").first).to_be_visible(timeout=10_000)
            await page.wait_for_timeout(500)
            await page.screenshot(path=str(folder / f"{name.replace('admin', f'admin-{section.lower()}')}.png"))
