// One person: what others see of them, and what one may do about them.

import { el, icon } from "../dom.js";
import { avatar } from "../avatar.js";
import { DURATIONS, REASON_MOST, isAbove, isModerator, isOwner, roleWord } from "../moderation.js";
import { openDialog } from "./dialog.js";

const ROLES = [["member", "Member"], ["moderator", "Moderator"], ["owner", "Owner"]];

/** @param {any} page @param {{id: string, name: string, role?: string, status?: string, statusText?: string}} member of the room that is shown */
export function showPerson(page, member) {
  const { store } = page;
  const room = store.current;
  const known = { ...member, ...store.people.get(member.id), role: room?.members.get(member.id)?.role ?? member.role };
  const status = store.statusOf(member.id);
  const dialog = openDialog(known.name,
    el("div.person-card", {}, avatar(known, "large"), el("p", {},
      el("span.muted", {}, { online: "Online", away: "Away", busy: "Busy", gone: "Not here" }[status]),
      known.statusText && el("span", {}, ` · ${known.statusText}`),
      roleWord(known.role) && el("span.tag", {}, roleWord(known.role)))),
    el("div.card-actions", {},
      button("message", "Message", () => { dialog.close(); page.direct(known); }, "card-message"),
      store.supports("block") && (store.blocked.has(known.id)
        ? button("ban", "Unblock", () => { dialog.close(); page.block(known, false); })
        : button("ban", "Block", () => { dialog.close(); page.block(known, true); }))),
    room && !room.direct && isModerator(room.standing) && moderation(page, room, known, () => dialog.close()));
  return dialog;
}

function button(mark, label, onClick, id) {
  return el("button.secondary", { type: "button", onClick, id }, icon(mark), label);
}

/** What a moderator of the room may do about somebody below. */
function moderation(page, room, person, close) {
  if (!isAbove(room.standing, person.role)) return null;
  const error = el("p.field-error", { role: "alert" });
  const reason = el("input", { id: "card-reason", maxLength: REASON_MOST, autocomplete: "off", placeholder: "Shown to the person" });
  const duration = el("select", { id: "card-duration" }, ...DURATIONS.map(([ms, label], index) => el("option", { value: String(ms), selected: index === 1 }, label)));
  const why = () => reason.value.trim() || undefined;
  const how = () => ({ reason: why(), duration: Number(duration.value) || undefined });
  const act = (label, style, run, done) => el(`button.${style}`, {
    type: "button",
    async onClick() {
      error.textContent = "";
      try {
        await page.ask(run);
        close();
        page.toast(done);
      } catch (problem) {
        error.textContent = problem.message;
      }
    },
  }, label);
  const role = isOwner(room.standing) && el("select", {
    id: "card-role",
    async onChange() {
      await page.ask((chat) => chat.role(room.name, person.id, role.value)).then(() => page.toast(`${person.name} is ${role.value} now.`), (problem) => { error.textContent = problem.message; });
    },
  }, ...ROLES.map(([value, label]) => el("option", { value, selected: value === (person.role || "member") }, label)));
  return el("section.pref-section", { "aria-label": `Moderation in #${room.name}` }, el("h3", {}, `In #${room.name}`),
    role && el("div.pref", {}, el("label", { for: "card-role" }, "Role"), role),
    el("div.pref", {}, el("label", { for: "card-reason" }, "Reason"), reason),
    el("div.pref", {}, el("label", { for: "card-duration" }, "Mute, ban for"), duration),
    error,
    el("div.card-actions", {},
      act("Mute", "secondary", (chat) => chat.mute(room.name, person.id, how()), `${person.name} may not write in #${room.name} for now.`),
      act("Unmute", "secondary", (chat) => chat.unmute(room.name, person.id), `${person.name} may write in #${room.name}.`),
      act("Kick", "secondary", (chat) => chat.kick(room.name, person.id, why()), `${person.name} was kicked out of #${room.name}.`),
      act("Ban", "danger", (chat) => chat.ban(room.name, person.id, how()), `${person.name} is banned from #${room.name}.`)));
}
