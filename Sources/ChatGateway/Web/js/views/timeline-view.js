// The messages: a list that is changed where something changed, keeps its place when others come and go around what one
// reads, and follows the latest only while one looks at the end. Only a window of them is in the document.

import { el, fill, icon } from "../dom.js";
import { dayText, startOfDay } from "../time-text.js";
import { rowsOf } from "../timeline-rows.js";
import { MessageWindow } from "../message-window.js";
import { messageItem, pendingItem, signature } from "./message-view.js";

const NEAR_END = 60;
const NEAR_START = 400;

export class TimelineView {
  #items = new Map();
  #signatures = new Map();
  #shown = null;
  #window = new MessageWindow();
  #following = true;
  #pending = 0;
  /** The list's size when it was last brought to its end. */
  #size = "";

  constructor(page) {
    this.page = page;
    const byID = (id) => document.getElementById(id);
    this.scroller = byID("timeline");
    this.list = byID("messages");
    this.older = byID("older");
    this.jump = byID("jump");
    page.store.on("timeline current features", () => this.update());
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.#toEnd());
    addEventListener("focus", () => this.#markRead());
    document.addEventListener("visibilitychange", () => this.#markRead());
    new ResizeObserver(() => { if (this.#following) this.#toEnd(); }).observe(this.scroller);
    // Pictures grow when they load.
    this.list.addEventListener("load", () => { if (this.#following) this.#toEnd(); }, true);
  }

  /** Somebody is looking at the latest messages. */
  get isWatched() {
    return this.#following && !document.hidden && document.hasFocus();
  }

  update() {
    const { store } = this.page;
    const room = store.current;
    if (room?.name !== this.#shown) this.#startOver(room);
    if (!room) return fill(this.older, store.me && this.#nowhere());
    // Whoever writes wants to see it.
    if (room.pending.length > this.#pending) this.#following = true;
    this.#pending = room.pending.length;
    if (this.#following) this.#window.followEnd();
    else this.#window.hold(room);
    const anchor = this.#following ? null : this.#anchor();
    const { from, to } = this.#window.range(room);
    room.readFrom = this.#following ? Infinity : room.messages[from]?.offset ?? Infinity;
    this.#place(rowsOf(room, { from, to, me: store.me, startOfDay }));
    this.#olderLine(room, from);
    if (anchor) this.scroller.scrollTop += anchor.item.getBoundingClientRect().top - anchor.top;
    else this.#toEnd();
    this.#jumpButton(room);
    this.#markRead();
    return undefined;
  }

  /** Scrolls to a message and marks it for a moment. */
  async reveal(offset) {
    const room = this.page.store.current;
    while (room.more && (room.messages[0]?.offset ?? Infinity) > offset) {
      if (!(await this.page.session.loadOlder(room)) || room !== this.page.store.current) return;
    }
    this.#following = false;
    this.#window.around(room, offset);
    this.#point(offset);
  }

  #point(offset) {
    this.update();
    const item = this.#items.get(`m${offset}`);
    if (!item) return this.page.toast("That message is no longer there.");
    item.scrollIntoView({ block: "center" });
    item.classList.add("pointed-at");
    item.focus({ preventScroll: true });
    setTimeout(() => item.classList.remove("pointed-at"), 2_000);
    return undefined;
  }

  #startOver(room) {
    const former = this.page.store.rooms.get(this.#shown);
    if (former) former.readFrom = Infinity;
    this.#shown = room?.name ?? null;
    this.#items.clear();
    this.#signatures.clear();
    this.#window.followEnd();
    this.#following = true;
    this.#pending = room?.pending.length ?? 0;
    fill(this.list);
  }

  #place(rows) {
    let next = this.list.firstChild;
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, item] of this.#items) {
      if (wanted.has(key)) continue;
      if (item === next) next = next.nextSibling;
      item.remove();
      this.#items.delete(key);
      this.#signatures.delete(key);
    }
    for (const row of rows) {
      const item = this.#item(row);
      if (item === next) next = next.nextSibling;
      else this.list.insertBefore(item, next);
    }
  }

  #item(row) {
    const { store } = this.page;
    const mark = row.message || row.pending ? signature(row, store) : row.at && dayText(row.at);
    const before = this.#items.get(row.key);
    if (before && this.#signatures.get(row.key) === mark) return before;
    const item = this.#make(row);
    // In the place of the old one, so that the walk over the list stays in step.
    if (before) { before.replaceChildren(...item.childNodes); before.className = item.className; }
    const kept = before ?? item;
    this.#items.set(row.key, kept);
    this.#signatures.set(row.key, mark);
    return kept;
  }

  #make(row) {
    switch (row.type) {
    case "day": return el("li.divider", {}, el("span", {}, dayText(row.at)));
    case "new": return el("li.divider.divider-new", {}, el("span", {}, "New"));
    case "pending": return pendingItem(row, this.page);
    default: return messageItem(row, this.page);
    }
  }

  #olderLine(room, from) {
    if (room.loading) fill(this.older, el("p.muted", {}, "Loading earlier messages…"));
    else if (from > 0 || room.more) fill(this.older, el("button.link-button", { type: "button", onClick: () => this.#grow() }, "Earlier messages"));
    else if (room.messages.length === 0 && room.pending.length === 0) fill(this.older, this.#empty(room));
    else fill(this.older, el("p.muted.begin", {}, room.direct ? `The beginning of your conversation with ${room.peer.name}` : `The beginning of #${room.name}`));
  }

  #empty(room) {
    if (!room.known && !room.direct) return el("div.empty", {}, el("p.muted", {}, "Loading…"));
    const name = this.page.store.title(room);
    return el("div.empty", {}, el("div.empty-mark", {}, icon(room.direct ? "message" : "hash")),
      el("h2", {}, room.direct ? `You and ${name}` : `Welcome to #${name}`),
      el("p.muted", {}, room.direct ? "Only the two of you can read what is said here." : "Nothing has been said here yet. Say hello!"));
  }

  #nowhere() {
    this.jump.hidden = true;
    return el("div.empty", {}, el("div.empty-mark", {}, icon("hash")), el("h2", {}, "No room is open"),
      el("p.muted", {}, "Join one, or create your own."),
      el("button.primary", { type: "button", onClick: () => this.page.browse() }, "Browse rooms"));
  }

  async #grow() {
    const room = this.page.store.current;
    this.#following = false;
    this.#window.hold(room);
    if (this.#window.range(room).from === 0 && !(await this.page.session.loadOlder(room))) return;
    if (room !== this.page.store.current) return;
    this.#window.up(room);
    this.update();
  }

  /** The topmost message in view: it stays where it is while others come and go above. */
  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const item of this.list.children) {
      if (!item.dataset.offset) continue;
      const box = item.getBoundingClientRect();
      if (box.bottom > top) return { item, top: box.top };
    }
    return null;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const nearEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    const room = this.page.store.current;
    if (!room) return undefined;
    if (this.#window.isHeldBelow && scrollHeight - scrollTop - clientHeight < NEAR_START) {
      this.#window.down(room);
      return this.update();
    }
    const atEnd = nearEnd && !this.#window.isHeldBelow;
    // Not the person scrolled, but the list grew or shrank under them.
    if (this.#following && !atEnd && this.#size !== this.#measure()) return this.#toEnd();
    if (atEnd !== this.#following) {
      this.#following = atEnd;
      this.#jumpButton(room);
      this.#markRead();
    }
    const hidden = this.#window.range(room).from > 0 || room.more;
    if (scrollTop < NEAR_START && !atEnd && hidden && !room.loading) this.#grow();
    return undefined;
  }

  #measure() {
    const { scrollHeight, clientHeight, clientWidth } = this.scroller;
    return `${scrollHeight} ${clientHeight} ${clientWidth}`;
  }

  #toEnd() {
    this.#following = true;
    if (this.#window.isHeldBelow) {
      this.#window.followEnd();
      return this.update();
    }
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#size = this.#measure();
    const room = this.page.store.current;
    if (room) this.#jumpButton(room);
    this.#markRead();
    return undefined;
  }

  #jumpButton(room) {
    this.jump.hidden = this.#following;
    if (this.#following) return;
    const text = room.unread ? `${room.unread} new message${room.unread > 1 ? "s" : ""}` : "Latest messages";
    fill(this.jump, text, icon("down"));
  }

  #markRead() {
    const room = this.page.store.current;
    if (room && this.isWatched) this.page.session.seen(room);
  }
}
