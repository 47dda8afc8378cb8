"""What one can do with messages: format, answer, change, take back, react; and what stays when a node dies."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from harness.cluster import Cluster
from harness.faultproxy import FaultProxy
from harness.naming import fresh
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser


async def _pair(ways: tuple[str, str], browser: Browser) -> tuple[ChatPage, ChatPage, str]:
    """Two people on two nodes, in one room."""
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await visitor(browser, ways[1], fresh("bob"))
    await ann.join(room)
    await bob.join(room)
    return ann, bob, room


async def test_edits_deletions_and_reactions_reach_the_other_side(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await ann.type("a mistkae")
    await bob.sees("a mistkae")
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("a mistkae")
    await ann.type("a mistake")
    await expect(bob.message("a mistake")).to_contain_text("(edited)")
    await bob.sees("a mistkae", times=0)

    await bob.tool("a mistake", "React")
    await bob.page.get_by_label("Find an emoji").fill("tada")
    await bob.page.keyboard.press("Enter")
    reaction = ann.message("a mistake").get_by_role("button", name="🎉 1")
    await expect(reaction).to_be_visible()
    await reaction.click()
    await expect(bob.message("a mistake").get_by_role("button", name="🎉 2")).to_be_visible()
    await bob.message("a mistake").get_by_role("button", name="🎉 2").click()
    await expect(reaction).to_have_attribute("aria-pressed", "true")

    ann.page.on("dialog", lambda dialog: dialog.accept())
    await ann.tool("a mistake", "Delete")
    for tab in (ann, bob):
        await tab.sees("Message deleted")
        await tab.sees("a mistake", times=0)
    await bob.page.reload()
    await bob.ready()
    await bob.sees("a mistake", times=0)
    assert ann.problems == [] and bob.problems == []


async def test_what_is_still_being_sent_can_be_edited(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    proxy = FaultProxy(cluster.nodes[0].port, resp=False)
    try:
        ann = await visitor(browser, f"http://127.0.0.1:{proxy.port}/", fresh("ann"))
        await ann.join(room)
        bob = await people.guest(cluster.nodes[1], "bob", [room])
        proxy.refuse = True
        proxy.reset()
        await ann.type("a mistkae")
        pending = ann.page.locator("li.pending")
        await expect(pending).to_contain_text("a mistkae")
        await ann.box.press("ArrowUp")
        await expect(ann.box).to_have_value("a mistkae")
        await ann.type("a mistake")
        await expect(pending).to_contain_text("a mistake")
        proxy.refuse = False
        edited = await bob.next("edited", within=40)
        assert edited["text"] == "a mistake" and bob.texts(room) == ["a mistkae"]
        await expect(ann.message("a mistake")).to_contain_text("(edited)")
        await expect(pending).to_have_count(0)
        # The browser reports each attempt that the proxy refused.
        assert [problem for problem in ann.problems if "Failed to load resource" not in problem] == []
    finally:
        proxy.close()


async def test_what_was_refused_comes_back_into_the_box(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    owner = await people.guest(cluster.nodes[1], "owner", [room])
    await ann.join(room)
    await owner.ask("mute", room=room, user=ann.user["id"])
    await ann.type("may I?")
    await expect(ann.page.locator("li.pending")).to_contain_text("Not sent")
    await expect(ann.box).not_to_be_editable()
    await ann.box.press("ArrowUp")
    await expect(ann.box).to_have_value("may I?")
    await expect(ann.page.locator("li.pending")).to_have_count(0)


async def test_replies_show_what_they_answer(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await ann.type("who comes along?")
    await bob.sees("who comes along?")
    await bob.tool("who comes along?", "Reply")
    await bob.type("I do")
    quoted = ann.message("I do").get_by_role("button", name="who comes along?")
    await expect(quoted).to_contain_text(ann.user["name"])
    await quoted.click()
    await expect(ann.page.locator("li.message.pointed-at")).to_contain_text("who comes along?")


async def test_formatting_becomes_elements(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await ann.type("*bold* _italic_ ~~gone~~ `code` :tada: https://example.org/x?a=1")
    text = bob.messages.locator(".text", has_text="bold")
    for element, content in (("strong", "bold"), ("em", "italic"), ("del", "gone"), ("code", "code"), ("[role=img]", "🎉"),
                             ("a[href='https://example.org/x?a=1'][rel~=noopener]", "https://example.org/x?a=1")):
        await expect(text.locator(element)).to_have_text(content)
    await ann.box.fill("```\ntwo\nlines\n```")
    await ann.box.press("Enter")
    await expect(bob.messages.locator("pre")).to_have_text("two\nlines")
    await ann.type(f"@{bob.user['name']} look")
    await expect(bob.page.locator("li.message.for-me .mention-me")).to_have_text(f"@{bob.user['name']}")


async def test_completion_of_people_commands_and_emoji(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    name = bob.user["name"]
    await expect(ann.people.get_by_text(name)).to_be_visible(timeout=5_000)
    for typed, chosen in ((f"@{name[:-2]}", f"@{name} "), (":tad", "🎉 "), ("/shr", "/shrug ")):
        await ann.box.fill("")
        await ann.box.press_sequentially(typed)
        await expect(ann.page.get_by_role("option").first).to_be_visible()
        await ann.box.press("Tab")
        await expect(ann.box).to_have_value(chosen)
    await ann.type("/nonsense")
    await expect(ann.page.get_by_text("There is no command /nonsense")).to_be_visible()


async def test_while_redis_is_away_what_is_typed_waits(martlet: Path, tmp_path: Path, people: People, browser: Browser):
    cluster = Cluster(tmp_path, nodes=1)
    try:
        room = fresh("room")
        ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
        await ann.join(room)
        await ann.type("before")
        await ann.sees("before")
        cluster.redis.kill()
        await expect(ann.page.locator("#connection")).to_contain_text("Limited", timeout=15_000)
        await expect(ann.page.locator("#banner")).to_contain_text("can't reach its storage")
        await ann.type("meanwhile")
        await expect(ann.page.locator("li.pending")).to_contain_text("meanwhile")
        cluster.redis.start()
        await expect(ann.page.locator("li.pending")).to_have_count(0, timeout=30_000)
        await expect(ann.page.locator("#connection")).to_contain_text("Online", timeout=15_000)
        await ann.sees("meanwhile")
        assert ann.problems == []
    finally:
        cluster.close()


async def test_a_node_killed_under_the_page_loses_nothing(martlet: Path, tmp_path: Path, people: People, browser: Browser):
    cluster = Cluster(tmp_path, nodes=2)
    try:
        room = fresh("room")
        ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
        await ann.join(room)
        bob = await people.guest(cluster.nodes[1], "bob", [room])
        await bob.say(room, "before")
        await ann.sees("before")
        cluster.nodes[0].kill()
        await expect(ann.page.locator("#connection")).not_to_contain_text("Online")
        await bob.say(room, "meanwhile")
        await ann.type("said while away")
        await expect(ann.page.locator("li.pending")).to_contain_text("Waits for the connection")
        await ann.box.fill("half a th")
        cluster.nodes[0].start()
        await ann.sees("meanwhile")
        await ann.sees("said while away")
        await expect(ann.page.locator("li.pending")).to_have_count(0)
        await expect(ann.page.locator("#connection")).to_contain_text("Online")
        await expect(ann.page.locator("#banner")).to_contain_text("Nothing was missed")
        await expect(ann.box).to_have_value("half a th")
        await bob.next("message", where=lambda frame: frame["text"] == "said while away")
        assert bob.texts(room).count("said while away") == 1
    finally:
        cluster.close()
