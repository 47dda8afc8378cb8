// Which conversations there are: those of the last visit, those the server's inbox knows from other devices.

import { directRoom } from "../martlet.js";
import { kept } from "./storage.js";

const KEPT = 50;
const PAGES_MOST = 4;
/** A session may be in so many rooms; a few places stay free for what one opens. */
const ROOMS_MOST = 100;
const ROOMS_FREE = 10;

export class Conversations {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** The rooms of the last visit; somebody without any begins in the lobby. */
  get rooms() {
    const rooms = kept.get("rooms", []);
    return rooms.length ? rooms : ["lobby"];
  }

  /** Joins all of them, quietly: what is refused is told by `left`. @param {import("../martlet.js").Martlet} chat */
  async open(chat) {
    const { store } = this;
    for (const room of this.rooms) this.join(chat, room);
    for (const peer of kept.get(`directs.${chat.user.id}`, [])) {
      store.seen(peer);
      this.join(chat, store.room(directRoom(chat.user.id, peer.id), peer).name);
    }
    await this.#inbox(chat);
  }

  join(chat, room) {
    chat.join(room).catch(() => {});
  }

  /** What came while no tab was open, from people we may never have talked to before. */
  async #inbox(chat) {
    let after;
    for (let page = 0; page < PAGES_MOST; page++) {
      const inbox = await chat.inbox({ after }).catch(() => null); // not every server has one
      for (const one of inbox?.conversations ?? []) this.#learn(chat, one);
      after = inbox?.after;
      if (!after) break;
    }
    this.store.changed("rooms", "current");
  }

  #learn(chat, { room: name, user, joined, last, readOffset, unread = 0, mentions = 0 }) {
    const { store } = this;
    if (joined === false) return; // left on purpose
    // What somebody does who shares no room with us is not told: better no status than an old one.
    if (user) store.seen({ id: user.id, name: user.name });
    const isNew = !store.rooms.has(name);
    // A conversation that was closed here comes back when something new is in it.
    if (isNew && name.startsWith("dm:") && unread === 0 && kept.get(`closed.${store.me.id}`, []).includes(name)) return;
    const room = store.room(name, user && { id: user.id, name: user.name });
    if (readOffset !== undefined) room.readOffset = Math.max(room.readOffset, readOffset);
    else if (isNew) room.readOffset = Math.max(0, (last?.offset ?? 0) - unread);
    room.told = { readOffset: room.readOffset, head: last?.offset ?? 0, unread, mentions };
    room.activeAt = last?.at ?? 0;
    store.recount(room);
    const most = (store.limits.rooms ?? ROOMS_MOST) - ROOMS_FREE;
    if (isNew && store.rooms.size <= most) this.join(chat, name);
  }

  keepRooms() {
    kept.set("rooms", [...this.store.rooms.values()].filter((room) => !room.direct).slice(-KEPT).map((room) => room.name));
  }

  keepDirects() {
    const directs = [...this.store.rooms.values()].filter((room) => room.direct).slice(-KEPT);
    kept.set(`directs.${this.store.me.id}`, directs.map((room) => room.peer));
    const open = new Set(directs.map((room) => room.name));
    const key = `closed.${this.store.me.id}`;
    kept.set(key, kept.get(key, []).filter((name) => !open.has(name)));
  }

  /** Not in the list any more, until something new is said in it. */
  close(name) {
    const key = `closed.${this.store.me.id}`;
    kept.set(key, [...kept.get(key, []).filter((one) => one !== name), name].slice(-KEPT));
    this.keepDirects();
  }
}
