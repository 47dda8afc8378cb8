"""Files in messages: picked, pasted, dropped and recorded; shown, played or offered on the other side."""

import base64
import struct
import zlib
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from harness.naming import fresh
from harness.page import ChatPage, visitor

pytestmark = pytest.mark.browser


def _png(width: int, height: int) -> bytes:
    """A picture of one colour."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x3b\x55\xd9" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


async def _pair(ways: tuple[str, str], browser: Browser) -> tuple[ChatPage, ChatPage, str]:
    room = fresh("room")
    ann = await visitor(browser, ways[0], fresh("ann"))
    bob = await visitor(browser, ways[1], fresh("bob"))
    await ann.join(room)
    await bob.join(room)
    if not await ann.page.locator("#attach").is_visible():
        pytest.skip("this node takes no files")
    return ann, bob, room


# Hands files to the page as a paste or a drop would.
_GIVE = """([selector, type, files]) => {
  const transfer = new DataTransfer();
  for (const [name, mediaType, base64] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name, { type: mediaType }));
  }
  const event = type === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}"""


def _file(name: str, media_type: str, content: bytes) -> list[str]:
    return [name, media_type, base64.b64encode(content).decode()]


async def test_a_picture_is_previewed_sent_and_shown(ways: tuple[str, str], browser: Browser, tmp_path: Path):
    ann, bob, _ = await _pair(ways, browser)
    picture = tmp_path / "sky.png"
    picture.write_bytes(_png(40, 30))
    await ann.page.locator("#files").set_input_files(picture)
    await expect(ann.page.get_by_role("list", name="Files to send").locator("img")).to_be_visible()
    await ann.type("the sky today")
    shown = bob.message("the sky today").locator("img[alt='sky.png']")
    await expect(shown).to_be_visible(timeout=10_000)
    await expect(shown).to_have_js_property("naturalWidth", 40)
    await expect(ann.page.locator("li.pending")).to_have_count(0)
    await ann.picture("picture")
    assert ann.problems == [] and bob.problems == []


async def test_pasted_and_dropped_files(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await ann.page.evaluate(_GIVE, ["#text", "paste", [_file("pasted.png", "image/png", _png(8, 8))]])
    await ann.page.evaluate(_GIVE, ["#conversation", "drop", [_file("notes.txt", "text/plain", b"plain words")]])
    tray = ann.page.get_by_role("list", name="Files to send")
    await expect(tray.get_by_role("listitem")).to_have_count(2)
    await ann.page.get_by_role("button", name="Don't send pasted.png").click()
    await expect(tray.get_by_role("listitem")).to_have_count(1)
    await ann.page.locator("#send").click()
    link = bob.messages.get_by_role("link", name="notes.txt")
    await expect(link).to_be_visible(timeout=10_000)
    async with bob.page.expect_download() as download:
        await link.click()
    saved = await (await download.value).path()
    assert Path(saved).read_bytes() == b"plain words"
    assert ann.problems == [] and bob.problems == []


async def test_what_is_too_large_is_said_at_once_and_pictures_are_made_smaller(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    limit = await ann.page.evaluate("1048576")
    await ann.page.evaluate(_GIVE, ["#text", "paste", [_file("big.bin", "application/x-thing", bytes(limit + 1))]])
    await expect(ann.page.get_by_text("big.bin is too large")).to_be_visible()
    noise = await ann.page.evaluate("""async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 900 });
      const context = canvas.getContext("2d"), image = context.createImageData(900, 900);
      for (let at = 0; at < image.data.length; at += 65536) crypto.getRandomValues(image.data.subarray(at, at + 65536));
      for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
      context.putImageData(image, 0, 0);
      return canvas.toDataURL("image/png").split(",")[1];
    }""")
    assert len(noise) * 3 // 4 > limit
    await ann.page.evaluate(_GIVE, ["#text", "paste", [["photo.png", "image/png", noise]]])
    await expect(ann.page.get_by_role("button", name="Don't send photo.jpg")).to_be_visible(timeout=15_000)
    await ann.page.locator("#send").click()
    await expect(bob.messages.locator("img[alt='photo.jpg']")).to_be_visible(timeout=15_000)


async def test_a_voice_message_is_recorded_and_plays(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await ann.page.get_by_role("button", name="Record a voice message").click()
    await expect(ann.page.locator(".recording-time")).to_have_text("0:01", timeout=10_000)
    await ann.page.get_by_role("button", name="Done").click()
    await expect(ann.page.locator(".tray audio")).to_be_visible()
    await ann.page.locator("#send").click()
    sound = bob.messages.locator("audio")
    await expect(sound).to_be_visible(timeout=10_000)
    assert await sound.evaluate("async (audio) => { await audio.play(); return audio.error; }") is None
    assert ann.problems == [] and bob.problems == []


async def test_files_in_a_private_conversation(ways: tuple[str, str], browser: Browser):
    ann, bob, _ = await _pair(ways, browser)
    await expect(ann.people.get_by_text(bob.user["name"])).to_be_visible(timeout=5_000)
    await ann.people.get_by_text(bob.user["name"]).click()
    await ann.page.evaluate(_GIVE, ["#text", "paste", [_file("secret.png", "image/png", _png(9, 9))]])
    await ann.page.locator("#send").click()
    await bob.conversations.get_by_text(ann.user["name"]).click()
    shown = bob.messages.locator("img[alt='secret.png']")
    await expect(shown).to_be_visible(timeout=10_000)
    await expect(shown).to_have_js_property("naturalWidth", 9)
