// Above the messages: where we are, and how many with us.

import { el, fill, icon, iconButton, looksLike } from "../dom.js";
import { avatar } from "../avatar.js";
import { onPrefs } from "../prefs.js";
import { roleWord, secondsText } from "../moderation.js";
import { levelButton } from "./room-level.js";

export class HeadView {
  constructor(page) {
    this.page = page;
    this.head = document.getElementById("conversation-head");
    page.store.on("current people rooms features", () => this.update());
    onPrefs(() => this.update());
  }

  update() {
    const { store } = this.page;
    const room = store.current;
    const elsewhere = [...store.rooms.values()].some((one) => one !== room && one.unread);
    const menu = iconButton("menu", elsewhere ? "Conversations (some unread)" : "Conversations", () => this.page.showSidebar(), { id: "open-sidebar" });
    menu.classList.toggle("has-unread", elsewhere);
    const children = [menu, ...(room ? this.#of(room) : [el("h1", {}, "Martlet")])];
    if (room !== this.shown || !looksLike(this.head, ...children)) fill(this.head, ...children);
    this.shown = room;
    this.head.parentElement.classList.toggle("no-room", !room);
  }

  #of(room) {
    const { store } = this.page;
    const title = store.title(room);
    const leave = iconButton(room.direct ? "close" : "leave", room.direct ? "Close this conversation" : "Leave this room", () => this.page.session.leave(room.name), { id: "leave-room" });
    const find = iconButton("search", "Search in this conversation", () => this.page.search(), { id: "open-search" });
    const level = levelButton(room, room.direct ? title : `#${title}`, () => document.getElementById("room-level")?.focus());
    if (room.direct) {
      const isBlocked = store.blocked.has(room.peer.id);
      const ban = store.supports("block") && iconButton("ban", isBlocked ? `Unblock ${title}` : `Block ${title}`, () => this.page.block(room.peer, !isBlocked), { id: "block", "aria-pressed": String(isBlocked) });
      const status = isBlocked ? "Blocked · " : { online: "Online · ", away: "Away · ", busy: "Busy · ", gone: "" }[store.statusOf(room.peer.id)];
      const words = store.people.get(room.peer.id)?.statusText;
      return [avatar(room.peer, "small"), el("div.head-title", {}, el("h1", {}, title), el("p.muted", {}, `${status}${words || "only you two can read this"}`)), find, level, ban, leave];
    }
    const count = `${room.approximate ? "about " : ""}${room.memberCount}`;
    return [
      el("span.head-mark", {}, icon(room.access === "private" ? "lock" : "hash")),
      el("div.head-title", {},
        el("div.head-line", {}, el("h1", {}, el("button.head-name", { id: "open-room", type: "button", title: "About this room", onClick: () => this.page.showRoom() }, title)), ...marks(room)),
        room.topic && el("p.muted", { title: room.topic }, room.topic)),
      el("button.head-people", { id: "open-people", type: "button", "aria-label": `People here: ${count}`, title: "People here", onClick: () => this.page.showPeople() }, icon("people"), el("span", { id: "people-count" }, count)),
      find, level, leave,
    ];
  }
}

/** What is unusual about a room, and what one is in it. */
function marks(room) {
  const mark = (name, words) => el("span.room-mark", { title: words }, icon(name), el("span.visually-hidden", {}, words));
  return [
    room.access === "unlisted" && mark("eyeOff", "Unlisted: only who knows the name finds it"),
    room.announcement && mark("horn", "Announcements: only moderators write"),
    room.slowMode > 0 && mark("clock", `Slow mode: a message every ${secondsText(room.slowMode)}`),
    roleWord(room.standing) && el("span.tag", {}, roleWord(room.standing)),
  ].filter(Boolean);
}
