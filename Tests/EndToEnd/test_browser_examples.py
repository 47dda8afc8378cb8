"""The examples work: each with two people on two nodes."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from harness.cluster import Cluster

pytestmark = pytest.mark.browser


async def _open(browser: Browser, address: str, problems: list[str]) -> Page:
    page = await (await browser.new_context(viewport={"width": 1000, "height": 760})).new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    await page.goto(address)
    return page


async def _both(cluster: Cluster, browser: Browser, name: str, problems: list[str], query: str = "") -> tuple[Page, Page]:
    first = await _open(browser, f"{cluster.nodes[0].http}/examples/{name}.html", problems)
    second = await _open(browser, f"{cluster.nodes[1].http}/examples/{name}.html{query}", problems)
    for page in (first, second):
        await expect(page.locator("#state")).to_contain_text("Online")
    return first, second


async def test_support_chat(cluster: Cluster, browser: Browser):
    problems: list[str] = []
    visitor, agent = await _both(cluster, browser, "support-chat", problems, "?agent")
    await visitor.get_by_label("Message").fill("Where is my parcel?")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_text("Where is my parcel?")).to_have_count(1)
    await agent.get_by_role("button", name="here").first.click(timeout=10_000)
    await expect(agent.get_by_text("Where is my parcel?")).to_be_visible()
    await agent.get_by_label("Message").fill("On its way.")
    await agent.keyboard.press("Enter")
    await expect(visitor.get_by_text("On its way.")).to_be_visible()
    assert problems == []


async def test_live_ticker(cluster: Cluster, browser: Browser):
    problems: list[str] = []
    source, reader = await _both(cluster, browser, "live-ticker", problems)
    await source.get_by_label("Make prices").check()
    await expect(reader.locator("tbody svg").first).to_be_visible(timeout=20_000)
    late = await _open(browser, f"{cluster.nodes[2].http}/examples/live-ticker.html", problems)
    await expect(late.locator("tbody svg").first).to_be_visible()
    assert problems == []


async def test_shared_cursor(cluster: Cluster, browser: Browser):
    problems: list[str] = []
    ann, bob = await _both(cluster, browser, "shared-cursor", problems)
    box = await ann.locator("#field").bounding_box()
    ink = """() => { const field = document.getElementById("field"), pixels = field.getContext("2d").getImageData(0, 0, field.width, field.height).data;
      let painted = 0; for (let at = 3; at < pixels.length; at += 4) if (pixels[at]) painted += 1; return painted; }"""
    assert await bob.evaluate(ink) == 0
    await expect(bob.locator("#here")).to_contain_text("2 here", timeout=10_000)
    for step in range(12):
        await ann.mouse.move(box["x"] + 100 + step * 20, box["y"] + 100)
    async with asyncio.timeout(5):
        while await bob.evaluate(ink) == 0:
            await asyncio.sleep(0.05)
    assert problems == []


async def test_game_lobby(cluster: Cluster, browser: Browser):
    problems: list[str] = []
    ann, bob = await _both(cluster, browser, "game-lobby", problems)
    await ann.get_by_role("button", name="New game").click()
    await bob.locator("#games button").last.click(timeout=10_000)
    await expect(bob.locator("#title")).to_have_text(await ann.locator("#title").inner_text())
    for player, row, column in ((ann, 1, 1), (bob, 2, 1), (ann, 1, 2), (bob, 2, 2), (ann, 1, 3)):
        await player.get_by_label(f"empty, row {row}, column {column}").click()
        for page in (ann, bob):
            await expect(page.get_by_label(f"empty, row {row}, column {column}")).to_have_count(0)
    for page in (ann, bob):
        await expect(page.locator("#turn")).to_contain_text("has won")
    assert problems == []
