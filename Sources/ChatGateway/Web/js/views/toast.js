// A short word that goes away by itself.

import { el } from "../dom.js";

const STAYS = 6_000;
const AT_ONCE = 4;

export function toast(text) {
  const box = document.getElementById("toasts");
  if ([...box.children].some((one) => one.textContent === text)) return;
  const note = el("div.toast", {}, text);
  box.append(note);
  while (box.children.length > AT_ONCE) box.firstChild.remove();
  setTimeout(() => note.remove(), STAYS);
}
