"""People in a real browser: the page, two tabs, a raw client on another node, and six lines of JavaScript."""

import pytest
from playwright.async_api import Browser, expect

from harness.client import Client
from harness.cluster import Cluster
from harness.faultproxy import FaultProxy
from harness.naming import fresh
from harness.page import ChatPage, visitor
from harness.people import People

pytestmark = pytest.mark.browser


async def _on_another_node(people: People, cluster: Cluster, than: str | None, name: str) -> Client:
    """A raw client that nginx put on another node than that one."""
    for _ in range(12):
        client = await people.guest(cluster.nginx, name)
        if client.welcome["node"] != than:
            return client
        await client.close()
    raise AssertionError("nginx put twelve connections in a row on one node")


async def test_a_browser_and_a_raw_client_on_another_node_chat_through_nginx(cluster: Cluster, people: People,
                                                                             browser: Browser):
    room, name = fresh("room"), fresh("ann")
    ann = await visitor(browser, cluster.nginx.http, name)
    await ann.join(room)
    bob = await _on_another_node(people, cluster, ann.node, "bob")
    await bob.join(room)
    assert ann.node and ann.node != bob.welcome["node"]

    await ann.type("hello from the browser")
    heard = await bob.next("message")
    assert heard["text"] == "hello from the browser"
    assert heard["from"]["name"] == name
    await ann.sees("hello from the browser")
    await bob.say(room, "hello from a socket")
    await ann.sees("hello from a socket")
    await expect(ann.people.get_by_text(bob.name)).to_be_visible(timeout=5_000)
    await ann.picture("room")
    assert ann.problems == []


async def test_two_people_with_a_tab_each(cluster: Cluster, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    bob = await visitor(browser, cluster.nodes[1].http, fresh("bob"))
    for tab in (ann, bob):
        await tab.join(room)
    for number in range(3):
        await ann.type(f"ann says {number}")
        await bob.type(f"bob says {number}")
    for tab in (ann, bob):
        for number in range(3):
            await tab.sees(f"ann says {number}")
            await tab.sees(f"bob says {number}")
        assert tab.problems == []


async def test_two_tabs_of_one_person(cluster: Cluster, browser: Browser, people: People):
    room = fresh("room")
    first = await visitor(browser, cluster.nginx.http, fresh("ann"))
    await first.join(room)
    second = await ChatPage.open(first.page.context, cluster.nginx.http)
    await second.ready()
    assert second.user["id"] == first.user["id"], "the browser keeps the guest's token"
    await second.join(room)
    bob = await people.guest(cluster.nginx, "bob", [room])
    await bob.say(room, "to both tabs")
    await first.type("from the first")
    for tab in (first, second):
        await tab.sees("to both tabs")
        await tab.sees("from the first")
        assert tab.problems == []
    assert (await bob.ask("who", room=room))["count"] == 2


async def test_private_messages(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], "bob", [room])
    await expect(ann.people.get_by_text(bob.name)).to_be_visible(timeout=5_000)
    await ann.type(f"/msg {bob.name} psst")
    heard = await bob.next("message")
    assert heard["text"] == "psst" and heard["room"].startswith("dm:")
    await bob.ask("send", to=ann.user["id"], text="what is it?")
    await ann.sees("what is it?")
    await ann.picture("direct")
    assert ann.problems == []


async def test_text_is_never_html(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await visitor(browser, cluster.nodes[0].http, fresh("ann"))
    await ann.join(room)
    bob = await people.guest(cluster.nodes[1], name="<b id=x>bob</b>", rooms=[room])
    hostile = ["<img src=x onerror=\"window.hacked=1\">", "<script>window.hacked=1</script>", "</ol><h1 id=x>big</h1>",
               "`<b id=x>`", "**<i id=x>**", "javascript:window.hacked=1", "[x](javascript:window.hacked=1)"]
    for text in hostile:
        await bob.say(room, text)
    await bob.say(room, "the last one")
    await ann.sees("the last one")
    assert await ann.page.evaluate("window.hacked") is None
    assert await ann.page.locator("#x").count() == 0
    assert await ann.page.locator("a[href^='javascript']").count() == 0
    await ann.sees(hostile[0])
    assert ann.problems == []


async def test_the_page_reconnects_and_resumes(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    proxy = FaultProxy(cluster.nodes[0].port, resp=False)
    try:
        ann = await visitor(browser, f"http://127.0.0.1:{proxy.port}/", fresh("ann"))
        await ann.join(room)
        bob = await people.guest(cluster.nodes[1], "bob", [room])
        await bob.say(room, "before the cut")
        await ann.sees("before the cut")
        proxy.refuse = True
        proxy.reset()
        await bob.say(room, "while it was cut")
        await ann.type("typed while it was cut")
        proxy.refuse = False
        await ann.sees("while it was cut")
        await ann.sees("before the cut")
        await bob.next("message", within=15, where=lambda frame: frame["text"] == "typed while it was cut")
        await bob.say(room, "after the cut")
        await ann.sees("after the cut")
        await ann.sees("typed while it was cut")
        assert [text for text in bob.texts(room) if text.startswith("typed")] == ["typed while it was cut"]
    finally:
        proxy.close()


async def test_a_reload_keeps_name_rooms_and_history(cluster: Cluster, browser: Browser):
    room, name = fresh("room"), fresh("ann")
    ann = await visitor(browser, cluster.nginx.http, name)
    await ann.join(room)
    await ann.type("remember this")
    await ann.sees("remember this")
    before = ann.user
    await ann.page.reload()
    await ann.ready()
    assert ann.user == before
    await ann.sees("remember this")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_light_and_dark(cluster: Cluster, browser: Browser, scheme: str):
    context = await browser.new_context(color_scheme=scheme, viewport={"width": 1100, "height": 700})
    ann = await ChatPage.open(context, cluster.nodes[0].http)
    await ann.picture(f"welcome-{scheme}")
    await ann.enter(fresh("ann"))
    text = f"How does it look? {fresh(scheme)}"
    await ann.type(text)
    await ann.sees(text)
    await ann.picture(f"lobby-{scheme}")
    shade = await ann.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert (sum(shade) > 380) == (scheme == "light"), shade
    assert ann.problems == []


async def test_the_first_load_is_small(cluster: Cluster, browser: Browser):
    """With all headers, through nginx."""
    page = await browser.new_page()
    loads: list[int] = []
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: loads.append(event["encodedDataLength"]))
    await page.goto(cluster.nginx.http, wait_until="networkidle")
    await expect(page.get_by_label("Your name")).to_be_visible()
    assert len(loads) > 50, "modules are loaded one by one"
    assert sum(loads) < 150_000, f"{sum(loads)} bytes in {len(loads)} answers"


SIX_LINES = """
const socket = new WebSocket("ws://HOST/");
window.log = [];
socket.onmessage = event => window.log.push(event.data);
window.say = text => socket.send(text);
socket.onclose = event => window.log.push("closed " + event.code);
socket.onopen = () => socket.send("/join ROOM");
"""


async def test_six_lines_of_javascript_are_a_chat_client(cluster: Cluster, people: People, browser: Browser):
    room = fresh("room")
    ann = await people.guest(cluster.nodes[1], "ann", [room])
    for address in (cluster.nginx, cluster.nodes[0]):
        page = await browser.new_page()
        mark = ann.mark()
        await page.add_script_tag(content=SIX_LINES.replace("HOST", f"127.0.0.1:{address.port}").replace("ROOM", room))
        await ann.next("presence", where=lambda frame: frame["room"] == room and frame["joined"], after=mark, within=8)
        text = fresh("hello")
        await page.evaluate("text => window.say(text)", text)
        assert (await ann.next("message", after=mark))["text"] == text
        await page.wait_for_function("text => window.log.some(line => line.endsWith(': ' + text))", arg=text, timeout=5_000)
        await ann.say(room, f"back to {text}")
        await page.wait_for_function("text => window.log.some(line => line.endsWith(': back to ' + text))", arg=text,
                                     timeout=5_000)
