// Another name for oneself.

import { el } from "../dom.js";
import { openDialog } from "./dialog.js";

export function rename({ session, store }) {
  const error = el("p.field-error", { role: "alert" });
  const input = el("input", { id: "new-name", maxLength: 32, value: store.me.name, spellcheck: false, autocomplete: "off", required: true });
  const form = el("form", {
    async onSubmit(event) {
      event.preventDefault();
      try {
        const name = input.value.trim();
        if (name !== store.me.name) await session.chat.nick(name);
        dialog.close();
      } catch (reason) {
        error.textContent = reason.code === "name_taken" ? "Somebody has that name already." : reason.message;
        input.select();
      }
    },
  }, el("label", { for: "new-name" }, "Your name"), input, error, el("button.primary.wide", { type: "submit" }, "Change"));
  const dialog = openDialog("Change your name", form);
  input.select();
}
