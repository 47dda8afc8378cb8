// Who is in the room. A click on somebody opens the conversation with them.

import { el, fill, iconButton } from "../dom.js";
import { avatar } from "../avatar.js";
import { roleWord } from "../moderation.js";

const SHOWN_FIRST = 100;

export class PeopleView {
  constructor(page) {
    this.page = page;
    this.panel = document.getElementById("people");
    page.store.on("people current me", () => this.update());
  }

  update() {
    const { store } = this.page;
    const room = store.current;
    const shown = Boolean(room) && !room.direct;
    document.getElementById("shell").classList.toggle("no-people", !shown);
    if (!shown) return fill(this.panel);
    const members = [...room.members.values()].sort((a, b) =>
      Number(b.id === store.me?.id) - Number(a.id === store.me?.id) || a.name.localeCompare(b.name));
    const before = document.activeElement;
    const focused = before?.closest(".person")?.dataset.user;
    const more = before?.dataset.more;
    fill(this.panel,
      el("h2", { tabIndex: -1 }, "Here now ", el("span.count", {}, `${room.approximate ? "≈ " : ""}${room.memberCount}`)),
      el("ul.persons", {}, ...members.map((member) => this.#line(member, room))),
      room.memberCount > members.length && el("button.link-button", { type: "button", onClick: () => this.#more(room) }, "Show more"));
    if (focused) this.panel.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus();
    else if (more) this.panel.querySelector(`[data-more="${CSS.escape(more)}"]`)?.focus();
    return undefined;
  }

  #line(member, room) {
    const { store } = this.page;
    const me = member.id === store.me?.id;
    const role = roleWord(me ? room.standing : room.roles.get(member.id));
    return el("li.person-line", {}, person(member, store, () => this.page.direct(member), role),
      !me && iconButton("more", `More about ${member.name}`, () => this.page.showPerson({ ...member, role }), { "data-more": member.id }));
  }

  async #more(room) {
    let after = this.cursors?.get(room.name);
    const page = await this.page.session.attempt((chat) => chat.who(room.name, { after, limit: SHOWN_FIRST }));
    if (!page) return;
    this.cursors ??= new Map();
    this.cursors.set(room.name, page.after);
    for (const member of page.members) { room.members.set(member.id, member); this.page.store.seen(member); }
    room.memberCount = page.count;
    this.page.store.changed("people");
  }
}

/** A person as a button; oneself is only shown. */
export function person(member, store, onClick, role = "") {
  const me = member.id === store.me?.id;
  const known = store.people.get(member.id);
  const status = known?.status ?? member.status ?? "online";
  const words = known?.statusText ?? member.statusText;
  const word = { away: "away", busy: "busy" }[status] ?? "online";
  return el("button.person", { type: "button", "data-user": member.id, disabled: me, title: me ? undefined : `Message ${member.name}`, onClick },
    el("span.face", {}, avatar(member, "small"), el("span.dot", { "data-online": "true", "data-status": status }, el("span.visually-hidden", {}, word))),
    el("span.person-name", {}, member.name, words && el("span.person-words", {}, words)),
    role && el("span.tag", {}, role), me && el("span.muted", {}, "you"));
}
