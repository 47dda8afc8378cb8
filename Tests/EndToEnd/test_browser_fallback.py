"""The page where WebSockets are blocked: the same conversations over HTTP, on whichever node each request ends."""

import pytest
from playwright.async_api import Browser, expect

from harness.cluster import Cluster
from harness.naming import fresh
from harness.nginx import Nginx
from harness.page import ChatPage
from harness.people import People

pytestmark = pytest.mark.browser


async def _visitor(browser: Browser, address: str, name: str) -> ChatPage:
    chat = await ChatPage.open(await browser.new_context(), address)
    await chat.enter(name)
    await expect(chat.page.locator("#connection")).to_have_attribute("title", "Over HTTP: WebSockets don't get through here")
    return chat


async def test_a_conversation_over_http(cluster: Cluster, people: People, browser: Browser, blocked: Nginx):
    room, name = fresh("room"), fresh("ann")
    ann = await _visitor(browser, blocked.http, name)
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    for number in range(20):
        await ann.type(f"number {number}")
    await bob.next("message", where=lambda frame: frame["text"] == "number 19", within=15)
    assert bob.texts(room) == [f"number {number}" for number in range(20)], "in order, once"
    await bob.say(room, "I hear you")
    await ann.sees("I hear you")
    await expect(ann.people.get_by_text(bob.name)).to_be_visible(timeout=5_000)
    await bob.ask("send", to=ann.user["id"], text="psst")
    await expect(ann.conversations.get_by_text(bob.name)).to_be_visible()
    assert _without_upgrades(ann.problems) == []


async def test_a_reload_remembers_the_way_and_everything_else(cluster: Cluster, browser: Browser, blocked: Nginx):
    room = fresh("room")
    ann = await _visitor(browser, blocked.http, fresh("ann"))
    await ann.join(room)
    await ann.type("remember this")
    await ann.sees("remember this")
    tried: list[str] = []
    ann.page.on("websocket", lambda socket: tried.append(socket.url))
    await ann.page.reload()
    await ann.ready()
    await ann.sees("remember this")
    await expect(ann.page.locator("#connection")).to_contain_text("Online")
    assert tried == []


def _without_upgrades(problems: list[str]) -> list[str]:
    """The browser itself reports the handshake that the proxy broke."""
    return [problem for problem in problems if "400" not in problem and "426" not in problem]
