// A short word that goes away by itself.

import { el } from "../dom.js";

const STAYS = 6_000;
const AT_ONCE = 4;

/** @param {string} text @param {{label: string, run: () => void}} [action] */
export function toast(text, action) {
  const box = document.getElementById("toasts");
  if ([...box.children].some((one) => one.firstChild.data === text)) return;
  const note = el("div.toast", {}, text, action && el("button.link-button", { type: "button", onClick: () => { note.remove(); action.run(); } }, action.label));
  box.append(note);
  while (box.children.length > AT_ONCE) box.firstChild.remove();
  setTimeout(() => note.remove(), action ? 2 * STAYS : STAYS);
}
