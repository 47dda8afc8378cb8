"""The operators' page: who may see it, what it shows, and what is done from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from harness.accessibility import accessibility_problems
from harness.cluster import Cluster
from harness.naming import fresh
from harness.operators import OPERATOR, PASSWORD, operated_cluster, operator_token
from harness.people import People

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def operated(martlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with operated_cluster(tmp_path_factory.mktemp("operated")) as cluster:
        yield cluster


class Admin:
    """The page in a tab. `problems` collects what the browser complained about."""

    def __init__(self, page: Page):
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        # Refused requests are reported by the browser itself.
        page.on("console", lambda message: self.problems.append(message.text)
                if message.type == "error" and "status of 4" not in message.text else None)

    @classmethod
    async def open(cls, browser: Browser, address: str, hash: str = "", **context) -> "Admin":
        admin = cls(await (await browser.new_context(**context)).new_page())
        await admin.page.goto(f"{address}/admin{hash}")
        return admin

    async def log_in(self, name: str = OPERATOR, password: str = PASSWORD) -> None:
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Log in").click()

    async def go(self, section: str) -> None:
        await self.page.get_by_role("navigation", name="Sections").get_by_role("link", name=section).click()
        await expect(self.page.get_by_role("heading", level=1, name=section)).to_be_visible()

    def row(self, table: str, text: str):
        return self.page.get_by_role("table", name=table).locator("tbody tr", has_text=text)


async def test_nodes_rooms_and_people_live(operated: Cluster, people: People, browser: Browser):
    room = fresh("room")
    admin = await Admin.open(browser, operated.nginx.http)
    await admin.log_in()
    for node in ("n1", "n2"):
        await expect(admin.row("Nodes", f"{node}-")).to_contain_text("up")
    await expect(admin.page.locator("#freshness")).to_have_text("Live")
    ann = await people.guest(operated.nodes[0], "ann", [room])
    await ann.say(room, "hello")
    await admin.go("Rooms")
    await expect(admin.row("Rooms", room)).to_contain_text("1", timeout=8_000)
    await admin.page.get_by_role("button", name=f"#{room}").click()
    await expect(admin.row("People", ann.name)).to_be_visible()
    # Whoever comes and goes is seen without a click.
    bob = await people.guest(operated.nodes[1], "bob", [room])
    await expect(admin.row("People", bob.name)).to_contain_text("n2-", timeout=8_000)
    await bob.ask("leave", room=room)
    await expect(admin.row("People", bob.name)).to_have_count(0, timeout=8_000)
    await admin.page.get_by_label("Name or id").fill(ann.name)
    await admin.page.keyboard.press("Enter")
    await expect(admin.row("People", ann.name)).to_have_count(1)
    assert admin.problems == []


async def test_a_reload_and_the_chat_share_the_account(operated: Cluster, browser: Browser):
    admin = await Admin.open(browser, operated.nodes[0].http)
    await admin.log_in()
    await expect(admin.page.get_by_role("heading", name="Overview")).to_be_visible()
    await admin.page.goto(f"{operated.nodes[0].http}/admin#people")
    await expect(admin.page.get_by_role("heading", level=1, name="People")).to_be_visible()
    await admin.page.get_by_role("button", name="Log out of this page").click()
    await expect(admin.page.get_by_role("button", name="Log in")).to_be_visible()
    assert await admin.page.locator("#main").inner_text() == ""
    assert admin.problems == []


async def test_others_are_refused_and_see_nothing(operated: Cluster, people: People, browser: Browser):
    room = fresh("secret")
    ann = await people.guest(operated.nodes[0], "ann", [room])
    admin = await Admin.open(browser, operated.nodes[0].http, "#people")
    await admin.log_in(OPERATOR, "not the password")
    await expect(admin.page.get_by_role("alert")).to_contain_text("not right")
    await admin.page.get_by_role("button", name="Use a token instead").click()
    await admin.page.get_by_label("Token").fill(ann.welcome["token"])
    await admin.page.get_by_role("button", name="Go on").click()
    await expect(admin.page.locator("#gate-intro")).to_contain_text("not as an operator")
    await expect(admin.page.locator("#panel")).to_be_hidden()
    assert room not in await admin.page.content() and ann.name not in await admin.page.content()
    await admin.page.get_by_label("Token").fill(operator_token(operated.nodes[0]))
    await admin.page.get_by_role("button", name="Go on").click()
    await expect(admin.row("People", ann.name)).to_be_visible()
    assert admin.problems == []


async def test_a_lost_connection_is_told(operated: Cluster, browser: Browser):
    admin = await Admin.open(browser, operated.nodes[0].http)
    await admin.log_in()
    await expect(admin.page.locator("#freshness")).to_have_text("Live")
    await admin.page.context.set_offline(True)
    await expect(admin.page.locator("#freshness")).to_have_text("No answer", timeout=10_000)
    await expect(admin.row("Nodes", "n1-")).to_be_visible()
    await admin.page.context.set_offline(False)
    await expect(admin.page.locator("#freshness")).to_have_text("Live", timeout=10_000)


async def test_what_people_are_called_stays_text(operated: Cluster, people: People, browser: Browser):
    admin = await Admin.open(browser, operated.nodes[0].http, "#people")
    violations: list[str] = []
    await admin.page.expose_function("violated", lambda text: violations.append(text))
    await admin.page.evaluate("addEventListener('securitypolicyviolation', (event) => violated(event.violatedDirective))")
    hostile = await people.guest(operated.nodes[0], name="<img src=x onerror=hacked=1>", rooms=["lobby"])
    await hostile.ask("status", status="busy", text="<b id=hacked>busy</b>")
    await admin.log_in()
    await expect(admin.row("People", hostile.user)).to_contain_text("<b id=hacked>busy</b>", timeout=8_000)
    await admin.page.get_by_role("button", name="Ban <img").click()
    await expect(admin.page.get_by_role("dialog")).to_contain_text("<img src=x onerror=hacked=1>")
    assert await admin.page.evaluate("[window.hacked ?? null, document.querySelectorAll('#hacked, #main img').length]") == [None, 0]
    assert violations == [] and admin.problems == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 1200), ("light", 380), ("dark", 380)])
async def test_everybody_can_use_it(operated: Cluster, people: People, browser: Browser, scheme: str, width: int):
    room = fresh("room")
    ann = await people.guest(operated.nodes[0], "ann", [room])
    admin = await Admin.open(browser, operated.nodes[0].http, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert await accessibility_problems(admin.page) == [], "gate"
    await admin.log_in()
    await expect(admin.row("Nodes", "n1-")).to_be_visible()
    assert await accessibility_problems(admin.page) == [], "overview"
    await admin.go("Rooms")
    await expect(admin.row("Rooms", room)).to_be_visible(timeout=8_000)
    assert await accessibility_problems(admin.page) == [], "rooms"
    await admin.page.goto(f"{operated.nodes[0].http}/admin#people?room={room}")
    await admin.row("People", ann.name).get_by_role("button", name="Kick").focus()
    assert await accessibility_problems(admin.page) == [], "people"
    await admin.page.keyboard.press("Enter")
    await expect(admin.page.get_by_label("Reason")).to_be_focused()
    assert await accessibility_problems(admin.page) == [], "dialog"
    await admin.page.keyboard.press("Escape")
    await expect(admin.page.get_by_role("dialog")).to_have_count(0)
    assert await admin.page.evaluate("document.documentElement.scrollWidth") <= width, "only tables scroll sideways"
    assert admin.problems == []
