"""What strangers send never becomes anything but text."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from harness.cluster import Cluster
from harness.naming import fresh
from harness.page import visitor
from harness.people import People

pytestmark = pytest.mark.browser

_CORPUS = (Path(__file__).parent / "harness" / "xss_corpus.txt").read_text().splitlines()
_NAMES = ["<img src=x onerror=hacked=1>", "\"><script>hacked=1", "<b id=hacked>bob</b>", "javascript_hacked=1", "__proto__"]

# Every element of the messages, and every attribute of what was made of texts.
_SURVEY = """() => {
  const texts = [...document.querySelectorAll("#messages .text, #messages .author, #messages .quoted, .person-name, .conversation-name")];
  const inside = texts.flatMap((one) => [...one.querySelectorAll("*")]);
  return {
    hacked: window.hacked ?? null,
    planted: document.querySelectorAll("#hacked").length,
    tags: [...new Set(inside.map((node) => node.localName))].sort(),
    attributes: [...new Set(inside.flatMap((node) => node.getAttributeNames()))].sort(),
    schemes: [...new Set(inside.filter((node) => node.href).map((node) => new URL(node.href).protocol))].sort(),
    handlers: [...document.querySelectorAll("*")].filter((node) => node.getAttributeNames().some((name) => name.startsWith("on"))).length,
  };
}"""
_TAGS = {"strong", "em", "del", "code", "pre", "blockquote", "a", "br", "span", "svg", "path"}
_ATTRIBUTES = {"href", "target", "rel", "class", "role", "aria-label", "title", "tabindex", "viewBox", "d", "aria-hidden"}


async def test_a_corpus_of_attacks_stays_text(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    violations: list[str] = []
    await ann.page.expose_function("violated", lambda text: violations.append(text))
    await ann.page.evaluate("addEventListener('securitypolicyviolation', (event) => violated(event.violatedDirective + ' ' + event.blockedURI))")
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    offset = 0
    for text in _CORPUS:
        await asyncio.sleep(0.02)  # below the limit of frames a second
        offset = (await bob.ask("send", room=room, text=text))["offset"]
    for reply_to in range(1, offset, 7):
        await bob.ask("send", room=room, text="an answer", replyTo=reply_to)
    await bob.say(room, "the last one")
    await ann.sees("the last one")
    await ann.sees("<b id=hacked>bold</b>")
    # All of it into view, and a click on whatever looks like a link would open another page, not this one.
    await ann.page.locator("#messages li.message").first.scroll_into_view_if_needed()
    survey = await ann.page.evaluate(_SURVEY)
    assert survey["hacked"] is None and survey["planted"] == 0 and survey["handlers"] == 0
    assert set(survey["tags"]) <= _TAGS
    assert set(survey["attributes"]) <= _ATTRIBUTES
    assert set(survey["schemes"]) <= {"http:", "https:"}
    assert violations == []
    assert ann.problems == []


async def test_names_topics_and_search_stay_text(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    await ann.join(room)
    strangers = [await people.guest(cluster.nodes[1], name=name, rooms=[room]) for name in _NAMES]
    for stranger in strangers:
        await stranger.ask("send", to=ann.user["id"], text="<b id=hacked>psst</b>")
        await stranger.say(room, f"@{ann.user['name']} hello")
    await ann.page.locator("#open-search").click()
    await ann.page.locator("#search-text").fill("hello")
    await expect(ann.page.locator("dialog .found")).to_have_count(len(_NAMES))
    await ann.page.keyboard.press("Escape")
    await ann.type("@")
    survey = await ann.page.evaluate(_SURVEY)
    assert survey["hacked"] is None and survey["planted"] == 0
    assert ann.problems == []


@pytest.mark.parametrize("hash", ["#<script>hacked=1</script>", "#lobby/1e9", "#%E0%A4%A", "#dm:a:b", "#../x", "#" + "a" * 5_000])
async def test_addresses_that_mean_nothing(cluster: Cluster, browser: Browser, hash: str):
    ann = await visitor(browser, f"{cluster.nodes[0].http}/{hash}", fresh("ann"))
    assert await ann.page.evaluate("window.hacked ?? null") is None
    assert ann.problems == []
