"""The web page as a person uses it: by labels and roles, never by how it is built."""

import json
import os
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, WebSocket, expect


class ChatPage:
    """One tab. `problems` collects what the browser complained about; `node` is the node of its latest session."""

    def __init__(self, page: Page):
        self.page = page
        self.problems: list[str] = []
        self.node: str | None = None
        self.user: dict | None = None
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("console", self._console)
        page.on("websocket", self._websocket)

    @classmethod
    async def open(cls, context: BrowserContext, address: str) -> "ChatPage":
        chat = cls(await context.new_page())
        await chat.page.goto(address)
        return chat

    async def enter(self, name: str) -> None:
        """Gives a name and waits until the conversation is there."""
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("button", name="Start chatting").click()
        await self.ready()

    async def ready(self) -> None:
        await expect(self.messages).to_be_visible(timeout=10_000)
        await expect(self.box).to_be_editable(timeout=10_000)
        if self.user is None:  # no WebSocket told it
            self.user = {"id": await self.page.locator("#me").get_attribute("data-user"),
                         "name": await self.page.locator("#my-name strong").inner_text()}

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("log", name="Messages")

    @property
    def box(self) -> Locator:
        return self.page.locator("#composer").get_by_role("textbox")

    @property
    def people(self) -> Locator:
        return self.page.get_by_role("complementary", name="People here")

    @property
    def conversations(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations")

    async def type(self, text: str) -> None:
        """Types a line and presses Enter."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def join(self, room: str) -> None:
        await self.type(f"/join {room}")
        chosen = self.conversations.locator("[aria-current=true]")
        await expect(chosen.get_by_text(room, exact=True)).to_be_visible(timeout=5_000)

    async def join_narrow(self, room: str) -> None:
        """The same where the list of conversations is out of sight."""
        await self.type(f"/join {room}")
        await expect(self.page.get_by_role("heading", name=room, exact=True)).to_be_visible(timeout=5_000)

    async def sees(self, text: str, times: int = 1) -> None:
        """Waits for a message that is stored: one's own shows earlier, while it is being sent."""
        stored = self.messages.locator(".message:not(.pending)")
        await expect(stored.get_by_text(text, exact=True)).to_have_count(times, timeout=8_000)

    def message(self, text: str) -> Locator:
        """The stored message that contains a text."""
        return self.page.locator("li.message:not(.pending)", has=self.page.locator(".text", has_text=text)).last

    async def tool(self, text: str, name: str) -> None:
        """Presses one of a message's buttons."""
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name=name, exact=True).click()

    async def picture(self, name: str) -> None:
        """A screenshot, where MARTLET_SCREENSHOTS names a folder."""
        if folder := os.environ.get("MARTLET_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def _console(self, message: ConsoleMessage) -> None:
        # A connection that a test cuts is reported by the browser itself, whatever the page does.
        if message.type == "error" and "WebSocket connection" not in message.text and "/ws" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _websocket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, payload: str | bytes) -> None:
        if isinstance(payload, str) and payload.startswith("{") and '"welcome"' in payload:
            welcome = json.loads(payload)
            if welcome.get("type") == "welcome":
                self.node, self.user = welcome["node"], welcome["user"]


async def visitor(browser: Browser, address: str, name: str, **context) -> ChatPage:
    """Somebody with a browser of their own."""
    chat = await ChatPage.open(await browser.new_context(**context), address)
    await chat.enter(name)
    return chat
