// All emoji beside a button, found by name: for a message, or for a reaction (then with a few at hand).

import { el, fill } from "../dom.js";
import { emojiByName, matchingEmoji } from "../emoji.js";
import { kept } from "../storage.js";

const OFTEN = ["👍", "❤️", "😂", "🎉", "😮", "😢", "👀", "✅"];
const RECENT_MOST = 16;
const all = [...new Map([...emojiByName].map(([name, emoji]) => [emoji, { name, emoji }])).values()];

/** @param {HTMLElement} button where it opens @param {(emoji: string) => void} picked */
export function pickEmoji(button, picked) {
  document.querySelector(".emoji-picker")?.remove();
  const input = el("input", { type: "search", placeholder: "Find an emoji", "aria-label": "Find an emoji", autocomplete: "off" });
  const grid = el("div.emoji-grid", { role: "group", "aria-label": "Emoji" });
  const recent = kept.get("emoji", OFTEN);
  const close = () => {
    removeEventListener("pointerdown", outside, true);
    picker.remove();
  };
  const outside = (event) => { if (!picker.contains(event.target) && !button.contains(event.target)) close(); };
  const choose = (emoji) => {
    kept.set("emoji", [emoji, ...recent.filter((one) => one !== emoji)].slice(0, RECENT_MOST));
    close();
    picked(emoji);
  };
  const one = ({ name, emoji }) => el("button", { type: "button", title: `:${name}:`, "aria-label": name.replace(/_/g, " "), onClick: () => choose(emoji) }, emoji);
  const draw = () => {
    const typed = input.value.trim().replace(/:/g, "");
    const names = new Map(all.map(({ name, emoji }) => [emoji, name]));
    const shown = typed ? matchingEmoji(typed, 60)
      : [...recent.map((emoji) => ({ emoji, name: names.get(emoji) ?? emoji })), ...all.filter(({ emoji }) => !recent.includes(emoji))];
    fill(grid, ...shown.map(one));
    if (!shown.length) fill(grid, el("p.muted", {}, "There is none of that name."));
  };
  const picker = el("div.emoji-picker", { role: "dialog", "aria-label": "Emoji", onKeydown: (event) => key(event) }, input, grid);

  function key(event) {
    const buttons = [...grid.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      button.focus();
    } else if (event.key === "Enter" && event.target === input) {
      event.preventDefault();
      buttons[0]?.click();
    } else if (step && (at >= 0 || event.key === "ArrowDown")) {
      event.preventDefault();
      (buttons[at < 0 ? 0 : at + step] ?? input).focus();
    }
  }

  input.addEventListener("input", draw);
  draw();
  document.body.append(picker);
  place(picker, button);
  input.focus();
  addEventListener("pointerdown", outside, true);
}

/** Beside the button, inside the window. */
function place(picker, button) {
  const { left, top, bottom, right } = button.getBoundingClientRect();
  const { width, height } = picker.getBoundingClientRect();
  const x = Math.max(8, Math.min(left + width > innerWidth - 8 ? right - width : left, innerWidth - width - 8));
  const y = top - height - 6 >= 8 ? top - height - 6 : Math.min(bottom + 6, innerHeight - height - 8);
  picker.style.left = `${x}px`;
  picker.style.top = `${Math.max(8, y)}px`;
}
