// Roles, bans, mutes and invitations of a room, each undone from here, and what was done so far.

import { el } from "../dom.js";
import { actText } from "../moderation.js";
import { momentText, momentWithin } from "../time-text.js";

/** @param {any} page @param {import("../room.js").Room} room @returns {Promise<HTMLElement>} */
export async function moderationLists(page, room) {
  const [lists, log] = await page.ask((chat) => Promise.all([chat.moderation(room.name), chat.audit(room.name, { limit: 50 })]));
  room.setRoles(lists.roles ?? []);
  page.store.changed("people");
  const name = room.name;
  return el("div", {},
    invite(page, room),
    list(page, "Owners and moderators", lists.roles, ({ role }) => role, null),
    list(page, "Banned", lists.bans, until, (chat, user) => chat.unban(name, user.id), "Lift the ban"),
    list(page, "Muted", lists.mutes, until, (chat, user) => chat.unmute(name, user.id), "Unmute"),
    list(page, "Invited", lists.invitations, () => "", (chat, user) => chat.uninvite(name, user.id), "Take back"),
    record(log.entries));
}

const until = (item) => [item.until ? `until ${momentWithin(item.until)}` : "until it is lifted", item.reason && `“${item.reason}”`].filter(Boolean).join(" · ");

/** A list with a button each; nothing where there is nobody. */
function list(page, title, items, words, undo, label) {
  if (!items?.length) return null;
  const error = el("p.field-error", { role: "alert" });
  const line = (item) => {
    const row = el("li.moderated", {}, el("span", {}, el("strong", {}, item.user.name), el("span.muted", {}, words(item))),
      undo && el("button.secondary", {
        type: "button",
        "aria-label": `${label}: ${item.user.name}`,
        onClick: () => page.ask((chat) => undo(chat, item.user)).then(() => row.remove(), (problem) => { error.textContent = problem.message; }),
      }, label));
    return row;
  };
  return el("section.pref-section", {}, el("h3", {}, title), el("ul", { "aria-label": title }, ...items.map(line)), error);
}

function invite(page, room) {
  const error = el("p.field-error", { role: "alert" });
  const known = [...page.store.people.values()].filter(({ id }) => id !== page.store.me.id && !room.members.has(id)).sort((a, b) => a.name.localeCompare(b.name));
  if (room.access !== "private" || !known.length) return null;
  const choice = el("select", { id: "invite-person" }, ...known.map(({ id, name }) => el("option", { value: id }, name)));
  const ask = async () => {
    const person = page.store.people.get(choice.value);
    await page.ask((chat) => chat.invite(room.name, person.id)).then(() => page.toast(`${person.name} may come to #${room.name}.`), (problem) => { error.textContent = problem.message; });
  };
  return el("section.pref-section", {}, el("label", { for: "invite-person" }, "Invite"),
    el("div.row-form", {}, choice, el("button.secondary", { type: "button", onClick: ask }, "Invite")), error);
}

function record(entries) {
  if (!entries?.length) return null;
  const more = el("ol.record", {}, ...entries.map((entry) => el("li", {},
    el("span.muted", {}, momentText(entry.at)), " ", el("strong", {}, entry.by?.name ?? "the server"), ` ${actText(entry, momentWithin)}`, entry.reason && `: “${entry.reason}”`)));
  const box = el("details.pref-section", {}, el("summary", {}, "What was done here"));
  box.append(more);
  return box;
}
