"""The operators' page: who may see it, what it shows, and what is done from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from harness.accessibility import accessibility_problems
from harness.cluster import Cluster
from harness.naming import fresh
from harness.operators import OPERATOR, PASSWORD, operated_cluster, operator_token
from harness.page import ChatPage, visitor
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

    async def send_away(self, how: str, name: str, reason: str, scope: str | None = None) -> None:
        """Kicks or bans by the button beside a person."""
        await self.row("People", name).get_by_role("button", name=how).click()
        dialog = self.page.get_by_role("dialog")
        if scope is not None:
            await dialog.get_by_label("From").select_option(scope)
        await dialog.get_by_label("Reason").fill(reason)
        await dialog.get_by_role("button", name=how, exact=True).click()
        await expect(dialog).to_have_count(0)


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


async def test_who_is_kicked_and_banned_is_told_on_another_node(operated: Cluster, browser: Browser):
    room = fresh("room")
    bob = await visitor(browser, operated.nodes[1].http, fresh("bob"))
    name = bob.user["name"]
    await bob.join(room)
    admin = await Admin.open(browser, operated.nodes[0].http, f"#people?room={room}")
    await admin.log_in()
    await expect(admin.row("People", name)).to_contain_text("n2-")
    await admin.send_away("Kick", name, "please calm down")
    told = bob.page.locator(".parted")
    await expect(told).to_contain_text(f"You were removed from #{room}: please calm down")
    await expect(admin.row("People", name)).to_have_count(0, timeout=8_000)
    await told.get_by_role("button", name="Try to join").click()
    await expect(bob.page.get_by_role("heading", name=room, exact=True)).to_be_visible()

    await expect(admin.row("People", name)).to_be_visible(timeout=8_000)
    await admin.send_away("Ban", name, "that is enough", scope=room)
    await expect(told).to_contain_text(f"#{room}: that is enough")
    await told.get_by_role("button", name="Try to join").click()
    await expect(bob.page.locator("#toasts")).to_contain_text("banned from this room: that is enough")
    await bob.type("still in the lobby")
    await bob.sees("still in the lobby")

    # Out of the whole cluster: at once, and by whichever node they come back.
    await admin.page.goto(f"{operated.nodes[0].http}/admin#people?user={name}")
    await admin.send_away("Ban", name, "for good", scope="")
    await expect(bob.page.locator("#banner")).to_contain_text("You can't be here")
    await expect(bob.page.locator("#banner")).to_contain_text("for good")
    await bob.page.reload()
    await expect(bob.page.locator("#name-error")).to_contain_text("for good")
    await expect(bob.page.locator("#shell")).to_be_hidden()
    await admin.go("Moderation")
    await admin.row("Bans", name).get_by_role("button", name="Lift").click()
    await admin.page.get_by_role("dialog").get_by_role("button", name="Lift the ban").click()
    await expect(admin.row("Bans", name)).to_have_count(0, timeout=8_000)
    await expect(admin.row("Audit log", name).first).to_contain_text("lifted the ban of")
    await bob.page.reload()
    await bob.ready()
    await bob.sees("still in the lobby")
    assert admin.problems == [] and bob.problems == []


async def test_an_operator_writes_where_only_moderators_do(operated: Cluster, people: People, browser: Browser):
    room = fresh("news")
    owner = await people.guest(operated.nodes[1], "owner", [room])
    await owner.ask("configure", room=room, announcement=True)
    opal = await ChatPage.open(await browser.new_context(), operated.nodes[0].http)
    await opal.page.get_by_text("Log in", exact=True).first.click()
    await opal.page.get_by_label("Your name").fill(OPERATOR)
    await opal.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await opal.page.get_by_role("button", name="Log in", exact=True).click()
    await opal.ready()
    await opal.join(room)
    await expect(opal.page.locator(".head-line .tag")).to_have_text("operator")
    await opal.type("maintenance tonight")
    await opal.sees("maintenance tonight")
    bob = await visitor(browser, operated.nodes[1].http, fresh("bob"))
    await bob.join(room)
    await expect(bob.box).not_to_be_editable()
    await bob.sees("maintenance tonight")
    # What the owner may, the operator may: also against the owner.
    await opal.people.get_by_role("button", name=f"More about {owner.name}").click()
    await opal.page.get_by_role("dialog").get_by_role("button", name="Kick").click()
    await owner.next("kicked")
    assert opal.problems == [] and bob.problems == []


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
