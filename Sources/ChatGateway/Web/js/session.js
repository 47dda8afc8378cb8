// Between the client library and the store: events become state, the page's wishes become requests.

import { Martlet, directRoom } from "../martlet.js";
import { currentToken } from "./account.js";
import { Conversations } from "./conversations.js";
import { Outgoing } from "./outgoing.js";
import { isModerator } from "./moderation.js";
import { Personal } from "./personal.js";
import { kept } from "./storage.js";
import { onSeenElsewhere, tellSeen } from "./tabs.js";

const OPTIONAL = ["react", "edit", "delete"];
/** Reading quickly is told now and then, not line by line. */
const READ_EVERY = 700;

export class Session {
  /** @param {import("./store.js").Store} store @param {{toast: (text: string) => void, arrived: Function}} page */
  constructor(store, page) {
    this.store = store;
    this.page = page;
    this.chat = null;
    this.probed = false;
    this.conversations = new Conversations(store);
    this.outgoing = new Outgoing(store, () => this.chat, (error) => page.toast(`Your change was not saved: ${error.message}`));
    this.personal = new Personal(store, () => this.chat);
    this.reads = new Map();
    onSeenElsewhere((room, offset) => this.#seenElsewhere(room, offset));
  }

  /** Connects as somebody. Resolves when welcome; rejects when refused for good (a bad name, a ban). */
  async start({ name, token, refreshToken }) {
    const chat = this.chat = new Martlet(refreshToken ? { token, getToken: currentToken } : { name, token });
    this.store.supports = (type) => !chat.unsupported.has(type);
    this.#listen(chat);
    try {
      await chat.connect();
    } catch (error) {
      this.chat = null;
      throw error;
    }
    this.conversations.open(chat);
    this.outgoing.restore();
    this.personal.load();
    return chat.user;
  }

  /**
   * Does what somebody asks of the server. Rejects with what to tell them.
   *
   * @template T @param {(chat: Martlet) => Promise<T>} what @returns {Promise<T>}
   */
  async ask(what) {
    try {
      return await what(this.chat);
    } catch (error) {
      if (error.code === "unsupported") this.store.changed("features");
      throw error.code === "unsupported" ? new Error("This server does not do that (yet).") : error;
    }
  }

  stop() {
    this.chat?.close();
    this.chat = null;
  }

  #listen(chat) {
    const { store } = this;
    chat.on("state", ({ state, retryAt = 0, reason = "", code }) => {
      Object.assign(store.connection, { state, retryAt, reason, code, via: chat.via });
      if (state === "online") store.limits = { ...store.limits, ...chat.limits };
      store.changed("connection", "timeline");
    });
    chat.on("degraded", ({ on, reason }) => {
      Object.assign(store.connection, { degraded: on, degradedReason: reason });
      store.changed("connection");
    });
    chat.on("resumed", ({ replaced }) => this.#notice(replaced ? "Back online. Some history was loaded anew." : "Back online. Nothing was missed."));
    chat.on("identity", ({ user, token, renamed }) => {
      if (renamed) this.page.toast(`That name is taken, so you are ${user.name}.`);
      store.me = { ...(store.me?.id === user.id && store.me), operator: false, ...user };
      store.seen(user);
      // An account's tokens are renewed, and kept, elsewhere.
      if (user.guest !== false) kept.set("me", { name: user.name, token });
      store.changed("me", "people");
    });
    chat.on("replaced", () => this.page.toast("Your earlier guest identity has expired; you are a new guest."));
    chat.on("snapshot", (snapshot) => this.#snapshot(snapshot));
    chat.on("entry", (entry, { recovered }) => this.#entry(entry, recovered));
    chat.on("room", (frame) => this.#room(frame));
    chat.on("configured", (frame) => {
      const room = store.rooms.get(frame.room);
      if (!room) return;
      room.configure(frame);
      store.changed("current", "people", "timeline");
      this.#learnRoles(room);
    });
    chat.on("left", (frame) => this.#left(frame));
    chat.on("presence", (frame) => {
      const room = store.rooms.get(frame.room);
      if (!room) return;
      room.presence(frame);
      for (const user of frame.joined ?? []) store.seen(user);
      store.changed("people", "rooms");
    });
    chat.on("user", ({ user }) => { store.seen(user); store.changed("people", "timeline", "rooms"); });
    chat.on("typing", ({ room, user, on }) => this.#typing(room, user, on));
    chat.on("read", ({ room, user, offset }) => {
      const known = store.rooms.get(room);
      if ((user.id ?? user) === store.me.id) return this.#seenElsewhere(room, offset);
      if (!known?.direct) return;
      known.seenOffset = Math.max(known.seenOffset, offset);
      store.changed("timeline");
      return undefined;
    });
    chat.on("mention", ({ room, entry }) => { if (!store.rooms.has(room)) this.page.mentionedElsewhere(room, entry); });
    chat.on("invited", ({ room, by }) => this.page.invited(room, by));
    chat.on("failure", (error) => this.page.toast(error));
  }

  #notice(text) {
    this.store.connection.notice = text;
    this.store.changed("connection");
    setTimeout(() => {
      if (this.store.connection.notice === text) this.store.connection.notice = "";
      this.store.changed("connection");
    }, 4_000);
  }

  #snapshot(snapshot) {
    const room = this.store.room(snapshot.room);
    room.replace(snapshot);
    for (const entry of snapshot.entries) this.store.seen(entry.from);
    // Never opened before: what was said earlier is history, not news.
    if (room.readOffset < 0) this.store.keepRead(room, snapshot.offset);
    this.store.recount(room);
    this.store.changed("timeline");
    if (room.direct && room.messages.length) this.conversations.keepDirects();
  }

  #entry(entry, recovered) {
    const { store } = this;
    const isNew = !store.rooms.has(entry.room);
    store.seen(entry.from);
    const room = store.room(entry.room);
    if (room.direct && entry.from.id !== store.me.id) room.peer = { id: entry.from.id, name: entry.from.name };
    if (room.readOffset < 0) store.keepRead(room, entry.offset - 1);
    if (isNew && room.direct) {
      room.more = entry.offset > 1;
      this.conversations.keepDirects();
    }
    const message = room.add(entry);
    this.store.changed("timeline", "typing");
    if (entry.type !== "message" || !message) return;
    this.outgoing.save();
    store.recount(room);
    if (entry.from.id === store.me.id && !recovered && room.slowMode) {
      room.slowUntil = Date.now() + room.slowMode;
      store.changed("current");
    }
    this.page.arrived(room, message, recovered);
  }

  #room({ room: name, members, memberCount, readOffset, ...settings }) {
    const room = this.store.room(name);
    room.setMembers(members, memberCount);
    room.isOperated = Boolean(this.store.me.operator);
    room.configure(settings);
    this.store.parted.delete(name);
    for (const member of members) {
      this.store.seen(member);
      if (member.id === this.store.me.id) Object.assign(this.store.me, { status: member.status, statusText: member.statusText });
    }
    this.store.changed("me");
    if (readOffset !== undefined && readOffset > room.readOffset) {
      room.readOffset = readOffset;
      this.store.recount(room);
    }
    this.store.changed("people", "current", "rooms");
    this.conversations.keepRooms();
    this.#learnRoles(room);
    this.#probe(name);
  }

  /** Who else moderates a room is told to those who do. */
  async #learnRoles(room) {
    if (room.direct || !isModerator(room.standing)) return;
    const lists = await this.ask((chat) => chat.moderation(room.name)).catch(() => null);
    if (!lists) return;
    room.setRoles(lists.roles ?? []);
    this.store.changed("people");
  }

  #left({ room: name, reason, message }) {
    const room = this.store.rooms.get(name);
    if (room?.direct && reason && reason !== "outcome_unknown") return; // its history may still be read
    this.store.rooms.delete(name);
    const wasShown = this.store.currentName === name;
    // Not a word that goes by: whoever was sent away is to know, even if it happened while nobody looked.
    if (room && reason) this.store.parted.set(name, partedText(name, reason, message));
    if (wasShown) this.open(this.#firstRoom());
    this.conversations.keepRooms();
    this.store.changed("rooms", "current");
  }

  #firstRoom() {
    return [...this.store.rooms.values()].find((room) => !room.direct)?.name ?? null;
  }

  #typing(name, user, on) {
    const room = this.store.rooms.get(name);
    const id = user?.id ?? user;
    if (!room || id === this.store.me.id) return;
    if (on) room.typing.set(id, Date.now() + 8_000);
    else room.typing.delete(id);
    this.store.changed("typing");
    if (on) setTimeout(() => this.store.changed("typing"), 8_100);
  }

  // Asks once what this server can do, with targets that can't exist, so that nothing is offered that isn't there.
  #probe(room) {
    if (this.probed || room.startsWith("dm:")) return;
    this.probed = true;
    setTimeout(async () => {
      const offset = Number.MAX_SAFE_INTEGER;
      for (const type of OPTIONAL) {
        await this.chat?.request({ type, room, offset, text: "-", emoji: "👍", on: false }).catch(() => {});
      }
      this.store.changed("features", "timeline");
    }, 1_500);
  }

  // What the page wants

  /** Shows a conversation. */
  open(name) {
    const { store } = this;
    store.currentName = name;
    const room = store.current;
    if (room) room.newFrom = room.unread ? room.readOffset + 1 : 0;
    if (room && !room.known && this.chat) this.conversations.join(this.chat, name);
    kept.set("current", name ?? undefined);
    store.changed("current", "timeline", "people", "rooms", "typing");
  }

  /** Joins and shows. @returns {Promise<void>} rejects with the server's reason */
  async join(name) {
    await this.chat.join(name);
    this.open(name);
  }

  async leave(name) {
    const room = this.store.rooms.get(name);
    if (room?.direct) {
      this.store.rooms.delete(name);
      this.conversations.close(name);
      if (this.store.currentName === name) this.open(this.#firstRoom());
      this.store.changed("rooms", "current");
    }
    await this.chat.leave(name).catch((error) => this.page.toast(error));
  }

  /** Shows the conversation with a person. */
  openDirect(user) {
    if (user.id === this.store.me.id) return;
    const room = this.store.room(directRoom(this.store.me.id, user.id), { id: user.id, name: user.name });
    this.open(room.name);
  }

  /** A page of older messages. Returns whether there was something to ask for. */
  async loadOlder(room) {
    if (room.loading || !room.more || this.chat?.state !== "online") return false;
    room.loading = true;
    this.store.changed("timeline");
    try {
      const page = await this.chat.history(room.name, { before: room.messages[0]?.offset, limit: 100 });
      room.prepend(page);
      for (const entry of page.entries) if (!this.store.people.has(entry.from.id)) this.store.seen(entry.from);
    } catch (error) {
      if (error.code !== "offline") this.page.toast(`Earlier messages could not be loaded: ${error.message}`);
      room.more = error.code === "offline" || error.code === "unavailable";
    } finally {
      room.loading = false;
      this.store.changed("timeline");
    }
    return true;
  }

  /** Does something optional; when the server has no such thing, says so once and stops offering it. */
  async attempt(what) {
    try {
      return await what(this.chat);
    } catch (error) {
      this.store.changed("features", "timeline");
      this.page.toast(error.code === "unsupported" ? "This server does not do that (yet)." : error);
      return undefined;
    }
  }

  /** The same, without a word: for what nobody asked for. */
  hint(type, what) {
    if (this.chat?.state === "online" && this.store.supports(type)) what(this.chat).catch(() => {});
  }

  /** All of a room has been on the screen. */
  seen(room) {
    if (!this.store.markRead(room)) return;
    tellSeen(room.name, room.readOffset);
    if (this.reads.has(room.name)) return;
    this.reads.set(room.name, setTimeout(() => {
      this.reads.delete(room.name);
      this.hint("read", (chat) => chat.read(room.name, room.readOffset));
    }, READ_EVERY));
  }

  #seenElsewhere(name, offset) {
    const room = this.store.rooms.get(name);
    if (!room || room.readOffset >= offset) return;
    this.store.keepRead(room, offset);
    this.store.recount(room);
  }
}

/** Why one is no longer in a room, in words. */
function partedText(name, reason, message) {
  const why = message ? `: ${message}` : ".";
  if (reason === "kicked") return `You were removed from #${name}${why}`;
  if (reason === "forbidden") return `You may not be in #${name}${why}`;
  return message ? `#${name}: ${message}` : `You are no longer in #${name}.`;
}
