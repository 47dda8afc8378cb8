"""Accounts in the page: registering, coming back on another device, another password, leaving all devices."""

import http.client

import pytest
from playwright.async_api import Browser, expect

from harness.cluster import Cluster
from harness.naming import fresh
from harness.node import Node
from harness.page import ChatPage
from harness.people import People
from harness.ports import LOOPBACK

pytestmark = pytest.mark.browser

_PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _needs_accounts(node: Node):
    connection = http.client.HTTPConnection(LOOPBACK, node.port, timeout=5)
    connection.request("POST", "/auth/login", body="{}", headers={"content-type": "application/json"})
    if connection.getresponse().status == 404:
        pytest.skip("this node has no accounts")
    connection.close()


async def _open(browser: Browser, address: str) -> ChatPage:
    return await ChatPage.open(await browser.new_context(), address)


async def _come_in(chat: ChatPage, how: str, name: str, password: str) -> None:
    await chat.page.get_by_text(how, exact=True).first.click()
    await chat.page.get_by_label("Your name").fill(name)
    await chat.page.get_by_label("Password", exact=True).fill(password)
    await chat.page.get_by_role("button", name=how, exact=True).click()


def _refusals(problems: list[str]) -> list[str]:
    """The browser reports each refused request, wanted or not."""
    return [problem for problem in problems if "status of 4" not in problem]


async def test_an_account_on_two_devices(cluster: Cluster, ways: tuple[str, str], people: People, browser: Browser):
    name = fresh("ann")
    desk = await _open(browser, ways[0])
    await _come_in(desk, "Register", name, _PASSWORD)
    await desk.ready()
    await expect(desk.page.locator("#me")).to_contain_text("Account")
    bob = await people.guest(cluster.nodes[1], "bob")
    await bob.ask("send", to=desk.user["id"], text="welcome back")
    await expect(desk.conversations.get_by_text(bob.name)).to_be_visible()

    phone = await _open(browser, ways[1])
    await _come_in(phone, "Log in", name, "not the password")
    await expect(phone.page.get_by_text("The name or the password is not right.")).to_be_visible()
    await phone.page.get_by_label("Password", exact=True).fill(_PASSWORD)
    await phone.page.get_by_role("button", name="Log in", exact=True).click()
    await phone.ready()
    assert phone.user["id"] == desk.user["id"]
    await phone.conversations.get_by_text(bob.name).click()
    await phone.sees("welcome back")
    await desk.page.reload()
    await desk.ready()
    await expect(desk.page.locator("#me")).to_contain_text(name)

    other = await _open(browser, ways[1])
    await _come_in(other, "Register", name, _PASSWORD)
    await expect(other.page.get_by_text("Somebody has that name already.")).to_be_visible()
    assert _refusals(desk.problems + phone.problems + other.problems) == []


async def test_another_password_and_leaving_all_devices(ways: tuple[str, str], browser: Browser):
    name = fresh("ann")
    desk = await _open(browser, ways[0])
    await _come_in(desk, "Register", name, _PASSWORD)
    await desk.ready()
    await desk.page.locator("#my-name").click()
    await desk.page.get_by_role("button", name="Password and devices").click()
    await desk.page.get_by_label("Password", exact=True).last.fill(_PASSWORD)
    await desk.page.get_by_label("New password").fill("another one entirely")
    await desk.page.get_by_role("button", name="Change the password").click()
    await expect(desk.page.get_by_text("The password is changed.")).to_be_visible(timeout=10_000)

    phone = await _open(browser, ways[1])
    await _come_in(phone, "Log in", name, "another one entirely")
    await phone.ready()
    await phone.page.locator("#my-name").click()
    await phone.page.get_by_role("button", name="Password and devices").click()
    await phone.page.get_by_role("button", name="Log out on all devices").click()
    await expect(phone.page.get_by_role("button", name="Start chatting")).to_be_visible(timeout=10_000)
    await expect(desk.page.locator("#banner")).to_contain_text("Disconnected", timeout=15_000)
    await desk.page.get_by_role("button", name="Start over").click()
    await expect(desk.page.get_by_role("button", name="Start chatting")).to_be_visible()
