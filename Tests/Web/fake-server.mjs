// A cluster in one object, under a clock of its own, for the SDK's tests: rooms with epochs and offsets, keys, resume.

/** Time that passes only when told to. */
export class FakeClock {
  time = 1_000_000;
  #next = 1;
  #timers = new Map();

  now = () => this.time;
  setTimeout = (action, ms) => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.time + ms, action, id });
    return id;
  };
  clearTimeout = (id) => this.#timers.delete(id);

  /** Runs what falls due within `ms`, in order, letting promises settle between. */
  async advance(ms) {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers.values()].filter((t) => t.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!due) break;
      this.#timers.delete(due.id);
      this.time = Math.max(this.time, due.at);
      due.action();
    }
    this.time = end;
    await settle();
  }
}

/** Lets every promise that can settle do so. */
export async function settle() {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A small seeded generator (mulberry32): the same seed, the same run. */
export function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The WebSocket class to hand to the client; `onSocket` gets each new instance. */
export function socketClass(onSocket) {
  return class FakeSocket {
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = url;
      onSocket(this);
    }
    open() {
      this.readyState = 1;
      this.onopen?.({});
    }
    send(data) {
      const frame = typeof data === "string" ? JSON.parse(data) : data;
      this.sent.push(frame);
      queueMicrotask(() => this.readyState === 1 && this.onframe?.(frame));
    }
    say(frame) {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
    }
    close(code = 1005) {
      this.readyState = 3;
      this.closedWith = code;
    }
    drop(code = 1006, reason = "") {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }
  };
}

/** The logs and the rules of resume and keys; `chance` decides what goes wrong (all 0: nothing does). */
export class FakeCluster {
  rooms = new Map();
  sockets = new Set();
  unavailable = false;
  chance = { ackLost: 0, dropOnSend: 0, unavailable: 0, repeat: 0, silentEpoch: 0 };

  constructor(clock, random = () => 1) {
    this.clock = clock;
    this.random = random;
    this.WebSocket = socketClass((socket) => this.accept(socket));
  }

  room(name) {
    let room = this.rooms.get(name);
    if (!room) this.rooms.set(name, room = { name, epoch: "e1", entries: [], keys: new Map(), head: 0, at: 0, life: 1 });
    return room;
  }

  accept(socket) {
    this.sockets.add(socket);
    socket.joined = new Set();
    socket.inbox = [];
    socket.onframe = (frame) => this.handle(socket, frame);
    this.clock.setTimeout(() => socket.readyState === 0 && !this.refuse?.(socket) && socket.open(), 5);
  }

  handle(socket, frame) {
    const reply = (body) => socket.say(frame.id ? { ...body, re: frame.id } : body);
    if (frame.type === "hello") return this.hello(socket, frame);
    if (frame.type === "ping") return this.mute || reply({ type: "pong", at: this.clock.now() });
    if (frame.type === "join") return this.join(socket, frame, reply);
    if (frame.type === "leave") { socket.joined.delete(frame.room); return reply({ type: "ack" }); }
    if (frame.type === "send" || frame.type === "attach") return this.send(socket, frame, reply);
    reply({ type: "error", code: "unsupported", message: `unknown type ${frame.type}` });
  }

  hello(socket, frame) {
    if (frame.token === "bad") return socket.drop(4401, "expired");
    socket.user = { id: "g-me", name: frame.name ?? "guest", guest: true };
    if (this.identity) socket.user.id = this.identity;
    socket.say({ type: "welcome", session: "s", node: "n-1", user: socket.user, token: "t1", limits: {}, pingInterval: 25_000 });
    for (const [room, since] of Object.entries(frame.resume ?? {})) {
      if (this.refuseResume?.(room)) socket.say({ type: "error", room, code: this.refuseResume(room), message: "no" });
      else this.join(socket, { room, since }, (body) => socket.say(body));
    }
  }

  join(socket, { room: name, since, history = 50 }, reply) {
    const room = this.room(name);
    socket.joined.add(name);
    const first = room.entries[0]?.offset ?? room.head + 1;
    const recovered = Boolean(since) && since.epoch === room.epoch && since.offset >= first - 1 && since.offset <= room.head;
    const entries = recovered ? room.entries.filter((e) => e.offset > since.offset) : room.entries.slice(-history);
    reply({
      type: "joined", room: name, epoch: room.epoch, offset: room.head, at: room.at, members: [], memberCount: 1,
      entries, changes: [], recovered,
    });
  }

  send(socket, frame, reply) {
    if (this.unavailable || this.random() < this.chance.unavailable) {
      // Outcome unknown: half of the time it was stored all the same.
      if (!this.unavailable && this.random() < 0.5) this.append(frame.room, socket.user, frame.text, frame.key);
      return reply({ type: "error", code: "unavailable", message: "try again" });
    }
    if (!socket.joined.has(frame.room)) return reply({ type: "error", code: "not_member", message: "join first" });
    if (this.random() < this.chance.dropOnSend / 2) return socket.drop();
    const entry = this.append(frame.room, socket.user, frame.text, frame.key);
    if (this.random() < this.chance.dropOnSend / 2) return socket.drop();
    if (this.random() < this.chance.ackLost) return;
    reply({ type: "ack", room: frame.room, offset: entry.offset, epoch: entry.epoch, at: entry.at });
  }

  append(name, from, text, key) {
    const room = this.room(name);
    const known = key && room.keys.get(key);
    if (known) return known;
    const offset = ++room.head;
    room.at = this.clock.now();
    const entry = { type: "message", room: name, epoch: room.epoch, offset, at: room.at, from, text, key };
    room.entries.push(entry);
    if (key) room.keys.set(key, entry);
    for (const socket of this.sockets) {
      if (!socket.joined.has(name)) continue;
      socket.say(entry);
      if (this.random() < this.chance.repeat) socket.say(room.entries[Math.floor(this.random() * room.entries.length)]);
    }
    return entry;
  }

  /** The log starts a new life, without its last `lost` entries. */
  newEpoch(name, lost = 0) {
    const room = this.room(name);
    room.epoch = `e${++room.life}`;
    room.head = Math.max(0, room.head - lost);
    room.entries = room.entries.filter((entry) => entry.offset <= room.head)
      .map((entry) => ({ ...entry, epoch: room.epoch }));
    for (const [key, entry] of room.keys) {
      if (entry.offset > room.head) room.keys.delete(key);
      else room.keys.set(key, { ...entry, epoch: room.epoch });
    }
    if (this.random() < this.chance.silentEpoch) return;
    for (const socket of this.sockets) {
      if (!socket.joined.has(name)) continue;
      socket.say({
        type: "reset", room: name, epoch: room.epoch, offset: room.head, at: room.at, members: [], memberCount: 1,
        entries: room.entries.slice(-50), changes: [], recovered: false, reason: "epoch",
      });
    }
  }

  trim(name, count) {
    this.room(name).entries.splice(0, count);
  }

  get live() {
    return [...this.sockets].filter((socket) => socket.readyState === 1);
  }
}
