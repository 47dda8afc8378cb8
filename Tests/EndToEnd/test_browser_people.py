"""What people see of one another: status, typing, what was read, mentions; on several devices, and after having been away."""

import re

import pytest
from playwright.async_api import Browser, expect

from harness.cluster import Cluster
from harness.naming import fresh
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser


async def test_status_and_words_are_seen_on_another_node(ways: tuple[str, str], browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await visitor(browser, ways[1], fresh("bob"))
    await ann.join(room)
    await bob.join(room)
    await ann.page.locator("#my-name").click()
    await ann.page.get_by_label("Status").select_option("busy")
    await ann.page.get_by_label("In a few words").fill("writing tests")
    await ann.page.get_by_role("button", name="Save").click()
    entry = bob.people.locator(".person", has_text=ann.user["name"])
    await expect(entry).to_contain_text("writing tests")
    await expect(entry.locator("[data-status=busy]")).to_be_visible()
    await ann.type("/away for lunch")
    await expect(entry).to_contain_text("for lunch")
    await ann.type("/back")
    await expect(entry.locator("[data-status=online]")).to_be_visible()
    await ann.type("/nick " + (renamed := fresh("anna")))
    await expect(bob.people.get_by_text(renamed)).to_be_visible()
    assert ann.problems == [] and bob.problems == []


async def test_typing_shows_and_goes(ways: tuple[str, str], browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await visitor(browser, ways[1], fresh("bob"))
    await ann.join(room)
    await bob.join(room)
    await expect(bob.people.get_by_text(ann.user["name"])).to_be_visible(timeout=5_000)
    await ann.box.press_sequentially("well")
    line = bob.page.locator("#typing")
    await expect(line).to_have_text(f"{ann.user['name']} is typing…")
    await ann.box.press("Enter")
    await bob.sees("well")
    await expect(line).to_have_text("")
    await ann.box.press_sequentially("and then not")
    await expect(line).to_contain_text("is typing")
    await expect(line).to_have_text("", timeout=12_000)


async def test_ticks_in_a_private_conversation(ways: tuple[str, str], browser: Browser):
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await visitor(browser, ways[1], fresh("bob"))
    await expect(ann.people.get_by_text(bob.user["name"])).to_be_visible(timeout=5_000)
    await ann.type(f"/msg {bob.user['name']} have you read this?")
    tick = ann.page.locator("li.message .seen")
    await expect(tick).to_have_text("Sent")
    await bob.conversations.get_by_text(ann.user["name"]).click()
    await bob.sees("have you read this?")
    await expect(tick).to_have_text("Read")
    # Who does not want to tell does not.
    await bob.page.locator("#open-prefs").click()
    await bob.page.get_by_label("What I have read").uncheck()
    await bob.page.keyboard.press("Escape")
    await ann.type("and this?")
    await bob.sees("and this?")
    await expect(ann.message("and this?").locator(".seen")).to_have_text("Sent")
    assert ann.problems == [] and bob.problems == []


async def test_what_came_while_away_is_in_the_list(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    ann = await visitor(browser, ways[0], fresh("ann"))
    token = await ann.page.evaluate("JSON.parse(localStorage['martlet.me']).token")
    await ann.page.goto("about:blank")
    stranger = await people.guest(cluster.nodes[1], "stranger")
    await stranger.ask("send", to=ann.user["id"], text="are you there?")
    await stranger.ask("send", to=ann.user["id"], text="call me")
    await ann.page.goto(ways[0])
    await ann.ready()
    entry = ann.conversations.get_by_role("button", name=stranger.name)
    await expect(entry.locator(".badge")).to_contain_text("2")
    # The same person on another device: same conversations; what is read on one is read on the other.
    other = await browser.new_context()
    await other.add_init_script(f"localStorage['martlet.me'] ??= JSON.stringify({{name: 'x', token: '{token}'}})")
    phone = await ChatPage.open(other, ways[1])
    await phone.ready()
    on_phone = phone.conversations.get_by_role("button", name=stranger.name)
    await expect(on_phone.locator(".badge")).to_contain_text("2")
    await on_phone.click()
    await phone.sees("call me")
    await expect(entry.locator(".badge")).to_have_count(0)
    assert ann.problems == [] and phone.problems == []


async def test_a_mention_elsewhere_leads_there(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, f"@{ann.user['name']} come over")
    await ann.page.get_by_role("button", name="Go there").click()
    await ann.message("come over").wait_for()
    await expect(ann.page.get_by_role("heading", name=room, exact=True)).to_be_visible()
    await expect(ann.page.locator("li.message.for-me")).to_contain_text("come over")


async def test_blocking_somebody(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    ann = await visitor(browser, ways[0], fresh("ann"))
    pest = await people.guest(cluster.nodes[1], "pest")
    await pest.ask("send", to=ann.user["id"], text="buy this")
    await ann.conversations.get_by_role("button", name=pest.name).click()
    await ann.sees("buy this")
    ann.page.on("dialog", lambda dialog: dialog.accept())
    await ann.page.get_by_role("button", name=f"Block {pest.name}").click()
    await expect(ann.page.get_by_role("button", name=f"Unblock {pest.name}")).to_be_visible()
    refused = await pest.request("send", to=ann.user["id"], text="buy that")
    assert refused["code"] == "forbidden"
    await expect(ann.messages).to_contain_text("From somebody you blocked")
    await ann.sees("buy this", times=0)
    await ann.messages.get_by_role("button", name="Show").click()
    await ann.sees("buy this")
    await ann.page.reload()
    await ann.ready()
    await ann.page.get_by_role("button", name=f"Unblock {pest.name}").click()
    await expect(ann.page.get_by_role("button", name=f"Block {pest.name}")).to_be_visible()
    await pest.ask("send", to=ann.user["id"], text="sorry")
    await ann.sees("sorry")
    assert ann.problems == []


async def test_titles_count_what_is_unread(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    await ann.join(room)
    await ann.join("lobby")
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await bob.say(room, "one")
    await bob.say(room, "two")
    await expect(ann.page).to_have_title(re.compile(r"^\(2\) #lobby"))
    await expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("unread"))
    await bob.say(room, f"@{ann.user['name']} three")
    await expect(ann.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("mention"))
    await ann.conversations.get_by_text(room).click()
    await expect(ann.page.locator(".divider-new")).to_be_visible()
    await expect(ann.page).to_have_title(re.compile(rf"^#{room}"))
