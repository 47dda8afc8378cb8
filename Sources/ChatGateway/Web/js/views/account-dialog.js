// An account's password, and logging out of it on all devices.

import { el } from "../dom.js";
import { changePassword, logOutEverywhere } from "../account.js";
import { openDialog } from "./dialog.js";

export function editAccount({ signOut, toast }) {
  const error = el("p.field-error", { role: "alert" });
  const field = (id, label, autocomplete) => {
    const input = el("input", { id, type: "password", required: true, autocomplete });
    return [input, el("label", { for: id }, label), input];
  };
  const [old, ...oldField] = field("old-password", "Password", "current-password");
  const [wanted, ...wantedField] = field("wanted-password", "New password", "new-password");
  const attempt = async (what) => {
    try {
      error.textContent = "";
      await what();
    } catch (reason) {
      error.textContent = reason.message;
    }
  };
  const form = el("form.stacked", {
    onSubmit(event) {
      event.preventDefault();
      attempt(async () => {
        await changePassword(old.value, wanted.value);
        dialog.close();
        toast("The password is changed.");
      });
    },
  }, ...oldField, ...wantedField, error, el("button.primary.wide", { type: "submit" }, "Change the password"));
  const leave = el("button.secondary.wide", { type: "button", onClick: () => attempt(async () => { await logOutEverywhere(); signOut(); }) }, "Log out on all devices");
  const dialog = openDialog("Your account", form, el("div.pref-section", {}, leave));
  old.focus();
}
