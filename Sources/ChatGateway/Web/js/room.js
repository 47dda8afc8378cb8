// One conversation as the page knows it. Pure: told what happened, it keeps messages in order. Bounded.

/**
 * @typedef {{offset: number, at: number, from: {id: string, name: string}, text: string, action: boolean, key?: string,
 *   replyTo?: number, attachment?: object, mentions: string[], editedBy: number, deleted: boolean,
 *   reactions: Map<string, Map<string, number>>, version: number}} Message
 * @typedef {{key: string, text: string, action: boolean, replyTo?: number, at: number, state: "sending" | "failed",
 *   error?: string, unsure?: boolean, version: number, file?: File, preview?: string, progress?: number, revised?: string,
 *   stored: Promise<{offset: number}>}} Pending `revised`: what it is to say as soon as it is stored
 */

/** As many messages as a page keeps of a room, unless more are read; the oldest go first. */
const MESSAGES_MOST = 5_000;
const REFUSED_FOR = 60_000;

export class Room {
  /** @type {Message[]} by offset */ messages = [];
  /** @type {Pending[]} typed here and not known to be stored */ pending = [];
  /** @type {Map<string, {id: string, name: string, status?: string}>} */ members = new Map();
  memberCount = 0;
  approximate = false;
  topic = "";
  /** What we are in it: "owner", "moderator" or "member". */
  role = "member";
  /** We are one of the cluster's operators, who may do more than owners, whatever they are in a room. */
  isOperated = false;
  /** @type {Map<string, string>} of others, as far as we were told: user id → role */ roles = new Map();
  access = "public";
  /** Only moderators write. */
  announcement = false;
  /** Milliseconds between two messages of one person. */
  slowMode = 0;
  /** When we may write again. */
  slowUntil = 0;
  /** @type {{until: number, reason: string} | null} we may not write; `until` is when to try again */
  muted = null;
  epoch = "";
  /** There are older messages on the server. */
  more = false;
  /** From which message on they are being read, and kept. */
  readFrom = Infinity;
  loading = false;
  /** A snapshot has been seen. */
  known = false;
  readOffset = 0;
  unread = 0;
  mentioned = 0;
  /** The first message that was unread when the conversation was opened. */
  newFrom = 0;
  /** @type {Map<string, number>} who types, and until when we believe it */ typing = new Map();
  /** How far the other one of a direct conversation has read. */
  seenOffset = 0;

  /** @param {string} name @param {{id: string, name: string} | null} peer of a direct conversation */
  constructor(name, peer = null) {
    this.name = name;
    this.peer = peer;
    this.direct = name.startsWith("dm:");
  }

  /** What decides what we may do in it: our role, or "operator". */
  get standing() {
    return this.isOperated ? "operator" : this.role;
  }

  get head() {
    return this.messages.at(-1)?.offset ?? 0;
  }

  /** When something was last said, as far as known. */
  activeAt = 0;

  get lastAt() {
    return this.messages.at(-1)?.at ?? this.activeAt;
  }

  find(offset) {
    const message = this.messages[this.indexAfter(offset) - 1];
    return message?.offset === offset ? message : undefined;
  }

  /** How many messages there are up to and with an offset: the index of the first one after it. */
  indexAfter(offset) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Starts over with what the server has. */
  replace({ epoch, offset, entries, changes }) {
    const sameLog = this.known && this.epoch === epoch;
    this.epoch = epoch;
    this.known = true;
    this.messages = [];
    this.more = (entries[0]?.offset ?? 1) > 1;
    for (const entry of [...entries, ...changes]) this.add(entry);
    if (!sameLog) this.readOffset = Math.min(this.readOffset, offset);
  }

  /** One more entry, of any kind. Returns the message it made or changed. */
  add(entry) {
    if (entry.type !== "message") return this.#change(entry);
    this.epoch ||= entry.epoch;
    this.settle(entry.key);
    this.typing.delete(entry.from.id);
    const message = toMessage(entry);
    if (entry.offset > this.head) this.messages.push(message);
    else if (!this.find(entry.offset)) this.#insert([message]);
    const excess = Math.min(this.messages.length - MESSAGES_MOST, this.indexAfter(this.readFrom - 1));
    if (excess > 0) {
      this.messages.splice(0, excess);
      this.more = true;
    }
    return message;
  }

  /** A page of older entries. */
  prepend({ epoch, entries, changes = [], more }) {
    if (this.epoch && epoch !== this.epoch) return;
    this.#insert(entries.filter((entry) => entry.type === "message" && !this.find(entry.offset)).map(toMessage));
    for (const entry of [...entries, ...changes]) if (entry.type !== "message") this.#change(entry);
    this.more = more;
  }

  #insert(messages) {
    this.messages = [...messages, ...this.messages].sort((a, b) => a.offset - b.offset);
  }

  // Changes may come twice and, with pages, out of order: the one with the greatest offset counts.
  #change(entry) {
    const message = this.find(entry.target);
    if (!message) return undefined;
    if (entry.type === "edited" && entry.offset > message.editedBy && !message.deleted) {
      message.text = entry.text;
      message.mentions = entry.mentions ?? [];
      message.editedBy = entry.offset;
    } else if (entry.type === "deleted") {
      Object.assign(message, { deleted: true, text: "", attachment: undefined, reactions: new Map() });
    } else if (entry.type === "reacted" && !message.deleted) {
      const people = message.reactions.get(entry.emoji) ?? new Map();
      message.reactions.set(entry.emoji, people);
      const before = people.get(entry.from.id) ?? 0;
      if (entry.offset > Math.abs(before)) people.set(entry.from.id, entry.on ? entry.offset : -entry.offset);
    }
    message.version += 1;
    return message;
  }

  /** What was pending under a key is stored. */
  settle(key) {
    if (!key) return;
    for (const one of this.pending) if (one.key === key && one.preview) URL.revokeObjectURL(one.preview);
    this.pending = this.pending.filter((one) => one.key !== key);
  }

  /** What the server counted up to an entry, of more messages than are loaded here. */
  told = { readOffset: -1, head: 0, unread: 0, mentions: 0 };

  /** Counts what is unread: from others, beyond the last one read. */
  count(myID, isMention) {
    const { told } = this;
    // As long as nothing more was read, what the server counted plus what came since; else what can be counted here.
    const knows = told.readOffset === this.readOffset && (this.messages[0]?.offset ?? Infinity) > this.readOffset + 1;
    const behind = knows ? told.head : this.readOffset;
    const unread = this.messages.filter((m) => m.offset > behind && m.from.id !== myID && !m.deleted);
    this.unread = unread.length + (knows ? told.unread : 0);
    const mentions = unread.filter(isMention).length + (knows ? told.mentions : 0);
    this.mentioned = this.direct ? this.unread : mentions;
  }

  /** How the room is set up: what is left out is as in a room that nobody has set up; a role that is left out stays. */
  configure({ role = this.role, topic = "", access = "public", announcement = false, slowMode = 0 }) {
    Object.assign(this, { role, topic, access, announcement, slowMode });
    if (slowMode === 0) this.slowUntil = 0;
  }

  /** A message of ours was refused. For how long a mute holds is not told: after a while it may be tried again. */
  refused(reason, now) {
    if (!this.direct && !this.announcement) this.muted = { reason, until: now + REFUSED_FOR };
  }

  /** @param {{user: {id: string}, role: string}[]} roles of all who have one */
  setRoles(roles) {
    this.roles = new Map(roles.map(({ user, role }) => [user.id, role]));
  }

  setMembers(members, count) {
    this.members = new Map(members.map((member) => [member.id, member]));
    this.memberCount = count;
    this.approximate = false;
  }

  presence({ joined = [], left = [], count, approx }) {
    for (const member of joined) this.members.set(member.id, member);
    for (const { id } of left) this.members.delete(id);
    this.memberCount = count;
    this.approximate = Boolean(approx);
  }
}

function toMessage(entry) {
  return {
    offset: entry.offset, at: entry.at, from: entry.from, text: entry.text ?? "", action: Boolean(entry.action),
    key: entry.key, replyTo: entry.replyTo, attachment: entry.attachment, mentions: entry.mentions ?? [],
    editedBy: 0, deleted: false, reactions: new Map(), version: 0,
  };
}

/** Who reacted with what, the taken-back ones left out. @returns {[string, string[]][]} */
export function reactionsOf(message) {
  return [...message.reactions]
    .map(([emoji, people]) => /** @type {[string, string[]]} */ ([
      emoji, [...people].filter(([, offset]) => offset > 0).map(([id]) => id),
    ]))
    .filter(([, people]) => people.length > 0);
}
