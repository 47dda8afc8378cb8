// What the page shows, in one place. Changed by `session.js` alone; views read it and hear of changes by topic:
// `me`, `connection`, `rooms` (the lists, unread counts), `current`, `timeline`, `people`, `typing`, `features`.

import { Signal } from "./signal.js";
import { Room } from "./room.js";
import { kept } from "./storage.js";

const READ_MOST = 300;

export class Store extends Signal {
  /** @type {{id: string, name: string, guest?: boolean} | null} */ me = null;
  /** @type {Map<string, Room>} */ rooms = new Map();
  /** @type {string | null} */ currentName = null;
  connection = { state: "idle", retryAt: 0, degraded: false, reason: "", notice: "", via: null };
  /** The last known name and status of people, wherever they were seen. */
  people = new Map();
  /** Rooms one was sent out of, and why: shown until it was read. @type {Map<string, string>} */
  parted = new Map();
  limits = { textBytes: 4096 };
  /** @type {Set<string>} */ blocked = new Set();
  /** @type {(type: string) => boolean} whether the server knows a type of frame */
  supports = () => true;
  #read = new Map(kept.get("read", []));

  /** Files need a server that has room for them. */
  get takesFiles() {
    return (this.limits.attachmentBytes ?? 0) > 0 && this.supports("attach");
  }

  /** @returns {Room | undefined} */
  get current() {
    return this.rooms.get(this.currentName);
  }

  /** The room of that name, made when there is none. */
  room(name, peer = null) {
    let room = this.rooms.get(name);
    if (!room) {
      room = new Room(name, peer ?? this.#peerOf(name));
      const read = this.#read.get(name);
      room.readOffset = read?.offset ?? -1;
      this.rooms.set(name, room);
      this.changed("rooms");
    }
    return room;
  }

  #peerOf(name) {
    if (!name.startsWith("dm:")) return null;
    const id = name.split(":").slice(1).find((one) => one !== this.me?.id) ?? this.me?.id;
    return { id, name: this.people.get(id)?.name ?? "…" };
  }

  /** Someone was seen with a name (and a status). */
  seen(user) {
    const before = this.people.get(user.id);
    this.people.set(user.id, { ...before, ...user });
    const same = (field) => before?.[field] === (user[field] ?? before?.[field]);
    if (same("name") && same("status") && same("statusText")) return;
    for (const room of this.rooms.values()) {
      if (room.peer?.id === user.id) { room.peer = { ...room.peer, name: user.name }; this.changed("rooms", "current"); }
      const member = room.members.get(user.id);
      if (member) { room.members.set(user.id, { ...member, ...user }); this.changed("people"); }
    }
  }

  /** Whether a person is in any room with us right now. */
  isOnline(id) {
    if (id === this.me?.id) return true;
    return [...this.rooms.values()].some((room) => !room.direct && room.members.has(id));
  }

  /** "online", "away", "busy", or "gone" for somebody who is nowhere we are. */
  statusOf(id) {
    return this.isOnline(id) ? this.people.get(id)?.status ?? "online" : "gone";
  }

  title(room) {
    return room.direct ? room.peer.name : room.name;
  }

  isMention(message) {
    const name = this.me?.name.toLowerCase();
    return message.mentions.includes(this.me?.id) || (Boolean(name) && mentions(message.text.toLowerCase(), name));
  }

  recount(room) {
    room.count(this.me?.id, (message) => this.isMention(message));
    this.changed("rooms");
  }

  /** Everything up to the room's last message has been seen. Returns false if it had been already. */
  markRead(room) {
    if (room.head <= room.readOffset) return false;
    this.keepRead(room, room.head);
    this.recount(room);
    return true;
  }

  /** Takes down how far somebody has read, over reloads, too. */
  keepRead(room, offset) {
    room.readOffset = offset;
    this.#read.delete(room.name);
    this.#read.set(room.name, { epoch: room.epoch, offset });
    while (this.#read.size > READ_MOST) this.#read.delete(this.#read.keys().next().value);
    kept.set("read", [...this.#read]);
  }
}

/** `@name` as a word of its own. */
function mentions(text, name) {
  for (let at = text.indexOf(`@${name}`); at >= 0; at = text.indexOf(`@${name}`, at + 1)) {
    if (!/[\p{L}\p{N}_]/u.test(text[at + name.length + 1] ?? " ")) return true;
  }
  return false;
}
