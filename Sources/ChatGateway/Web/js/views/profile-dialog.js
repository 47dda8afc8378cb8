// How others see one: name, status, a few words.

import { el } from "../dom.js";
import { openDialog } from "./dialog.js";

const STATUSES = [["online", "Online"], ["away", "Away"], ["busy", "Busy: no notifications"]];
const WORDS_MOST = 80;

export function editProfile({ editAccount, session, store }) {
  const { me } = store;
  const error = el("p.field-error", { role: "alert" });
  const name = el("input", { id: "new-name", maxLength: 32, value: me.name, spellcheck: false, autocomplete: "off", required: true });
  const status = el("select", { id: "new-status" },
    ...STATUSES.map(([value, text]) => el("option", { value, selected: (me.status ?? "online") === value }, text)));
  const words = el("input", { id: "new-status-text", maxLength: WORDS_MOST, value: me.statusText ?? "", autocomplete: "off", placeholder: "What are you doing?" });
  const hasStatus = store.supports("status");
  const form = el("form.stacked", {
    async onSubmit(event) {
      event.preventDefault();
      try {
        const wanted = name.value.trim();
        if (wanted !== me.name) await session.chat.nick(wanted);
        const changed = status.value !== (me.status ?? "online") || words.value.trim() !== (me.statusText ?? "");
        if (hasStatus && changed) await session.personal.setStatus(status.value, words.value.trim());
        dialog.close();
      } catch (reason) {
        error.textContent = reason.code === "name_taken" ? "Somebody has that name already." : reason.message;
        name.select();
      }
    },
  }, el("label", { for: "new-name" }, "Your name"), name,
  ...(hasStatus ? [el("label", { for: "new-status" }, "Status"), status, el("label", { for: "new-status-text" }, "In a few words"), words] : []),
  error, el("button.primary.wide", { type: "submit" }, "Save"));
  const account = me.guest === false && el("div.pref-section", {},
    el("button.secondary.wide", { type: "button", onClick: () => { dialog.close(); editAccount(); } }, "Password and devices"));
  const dialog = openDialog("You", form, account || "");
  name.select();
}
