// A dialog: modal, with a title, closed by Escape, its button, or a click beside it.

import { el, iconButton } from "../dom.js";

let count = 0;

/** @returns {HTMLDialogElement} open, and removed when closed */
export function openDialog(title, ...content) {
  const id = `dialog-${++count}`;
  const dialog = el("dialog", { "aria-labelledby": id },
    el("header.dialog-head", {}, el("h2", { id }, title), iconButton("close", "Close", () => dialog.close())),
    el("div.dialog-body", {}, ...content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("pointerdown", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
