"""Long conversations, search, links, preferences, and what calls for attention."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect

from harness.client import Client
from harness.cluster import Cluster
from harness.naming import fresh
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser

_CHATTERS = 50
_MANY = 5_000


async def _fill(people: People, at, room: str, count: int) -> None:
    """`count` messages by many, so that no limit of a session's is met. Waits as the limits ask."""
    chatters = await people.guests(_CHATTERS, at, "chatter", [room])

    async def chat(client: Client, own: int) -> None:
        for number in range(own):
            await client.ask("send", room=room, text=f"line {number} of {client.name}")
            await asyncio.sleep(0.011)
    await asyncio.gather(*(chat(client, count // _CHATTERS) for client in chatters))


async def _top_message(page: Page) -> dict:
    """The first message in view: its offset and where it is."""
    return await page.evaluate("""() => {
      const top = document.getElementById("timeline").getBoundingClientRect().top;
      const item = [...document.querySelectorAll("#messages li.message")].find((one) => one.getBoundingClientRect().top >= top);
      return { offset: Number(item.dataset.offset), y: item.getBoundingClientRect().top - top };
    }""")


async def _place(page: Page, offset: int) -> float:
    """Where a message is."""
    return await page.evaluate("""(offset) => {
      const top = document.getElementById("timeline").getBoundingClientRect().top;
      return document.querySelector(`li.message[data-offset="${offset}"]`).getBoundingClientRect().top - top;
    }""", offset)


@pytest.mark.timeout(180)
async def test_thousands_of_messages_stay_a_few_in_the_document(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    await _fill(people, cluster.nodes[1], room, _MANY)
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    await ann.join(room)
    await expect(ann.page.locator("#messages li.message").first).to_be_visible()
    page = ann.page
    most = nodes = 0
    lowest = 10**9
    for _ in range(600):
        before = await _top_message(page)
        # Not to the very top at once: what is read must not move when more comes in above it.
        await page.evaluate("document.getElementById('timeline').scrollTop = 300")
        anchor = await _top_message(page)
        await expect(page.locator("#older")).not_to_contain_text("Loading")
        after = await _place(page, anchor["offset"])
        assert abs(after - anchor["y"]) < 3, f"{anchor} moved to {after}"
        most = max(most, await page.locator("#messages li").count())
        nodes = max(nodes, await page.evaluate("document.getElementsByTagName('*').length"))
        lowest = min(lowest, before["offset"])
        if lowest < 60:
            break
    assert lowest < 60, "the first messages were reached"
    assert most < 400, f"{most} items in the document"
    assert nodes < 40 * most, f"{nodes} elements in the document"
    await expect(page.locator("#older")).to_contain_text("beginning")
    # The page keeps no more than these, but what is being read stays, whatever comes at the end.
    anchor = await _top_message(page)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "one more")
    await expect(page.locator("#jump")).to_contain_text("1 new message")
    assert abs(await _place(page, anchor["offset"]) - anchor["y"]) < 3
    # And down again, by the button, to the latest.
    await page.locator("#jump").click()
    await expect(page.locator(f"li.message[data-offset='{_MANY + 1}']")).to_be_in_viewport()
    await ann.type("still fast")
    await ann.sees("still fast")
    assert ann.problems == []


async def test_search_and_links_to_messages(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "the needle")
    await _fill(people, cluster.nodes[2], room, 400)
    page = ann.page
    await page.reload()
    await ann.ready()
    await page.locator("#open-search").click()
    search = page.get_by_role("searchbox", name="Search for")
    await search.fill("needle")
    more = page.get_by_role("button", name="Load earlier messages")
    found = page.locator("dialog .found")
    async with asyncio.timeout(15):
        while await found.count() == 0:
            if await more.is_enabled():
                await more.click()
            await asyncio.sleep(0.05)
    await found.click()
    needle = page.locator("li.message", has_text="the needle")
    await expect(needle).to_be_in_viewport()
    offset = await needle.get_attribute("data-offset")

    other = await ChatPage.open(page.context, f"{ways[0]}/#{room}/{offset}")
    await other.ready()
    await expect(other.page.locator("li.message", has_text="the needle")).to_be_in_viewport(timeout=10_000)
    await expect(other.page.locator("li.message.pointed-at")).to_contain_text("the needle")
    # Said as a message the link leads there in the same tab, as often as it is clicked.
    await other.type(f"{ways[0]}/#{room}/{offset}")
    for _ in range(2):
        await other.message(f"/#{room}/{offset}").get_by_role("link").click()
        await expect(other.page.locator("li.message.pointed-at")).to_contain_text("the needle")
        await other.page.locator("#jump").click()
    assert len(page.context.pages) == 2
    assert ann.problems == [] and other.problems == []


async def test_preferences_persist_and_rooms_have_levels(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    page = ann.page
    await ann.join(room)
    await page.locator("#open-prefs").click()
    await page.get_by_label("Theme").select_option("dark")
    await page.get_by_label("Time", exact=True).select_option("24")
    await page.get_by_label("Do not disturb").select_option("hours")
    await page.get_by_label("Quiet hours from").fill("21:30")
    await page.keyboard.press("Escape")
    await page.locator("#room-level").click()
    await page.get_by_label("Nothing").check()
    await page.keyboard.press("Escape")
    await ann.join("lobby")
    bob = await people.guest(cluster.nodes[1], "bob", [room, "lobby"])
    await bob.say(room, f"@{ann.user['name']} quiet please")
    # The lobby is the same for both ways.
    greeting = fresh("bob was here")
    await bob.say("lobby", greeting)
    await ann.sees(greeting)
    await expect(page).to_have_title(re.compile(r"^#lobby"))

    await page.reload()
    await ann.ready()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.locator("#open-prefs").click()
    await expect(page.get_by_label("Quiet hours from")).to_have_value("21:30")
    await page.keyboard.press("Escape")
    assert ann.problems == []


async def test_unread_direct_messages_after_a_reload(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await people.guest(cluster.nodes[1], "bob", ["lobby"])
    for text in ("one", "two"):
        await bob.ask("send", to=ann.user["id"], text=text)
    entry = ann.conversations.locator("[data-room^='dm:']")
    await expect(entry).to_contain_text("2")
    await expect(ann.page).to_have_title(re.compile(r"^\(2\)"))
    await ann.page.reload()
    await ann.ready()
    await expect(entry).to_contain_text("2")
    await ann.page.goto("about:blank")
    await bob.ask("send", to=ann.user["id"], text="three")
    await ann.page.goto(ways[0])
    await ann.ready()
    await expect(entry).to_contain_text("3")
    await entry.click()
    await ann.sees("three")
    await expect(entry.locator(".badge")).to_have_count(0)
    await ann.page.reload()
    await ann.ready()
    await ann.sees("three")
    await expect(entry.locator(".badge")).to_have_count(0)
    assert ann.problems == []


# Counts the sounds a page makes, without making any.
_LISTEN = """
window.sounds = 0;
window.AudioContext = class {
  state = "running"; currentTime = 0; destination = {};
  createOscillator() { window.sounds += 1; return { frequency: this.ramp(), connect: (node) => node, start() {}, stop() {} }; }
  createGain() { return { gain: this.ramp(), connect: (node) => node }; }
  ramp() { return { setValueAtTime() {}, exponentialRampToValueAtTime() {} }; }
};
"""


async def test_one_sound_for_all_tabs_and_none_for_what_is_seen(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    room = fresh("room")
    context = await browser.new_context()
    await context.add_init_script(_LISTEN)
    first = await ChatPage.open(context, ways[0])
    await first.enter(fresh("ann"))
    await first.join(room)
    await first.join("lobby")
    second = await ChatPage.open(context, ways[0])
    await second.ready()
    bob = await people.guest(cluster.nodes[1], "bob", [room])

    async def sounds() -> tuple[int, ...]:
        return tuple([int(await tab.page.evaluate("sounds > 0")) for tab in (first, second)])
    await bob.say(room, "nothing that calls")
    await expect(first.conversations.locator(f"[data-room='{room}'] .badge")).to_be_visible()
    assert await sounds() == (0, 0)
    await bob.say(room, f"@{first.user['name']} this does")
    await expect(first.conversations.locator(f"[data-room='{room}'] .badge-mention")).to_be_visible()
    await expect(second.conversations.locator(f"[data-room='{room}'] .badge-mention")).to_be_visible()
    async with asyncio.timeout(5):
        while await sounds() == (0, 0):
            await asyncio.sleep(0.05)
    assert await sounds() == (1, 0)
    # What one tab has shown is read in the other.
    await second.page.bring_to_front()
    await second.conversations.locator(f"[data-room='{room}']").click()
    await second.sees("nothing that calls")
    await expect(first.conversations.locator(f"[data-room='{room}'] .badge")).to_have_count(0)
    assert first.problems == [] and second.problems == []


async def test_drafts_are_kept_for_each_conversation(ways: tuple[str, str], browser: Browser):
    ann = await visitor(browser, ways[0], fresh("ann"))
    one, two = fresh("room"), fresh("room")
    await ann.join(one)
    await ann.box.fill("not yet said")
    await ann.conversations.get_by_text("lobby").click()
    await expect(ann.box).to_have_value("")
    await ann.join(two)
    await ann.page.reload()
    await ann.ready()
    await ann.conversations.get_by_text(one).click()
    await expect(ann.box).to_have_value("not yet said")
