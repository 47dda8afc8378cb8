"""Rooms with rules, in the page: topics, roles, sending people away, and boxes in which nothing may be written."""

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from harness.accessibility import accessibility_problems
from harness.naming import fresh
from harness.node import Node
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture(autouse=True)
async def _needs_moderation(node: Node, people: People):
    reply = await (await people.guest(node, "probe")).request("moderation", room=fresh("room"))
    if reply.get("code") == "unsupported":
        pytest.skip("this node has no moderation")


async def _room(ways: tuple[str, str], browser: Browser) -> tuple[ChatPage, ChatPage, str]:
    """Ann has made a room, and Bob is in it."""
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    await ann.join(room)
    await expect(ann.page.locator(".head-line .tag")).to_have_text("owner")
    bob = await visitor(browser, ways[1], fresh("bob"))
    await bob.join(room)
    await expect(ann.people.get_by_text(bob.user["name"])).to_be_visible()
    return ann, bob, room


async def _card(ann: ChatPage, bob: ChatPage):
    """Opens what one may do about somebody."""
    await ann.people.get_by_role("button", name=f"More about {bob.user['name']}").click()
    card = ann.page.get_by_role("dialog", name=bob.user["name"])
    await expect(card).to_be_visible()
    return card


async def _configure(ann: ChatPage, **changes) -> None:
    await ann.page.locator("#open-room").click()
    dialog = ann.page.get_by_role("dialog")
    if (slow := changes.get("slow")) is not None:
        await dialog.get_by_label("Slow mode").select_option(slow)
    if (announcement := changes.get("announcement")) is not None:
        await dialog.get_by_label("Announcements").set_checked(announcement)
    if access := changes.get("access"):
        await dialog.get_by_label("Access").select_option(access)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)


async def test_a_click_outlives_what_changes_elsewhere(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _room(ways, browser)
    button = await ann.page.query_selector("#open-room")
    assert button is not None
    await bob.type("does the button stay?")
    await expect(ann.messages.get_by_text("does the button stay?")).to_be_visible()
    assert await button.evaluate("node => node.isConnected")
    await ann.type("/topic owls")
    await expect(ann.page.locator("#conversation-head").get_by_text("owls")).to_be_visible()


async def test_a_topic_is_set_and_seen(ways: tuple[str, str], browser: Browser):
    ann, bob, room = await _room(ways, browser)
    topic = "<img src=x onerror=hacked=1> & <b id=hacked>owls</b>"
    await ann.type(f"/topic {topic}")
    for tab in (ann, bob):
        await expect(tab.page.locator(".head-title p")).to_have_text(topic)
    await bob.type("/topic of mine")
    await expect(bob.page.locator("#toasts")).to_contain_text("Only a moderator")
    await bob.page.locator("#add-room").click()
    await expect(bob.page.get_by_role("dialog").get_by_role("listitem").filter(has_text=room)).to_contain_text(topic)
    await bob.page.keyboard.press("Escape")
    await bob.page.locator("#open-room").click()
    await expect(bob.page.get_by_role("dialog")).to_contain_text("Everybody".lower())
    for tab in (ann, bob):
        assert await tab.page.evaluate("[window.hacked ?? null, document.querySelectorAll('#hacked').length]") == [None, 0]
        assert tab.problems == []


async def test_who_was_kicked_or_banned_is_told(ways: tuple[str, str], browser: Browser):
    ann, bob, room = await _room(ways, browser)
    card = await _card(ann, bob)
    assert await accessibility_problems(ann.page) == []
    await card.get_by_label("Reason").fill("<b id=hacked>please stop</b>")
    await card.get_by_role("button", name="Kick").click()
    told = bob.page.locator(".parted")
    await expect(told).to_contain_text(f"You were removed from #{room}: <b id=hacked>please stop</b>")
    await expect(bob.conversations.get_by_text(room, exact=True)).to_have_count(0)
    assert await accessibility_problems(bob.page) == []
    await told.get_by_role("button", name="Try to join").click()
    await expect(bob.page.get_by_role("heading", name=room, exact=True)).to_be_visible()
    await expect(told).to_be_hidden()

    card = await _card(ann, bob)
    await card.get_by_label("Reason").fill("again")
    await card.get_by_role("button", name="Ban").click()
    await expect(told).to_contain_text(f"#{room}: again")
    await told.get_by_role("button", name="Try to join").click()
    await expect(bob.page.locator("#toasts")).to_contain_text("banned")
    await ann.page.locator("#open-room").click()
    await ann.page.get_by_role("button", name=f"Lift the ban: {bob.user['name']}").click()
    await expect(ann.page.get_by_role("list", name="Banned").get_by_role("listitem")).to_have_count(0)
    await told.get_by_role("button", name="Try to join").click()
    await expect(bob.page.get_by_role("heading", name=room, exact=True)).to_be_visible()
    assert await bob.page.evaluate("document.querySelectorAll('#hacked').length") == 0
    for tab in (ann, bob):
        assert tab.problems == []


async def test_where_nothing_may_be_written_the_box_says_why(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _room(ways, browser)
    await bob.box.fill("a draft that stays")
    await _configure(ann, announcement=True)
    await expect(bob.box).not_to_be_editable()
    await expect(bob.box).to_have_attribute("placeholder", "Only moderators write in this room.")
    assert await accessibility_problems(bob.page) == []
    await ann.type("hear, hear")
    await bob.sees("hear, hear")
    await _configure(ann, announcement=False, slow="5000")
    await expect(bob.box).to_be_editable()
    await expect(bob.box).to_have_value("a draft that stays")
    await bob.type("the first one")
    await ann.sees("the first one")
    await bob.box.fill("the second one")
    await expect(bob.page.locator("#composer-hint")).to_contain_text("Slow mode")
    await expect(bob.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await expect(bob.page.get_by_role("button", name="Send", exact=True)).to_be_enabled(timeout=8_000)
    await bob.page.get_by_role("button", name="Send", exact=True).click()
    await ann.sees("the second one")
    await _configure(ann, slow="0")
    await (await _card(ann, bob)).get_by_role("button", name="Mute", exact=True).click()
    await bob.type("may I?")
    await expect(bob.messages).to_contain_text("you are muted in this room")
    await expect(bob.box).not_to_be_editable()
    for tab in (ann, bob):
        assert tab.problems == []


async def test_roles_deleting_and_private_rooms(ways: tuple[str, str], browser: Browser):
    ann, bob, room = await _room(ways, browser)
    await ann.type("something to be taken back")
    await (await _card(ann, bob)).get_by_label("Role").select_option("moderator")
    await ann.page.keyboard.press("Escape")
    await expect(bob.page.locator(".head-line .tag")).to_have_text("moderator")
    await expect(bob.people.locator(".person", has_text=ann.user["name"])).to_contain_text("owner")
    bob.page.on("dialog", lambda dialog: dialog.accept())
    await bob.tool("something to be taken back", "Delete")
    await expect(ann.messages.get_by_text("Message deleted")).to_be_visible()

    await _configure(ann, access="private")
    carl = await visitor(browser, ways[1], fresh("carl"))
    await carl.type(f"/join {room}")
    await expect(carl.page.locator("#toasts")).to_contain_text("private")
    await bob.conversations.get_by_text("lobby").click()
    await bob.conversations.get_by_text(room, exact=True).click()
    await bob.type(f"/invite {carl.user['name']}")
    await expect(bob.page.locator("#toasts")).to_contain_text("Done")
    await carl.join(room)
    await ann.page.locator("#open-room").click()
    dialog = ann.page.get_by_role("dialog")
    await expect(dialog.get_by_role("list", name="Invited")).to_contain_text(carl.user["name"])
    assert await accessibility_problems(ann.page) == []
    await dialog.get_by_text("What was done here").click()
    await expect(dialog.locator(".record")).to_contain_text(f"made {bob.user['name']} a moderator")
    for tab in (ann, bob, carl):
        assert tab.problems == []
