// Sending somebody away: what, from where, for how long, and why; asked once more before it is done.

import { el } from "../dom.js";
import { openDialog } from "../views/dialog.js";
import { DURATIONS, REASON_MOST } from "../moderation.js";

/** @param {{name: string, id: string, room: string}} person */
export function kick(page, person) {
  confirmWith(page, {
    title: `Kick ${person.name}?`,
    text: `${person.name} is taken out of #${person.room}, and may come back.`,
    button: "Kick",
    done: `${person.name} was kicked out of #${person.room}.`,
    run: ({ reason }) => page.session.ask((chat) => chat.kick(person.room, person.id, reason)),
  });
}

/** @param {{name: string, id: string, room?: string}} person */
export function ban(page, person) {
  confirmWith(page, {
    title: `Ban ${person.name}?`,
    text: "Whoever is banned is taken out at once and can't come back until the ban ends or is lifted.",
    scope: person.room,
    hasDuration: true,
    button: "Ban",
    done: `${person.name} is banned.`,
    run: ({ reason, duration, room }) => page.session.ask((chat) => chat.ban(room, person.id, { reason, duration })),
  });
}

export function unban(page, { name, id, room }) {
  confirmWith(page, {
    title: `Lift the ban of ${name}?`,
    text: room ? `${name} may come to #${room} again.` : `${name} may come to this cluster again.`,
    button: "Lift the ban",
    done: `${name} is not banned any more.`,
    isGentle: true,
    run: () => page.session.ask((chat) => chat.unban(room, id)),
  });
}

function confirmWith(page, { title, text, scope, hasDuration, isGentle, button, done, run }) {
  const error = el("p.field-error", { role: "alert" });
  const reason = el("input", { id: "action-reason", maxLength: REASON_MOST, autocomplete: "off", placeholder: "Shown to the person, and logged" });
  const where = el("select", { id: "action-scope" }, el("option", { value: "" }, "the whole cluster"), scope && el("option", { value: scope }, `#${scope}`));
  const duration = el("select", { id: "action-duration" }, ...DURATIONS.map(([ms, label]) => el("option", { value: String(ms) }, label)));
  const submit = el(isGentle ? "button.primary" : "button.danger", { type: "submit" }, button);
  const form = el("form.stacked", {
    async onSubmit(event) {
      event.preventDefault();
      submit.disabled = true;
      error.textContent = "";
      try {
        await run({ reason: reason.value.trim() || undefined, duration: Number(duration.value) || undefined, room: where.value || null });
        dialog.close();
        page.toast(done);
        page.refresh();
      } catch (problem) {
        error.textContent = problem.message;
        submit.disabled = false;
      }
    },
  }, el("p.muted", {}, text),
  scope && el("label", { for: "action-scope" }, "From"), scope && where,
  hasDuration && el("label", { for: "action-duration" }, "For"), hasDuration && duration,
  !isGentle && el("label", { for: "action-reason" }, "Reason"), !isGentle && reason, error,
  el("div.dialog-actions", {}, el("button.secondary", { type: "button", onClick: () => dialog.close() }, "Cancel"), submit));
  const dialog = openDialog(title, form);
  (isGentle ? submit : hasDuration ? duration : reason).focus();
}
