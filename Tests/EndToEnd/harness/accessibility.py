"""What a page must have for those who don't see it, or see little: the checks that need no judgement, ours and axe-core's."""

from importlib.resources import files
from pathlib import Path

from playwright.async_api import Page

_CHECKS = Path(__file__).with_name("accessibility.js").read_text()
_AXE = (files("axe_playwright_python") / "axe.min.js").read_text()

# WCAG up to 2.2 AA, and what axe-core calls good practice.
_RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const modal = document.querySelector("dialog:modal");
  const { violations } = await axe.run(modal ?? document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
  // What is scrolled out of sight is measured by axe as if it lay on top of what is there.
  const isInSight = (node) => {
    const { top, bottom } = node.getBoundingClientRect();
    for (let at = node.parentElement; at; at = at.parentElement) {
      const frame = at.getBoundingClientRect();
      if (getComputedStyle(at).overflowY !== "visible" && (top < frame.top || bottom > frame.bottom)) return false;
    }
    return top >= 0 && bottom <= innerHeight;
  };
  return violations.flatMap(({ id, help, nodes }) => nodes
    .filter(({ target }) => id !== "target-size" || isInSight(document.querySelector(target[0])))
    .map(({ target, any }) => `axe ${id}: ${target.join(" ")}: ${help} ${any.map(({ message }) => message).join(" ")}`));
}"""


async def accessibility_problems(page: Page) -> list[str]:
    # A colour on its way from one to the other is nobody's choice.
    await page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(_AXE)
    return await page.evaluate(_CHECKS) + await page.evaluate(_RUN)
