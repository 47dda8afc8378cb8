"""Names, roles, references, sizes and contrast of what is on a page: the checks that need no judgement."""

from pathlib import Path

from playwright.async_api import Page

_CHECKS = Path(__file__).with_name("accessibility.js").read_text()


async def accessibility_problems(page: Page) -> list[str]:
    # A colour on its way from one to the other is nobody's choice.
    await page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
    return await page.evaluate(_CHECKS)
