// A short word that goes away by itself.

import { el } from "../dom.js";

const STAYS = 6_000;
const AT_ONCE = 4;

/** @param {string | Error} what @param {{label: string, run: () => void}} [action] */
export function toast(what, action) {
  const text = what instanceof Error ? sentence(what.message) : what;
  const box = document.getElementById("toasts");
  if ([...box.children].some((one) => one.firstChild.data === text)) return;
  const note = el("div.toast", {}, text, action && el("button.link-button", { type: "button", onClick: () => { note.remove(); action.run(); } }, action.label));
  box.append(note);
  while (box.children.length > AT_ONCE) box.firstChild.remove();
  setTimeout(() => note.remove(), action ? 2 * STAYS : STAYS);
}

/** The server's words, which are made to follow others, on their own. */
export function sentence(words) {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
