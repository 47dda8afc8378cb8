// The rooms we are in, the direct conversations, and ourselves.

import { el, fill, icon, iconButton } from "../dom.js";
import { avatar } from "../avatar.js";
import { hasDraft } from "../drafts.js";
import { levelOf, onPrefs, setPrefs } from "../prefs.js";
import { isDark } from "../theme.js";

export class SidebarView {
  constructor(page) {
    this.page = page;
    const byID = (id) => document.getElementById(id);
    this.rooms = byID("rooms");
    this.directs = byID("directs");
    this.noDirects = byID("no-directs");
    this.me = byID("me");
    byID("rooms-tools").append(iconButton("plus", "Join or create a room", () => page.browse(), { id: "add-room" }));
    byID("directs-tools").append(iconButton("plus", "New direct message", () => page.choosePerson(), { id: "add-direct" }));
    page.store.on("rooms current people", () => this.#lists());
    page.store.on("me", () => this.#me());
    onPrefs(() => { if (page.store.me) { this.#me(); this.#lists(); } });
  }

  #lists() {
    const all = [...this.page.store.rooms.values()];
    const rooms = all.filter((room) => !room.direct).sort((a, b) => a.name.localeCompare(b.name));
    const directs = all.filter((room) => room.direct).sort((a, b) => b.lastAt - a.lastAt);
    // Replacing the nodes would take the focus away from whoever walks the list by keyboard.
    const focused = document.activeElement?.closest(".conversations [data-room]")?.dataset.room;
    fill(this.rooms, ...rooms.map((room) => this.#item(room)));
    fill(this.directs, ...directs.map((room) => this.#item(room)));
    this.noDirects.hidden = directs.length > 0;
    if (focused) document.querySelector(`.conversations [data-room="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(room) {
    const { store } = this.page;
    const current = room.name === store.currentName;
    const title = store.title(room);
    const silent = levelOf(room) === "never";
    return el("li", {}, el(
      `button.conversation-link${room.unread && !silent ? ".unread" : ""}`,
      { type: "button", "data-room": room.name, "aria-current": current ? "true" : undefined, onClick: () => this.page.open(room.name) },
      room.direct ? this.#face(room.peer) : icon("hash"),
      el("span.conversation-name", {}, title),
      !current && hasDraft(room.name) && el("span.draft-mark", { title: "A draft waits here" }, icon("edit"), el("span.visually-hidden", {}, "draft")),
      silent ? el("span.draft-mark", { title: "Notifications are off" }, icon("bellOff"), el("span.visually-hidden", {}, "silent")) : badge(room),
    ));
  }

  #face(peer) {
    const status = this.page.store.statusOf(peer.id);
    return el("span.face", {}, avatar(peer, "small"),
      el("span.dot", { "data-online": String(status !== "gone"), "data-status": status }, el("span.visually-hidden", {}, status === "gone" ? "not here" : status)));
  }

  #me() {
    const { store } = this.page;
    const status = store.me.status ?? "online";
    const words = store.me.statusText || { away: "Away", busy: "Busy" }[status] || (store.me.guest === false ? "Account" : "Guest");
    this.me.dataset.user = store.me.id;
    fill(this.me, el("span.face", {}, avatar(store.me), el("span.dot", { "data-online": "true", "data-status": status })),
      el("button.me-name", { id: "my-name", type: "button", title: "Change your name or status", onClick: () => this.page.editProfile() },
        el("strong", {}, store.me.name), el("span.muted", {}, words)),
      iconButton(isDark() ? "sun" : "moon", isDark() ? "Light colours" : "Dark colours", () => this.#turn(), { id: "turn-theme" }),
      iconButton("gear", "Preferences", () => this.page.editPrefs(), { id: "open-prefs" }),
      iconButton("leave", "Sign out", () => this.#signOut(), { id: "sign-out" }));
  }

  #turn() {
    setPrefs({ theme: isDark() ? "light" : "dark" });
    document.getElementById("turn-theme").focus();
  }

  #signOut() {
    const guest = this.page.store.me.guest !== false;
    if (!guest || confirm("A guest who signs out can't come back as the same person. Sign out?")) this.page.signOut();
  }
}

function badge(room) {
  if (!room.unread) return null;
  const text = room.unread > 99 ? "99+" : String(room.unread);
  return el(`span.badge${room.mentioned ? ".badge-mention" : ""}`, {}, room.mentioned && !room.direct ? `@ ${text}` : text,
    el("span.visually-hidden", {}, room.mentioned ? " unread, for you" : " unread"));
}
