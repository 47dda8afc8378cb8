// A few emoji beside a button.

import { el } from "../dom.js";

const OFFERED = ["👍", "❤️", "😂", "🎉", "😮", "😢", "👀", "✅"];

/** @param {HTMLElement} button @param {(emoji: string) => void} picked */
export function pickReaction(button, picked) {
  document.querySelector(".reaction-picker")?.remove();
  const close = () => {
    removeEventListener("pointerdown", outside, true);
    picker.remove();
  };
  const outside = (event) => { if (!picker.contains(event.target)) close(); };
  const picker = el("div.reaction-picker", {
    role: "group",
    "aria-label": "Reactions",
    onKeydown: (event) => { if (event.key === "Escape") { close(); button.focus(); } },
  }, ...OFFERED.map((emoji) => el("button", { type: "button", "aria-label": `React with ${emoji}`, onClick: () => { close(); picked(emoji); } }, emoji)));
  button.parentElement.append(picker);
  picker.querySelector("button").focus();
  addEventListener("pointerdown", outside, true);
}
