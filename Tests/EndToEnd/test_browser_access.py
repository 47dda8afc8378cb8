"""For those who use a keyboard, a screen reader or little light; and on narrow screens."""

import pytest
from playwright.async_api import Browser, expect

from harness.accessibility import accessibility_problems
from harness.cluster import Cluster
from harness.naming import fresh
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser

_TEXTS = ["Hello *everybody*", "Look at `code`, _this_ and ~~that~~ :tada:", "> a quotation\nand https://example.org",
          "```\nlet room = \"lobby\"\n```", "@bob what do you say?"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_names_roles_sizes_and_contrast(cluster: Cluster, people: People, browser: Browser, scheme: str):
    room = fresh("room")
    context = await browser.new_context(color_scheme=scheme, viewport={"width": 1200, "height": 800})
    ann = await ChatPage.open(context, cluster.nodes[0].http)
    assert await accessibility_problems(ann.page) == [], "welcome"
    await ann.enter(fresh("ann"))
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    for text in [*_TEXTS, f"@{ann.user['name']} this is for you"]:
        await bob.say(room, text)
    await ann.sees("everybody")
    await ann.type("/me listens")
    await bob.ask("send", to=ann.user["id"], text="psst")
    await expect(ann.conversations.get_by_text(bob.name)).to_be_visible()
    await ann.messages.get_by_text("everybody").hover()
    assert await accessibility_problems(ann.page) == [], "room"
    for opener in ("#open-prefs", "#my-name", "#add-room", "#add-direct", "#open-search", "#room-level"):
        await ann.page.locator(opener).click()
        await expect(ann.page.locator("dialog")).to_be_visible()
        assert await accessibility_problems(ann.page) == [], opener
        await ann.page.keyboard.press("Escape")
        await expect(ann.page.locator("dialog")).to_have_count(0)
    await ann.page.locator("#emoji").click()
    assert await accessibility_problems(ann.page) == [], "emoji"
    await ann.page.keyboard.press("Escape")
    await ann.type("/help")
    assert await accessibility_problems(ann.page) == [], "help"
    assert ann.problems == []


async def test_everything_by_keyboard(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "first")
    await bob.say(room, "second")
    await ann.sees("second")
    keys = ann.page.keyboard
    await ann.messages.focus()
    await keys.press("ArrowUp")
    await expect(ann.page.locator("li.message:focus")).to_contain_text("second")
    await keys.press("ArrowUp")
    await expect(ann.page.locator("li.message:focus")).to_contain_text("first")
    await keys.press("r")
    await keys.type("an answer")
    await keys.press("Enter")
    assert (await bob.next("message", where=lambda frame: frame["text"] == "an answer"))["replyTo"] == 1
    await keys.type("bold")
    await keys.press("Control+a")
    await keys.press("Control+b")
    await keys.press("Enter")
    await bob.next("message", where=lambda frame: frame["text"] == "*bold*")
    await keys.press("Control+Shift+F")
    await expect(ann.page.get_by_role("searchbox", name="Search for")).to_be_focused()
    await keys.type("first")
    await keys.press("Tab")
    await expect(ann.page.locator("dialog .found")).to_have_count(1)
    await keys.press("Escape")
    await keys.press("Alt+ArrowUp")
    await expect(ann.conversations.locator("[aria-current=true]")).not_to_contain_text(room)


async def test_a_narrow_screen(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"), viewport={"width": 360, "height": 680}, has_touch=True)
    await ann.join_narrow(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "a-long-word-" * 30)
    await bob.say(room, "that was long")
    await ann.sees("that was long")
    assert await ann.page.evaluate("document.documentElement.scrollWidth") <= 360, "nothing sticks out"
    assert await accessibility_problems(ann.page) == []
    await ann.picture("narrow")
    await ann.page.locator("#open-sidebar").click()
    await expect(ann.conversations).to_be_visible()
    assert await accessibility_problems(ann.page) == []
    await ann.picture("narrow-conversations")
    await ann.page.keyboard.press("Escape")
    await expect(ann.conversations).to_be_hidden()
    await ann.page.locator("#open-people").click()
    await expect(ann.people.get_by_text(bob.name)).to_be_visible()
    assert ann.problems == []


async def test_the_checks_find_what_is_wrong(browser: Browser):
    page = await browser.new_page()
    await page.set_content("""<main><h1>Page</h1><button style="width:10px;height:10px"></button><img src="data:,">
        <p style="color:#999;background:#fff">faint</p><p id="x" aria-labelledby="nowhere">a</p><p id="x">b</p></main>""")
    problems = "\n".join(await accessibility_problems(page))
    for expected in ("no name: <button>", "smaller than 24", "no alt", "contrast 2.85", "names nowhere", "twice: #x", "no language"):
        assert expected in problems, problems
