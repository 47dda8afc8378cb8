/**
 * martlet.js: the client library of a Martlet chat cluster, one module without dependencies.
 *
 *     import { Martlet } from "/martlet.js";
 *     const chat = new Martlet({ name: "ann" });
 *     chat.on("message", (m) => console.log(m.from.name, m.text));
 *     await chat.connect();
 *     await chat.join("lobby");
 *     await chat.send("lobby", "hello");
 *
 * What it takes care of: reconnecting with full-jitter backoff, resuming every room without a hole and without a
 * repeat, sending again (with the same key, so nothing is stored twice) what was not acknowledged.
 *
 * Events (`chat.on(name, handler)` returns a function that takes the handler off again):
 *   state      {state, attempt, retryAt?, code?, reason?}   connection: idle, connecting, online, waiting, closed
 *   identity   {user, token, renamed}                       who we are; keep the token to be the same guest next time
 *   snapshot   {room, epoch, offset, entries, changes, reason?}   discard what you have of the room and start here
 *   entry      (entry, {recovered})                         one more entry of a room: in offset order, exactly once
 *   message, edited, deleted, reacted                       the same entry, by its type
 *   room       {room, members, memberCount, topic?, readOffset?}  follows a join, a resume and a reset
 *   left       {room, reason?}                              no longer in the room: own leave, a kick, a refusal
 *   replaced   {before}                                     the old identity was refused; we are another guest now
 *   resumed    {recovered, replaced, lost}                  after a reconnect: how many rooms came back in which way
 *   presence, user, typing, read, degraded, goaway          the server's frames as they are
 *   failure    MartletError                                 an error that answers no request
 *
 * @typedef {{epoch: string, offset: number, at: number}} Position
 * @typedef {{id: string, name: string, status?: string, guest?: boolean}} User
 * @typedef {{type: string, room: string, epoch: string, offset: number, at: number, from: User, text?: string,
 *   key?: string, replyTo?: number, action?: boolean, target?: number, emoji?: string, on?: boolean,
 *   mentions?: string[], attachment?: {id: string, type: string, name: string, size: number, url?: string}}} Entry
 * @typedef {{room: string, offset: number, epoch: string, at: number}} Ack
 * @typedef {{now(): number, setTimeout(f: () => void, ms: number): any, clearTimeout(t: any): void}} Clock
 */

export const VERSION = "1.0.0";

const BACKOFF_FIRST = 1_000;
const BACKOFF_MOST = 30_000;
const WELCOME_WITHIN = 10_000;
const REPLY_WITHIN = 15_000;
/** The server forgets a key 10 minutes after storing; a repeat later than this could be stored twice. */
const KEY_HOLDS = 9 * 60_000;
const RESUME_MOST = 200;
const ROOMS_MOST = 1_000;
/** Below the server's burst of 20 frames, so that a long queue does not run into `rate_limited`. */
const IN_FLIGHT_MOST = 12;
const ENTRY_TYPES = new Set(["message", "edited", "deleted", "reacted"]);
const PASSED_ON = new Set(["presence", "user", "typing", "read"]);
const TRANSIENT = new Set(["unavailable", "rate_limited", "timeout"]);

/** An answer that is not the hoped-for one. `code` is one of the protocol's, or `offline`, `timeout`, `closed`,
 * `queue_full`, `outcome_unknown` (a send that may or may not have been stored and can't be repeated safely). */
export class MartletError extends Error {
  /** @param {string} code @param {string} message @param {{room?: string, retryAfter?: number}} [more] */
  constructor(code, message, { room, retryAfter } = {}) {
    super(message || code);
    this.name = "MartletError";
    this.code = code;
    this.room = room;
    this.retryAfter = retryAfter;
  }
}

/** Milliseconds to wait before attempt number `attempt` (from 0): anything up to a bound that doubles, 1 s to 30 s. */
export function backoff(attempt, random = Math.random) {
  return random() * Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** Math.min(attempt, 16));
}

/** What an entry is to somebody at `position`: "new", "old" (had it already) or "foreign" (of another epoch). */
export function judge(position, entry) {
  if (!position) return "new";
  if (entry.epoch !== position.epoch) return "foreign";
  return entry.offset > position.offset ? "new" : "old";
}

/** The direct room of two users: their ids in byte order (ids are ASCII, so the order of UTF-16 is the same). */
export function directRoom(a, b) {
  return a < b ? `dm:${a}:${b}` : `dm:${b}:${a}`;
}

/** A key that nobody else has: 96 random bits. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** A binary frame: header length (4 bytes, big endian), header, content. */
export function encodeAttachment(header, bytes) {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(4 + head.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, head.length);
  frame.set(head, 4);
  frame.set(bytes, 4 + head.length);
  return frame;
}

/** Where the page came from, as a WebSocket address; no default outside a browser. */
function defaultURL() {
  const here = globalThis.location;
  return here ? `${here.protocol === "https:" ? "wss" : "ws"}://${here.host}/ws` : "";
}

class Emitter {
  #handlers = new Map();

  /** @param {string} type @param {(...values: any[]) => void} handler @returns {() => void} takes it off again */
  on(type, handler) {
    const all = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, all.add(handler));
    return () => all.delete(handler);
  }

  emit(type, ...values) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) {
      try {
        handler(...values);
      } catch (error) {
        // A handler's mistake must not cost the session an entry; it still has to be seen.
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }
}

/** A room we are in, want to be in, or (direct rooms) have entries of. */
class Track {
  /** @type {Position | null} */ position = null;
  /** On this connection the server has answered for the room: sends may go out. */
  ready = false;
  attempts = 0;
  /** @type {{resolve: Function, reject: Function}[]} */ waiters = [];

  constructor(room, history) {
    this.room = room;
    this.history = history;
    this.direct = room.startsWith("dm:");
  }
}

/** One user's session with a cluster, over as many connections as it takes. */
export class Martlet extends Emitter {
  #url; #protocols; #WebSocket; #clock; #random; #outboxMost;
  #preferredName;
  #socket = null;
  #attempt = 0;
  #attemptedAsGuest = false;
  #timers = new Map();
  #heard = 0;
  #pinged = 0;
  #reconnectAt = 0;
  #lastRefusal = null;
  #nextID = 1;
  #requests = new Map();
  /** @type {Map<string, Track>} */ #rooms = new Map();
  #leaving = new Set();
  #resuming = null;
  #outbox = [];
  #connected = [];

  /** `idle`, `connecting`, `online`, `waiting` (for the next attempt, at `retryAt`) or `closed` (for good). */
  state = "idle";
  retryAt = 0;
  degraded = false;
  /** @type {User | null} */ user = null;
  /** @type {string | null} */ token = null;
  limits = {};
  node = null;
  pingInterval = 25_000;
  /** Frame types this server told us it does not know. */
  unsupported = new Set();

  /**
   * @param {{url?: string, token?: string | null, name?: string, WebSocket?: any, protocols?: string[],
   *   clock?: Clock, random?: () => number, outboxMost?: number}} [options]
   *   `url`: ws(s)://host/ws, by default of the page's own host; `WebSocket`: the constructor, for Node below 22.
   */
  constructor(options = {}) {
    super();
    this.#url = options.url ?? defaultURL();
    this.#protocols = options.protocols ?? [];
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.#clock = options.clock ?? {
      now: () => Date.now(),
      setTimeout: (f, ms) => setTimeout(f, ms),
      clearTimeout: (timer) => clearTimeout(timer),
    };
    this.#random = options.random ?? Math.random;
    this.#outboxMost = options.outboxMost ?? 200;
    this.#preferredName = options.name;
    this.token = options.token ?? null;
  }

  // The connection

  /** Opens the session and keeps it open. Resolves at the first welcome; rejects only when refused for good. */
  connect() {
    if (this.state === "online") return Promise.resolve(this.user);
    const done = new Promise((resolve, reject) => this.#connected.push({ resolve, reject }));
    if (this.state === "idle" || this.state === "closed") this.#open();
    return done;
  }

  /** Ends the session. Whatever was not answered is rejected with `closed`. */
  close() {
    const socket = this.#detach();
    socket?.close(1000);
    this.#end(new MartletError("closed", "the session was closed"));
  }

  /** While waiting: tries again at once. */
  retryNow() {
    if (this.state === "waiting") this.#open();
  }

  /** Asks whether the connection still lives (a page that wakes up should); a dead one is replaced in `within` ms. */
  check(within = 5_000) {
    if (this.state === "waiting") return this.#open();
    if (this.state !== "online") return;
    const asked = this.#clock.now();
    this.#transmit({ type: "ping" });
    this.#timer("check", within, () => this.#heard < asked && this.#lost("no answer"));
  }

  #open() {
    this.#clearTimers();
    this.#setState("connecting");
    this.#lastRefusal = null;
    this.#reconnectAt = 0;
    let socket;
    try {
      socket = new this.#WebSocket(this.#url, this.#protocols);
    } catch (error) {
      this.#end(new MartletError("bad_url", `can't connect to ${this.#url}: ${error.message}`));
      return;
    }
    this.#socket = socket;
    const current = (handler) => (event) => { if (this.#socket === socket) handler(event); };
    socket.onopen = current(() => this.#hello());
    socket.onmessage = current((event) => this.#receive(event.data));
    socket.onclose = current((event) => this.#closed(event.code, event.reason));
    socket.onerror = () => {};
    this.#timer("welcome", WELCOME_WITHIN, () => this.#lost("no welcome"));
  }

  #hello() {
    const tracks = [...this.#rooms.values()].filter((track) => track.position).slice(-RESUME_MOST);
    this.#resuming = { rooms: new Set(tracks.map((track) => track.room)), recovered: 0, replaced: 0, lost: 0 };
    const hello = { type: "hello", client: { name: "martlet.js", version: VERSION } };
    if (this.token) hello.token = this.token;
    const name = this.user?.guest === false ? undefined : this.user?.name ?? this.#preferredName;
    if (name) hello.name = name;
    if (tracks.length) hello.resume = Object.fromEntries(tracks.map((track) => [track.room, track.position]));
    this.#transmit(hello);
  }

  #transmit(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  #detach() {
    const socket = this.#socket;
    this.#socket = null;
    this.#clearTimers();
    return socket;
  }

  /** The connection is of no use any more, whatever the socket thinks. */
  #lost(reason) {
    const socket = this.#detach();
    try { socket?.close(); } catch { /* it was never open */ }
    this.#closed(1006, reason);
  }

  #closed(code, reason) {
    this.#detach();
    this.#degrade(false);
    for (const track of this.#rooms.values()) track.ready = false;
    this.#leaving.clear();
    this.#rejectRequests(new MartletError("offline", "the connection was lost"));
    for (const item of this.#outbox) item.inFlight = false;
    if (code === 4403) return this.#end(new MartletError("banned", reason || "banned from this server"), code);
    if (code === 4400 && this.#lastRefusal?.code === "bad_name") return this.#end(this.#lastRefusal, code);
    if (code === 4401) {
      if (!this.token || this.#attemptedAsGuest) return this.#end(new MartletError("unauthorized", reason), code);
      this.#attemptedAsGuest = true;
      this.token = null;
      return this.#open();
    }
    const left = this.#reconnectAt - this.#clock.now();
    const delay = this.#reconnectAt ? Math.max(0, left) : backoff(this.#attempt++, this.#random);
    this.retryAt = this.#clock.now() + delay;
    this.#setState("waiting", { retryAt: this.retryAt, code, reason });
    this.#timer("retry", delay, () => this.#open());
  }

  #end(error, code) {
    this.#setState("closed", { code, reason: error.message, error });
    this.#rejectRequests(error);
    for (const item of this.#outbox.splice(0)) item.reject(error);
    for (const track of this.#rooms.values()) for (const waiter of track.waiters.splice(0)) waiter.reject(error);
    for (const waiter of this.#connected.splice(0)) waiter.reject(error);
  }

  #setState(state, more = {}) {
    this.state = state;
    this.emit("state", { state, attempt: this.#attempt, ...more });
  }

  #cancel(name) {
    this.#clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #timer(name, ms, action) {
    this.#cancel(name);
    this.#timers.set(name, this.#clock.setTimeout(() => { this.#timers.delete(name); action(); }, ms));
  }

  #clearTimers() {
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  // A ping after one interval of silence, a new connection after one more. Counting from our own ping and not from the
  // last frame matters: browsers run a hidden page's timers as rarely as once a minute.
  #watch() {
    this.#timer("watch", this.pingInterval / 5, () => {
      const now = this.#clock.now();
      if (this.#pinged && now - this.#pinged >= this.pingInterval) return this.#lost("silence");
      if (!this.#pinged && now - this.#heard >= this.pingInterval) {
        this.#pinged = now;
        this.#transmit({ type: "ping" });
      }
      this.#watch();
    });
  }

  // Frames

  #receive(data) {
    this.#heard = this.#clock.now();
    this.#pinged = 0;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // nothing a client could do about it; the server's frames are JSON
    }
    if (typeof frame !== "object" || frame === null) return;
    if (ENTRY_TYPES.has(frame.type)) this.#entry(frame);
    else if (PASSED_ON.has(frame.type)) this.emit(frame.type, frame);
    else if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "joined" || frame.type === "reset") this.#arrive(frame);
    else if (frame.type === "kicked") this.#forget(frame.room, new MartletError("kicked", frame.reason ?? ""));
    else if (frame.type === "degraded") this.#degrade(frame.on === true, frame);
    else if (frame.type === "goaway") this.#goAway(frame);
    this.#answer(frame);
  }

  #answer(frame) {
    const request = this.#requests.get(frame.re);
    if (request) this.#requests.delete(frame.re);
    if (frame.type !== "error") return request?.resolve(frame);
    const error = new MartletError(frame.code, frame.message, frame);
    if (request) return request.reject(error);
    if (this.state === "connecting") this.#lastRefusal = error;
    const track = this.#rooms.get(frame.room);
    if (track && this.#resuming?.rooms.has(frame.room)) return this.#joinFailed(track, error);
    this.emit("failure", error);
  }

  #welcome(frame) {
    const before = this.user;
    const wanted = before?.name ?? this.#preferredName;
    if (before && before.id !== frame.user.id) this.#becomeSomebodyElse();
    Object.assign(this, { user: frame.user, token: frame.token ?? this.token, node: frame.node });
    this.limits = frame.limits ?? {};
    if (frame.pingInterval > 0) this.pingInterval = frame.pingInterval;
    this.#cancel("welcome");
    // Only a connection that lasts starts the backoff anew; else a flapping server would be hit every second.
    this.#timer("stable", 10_000, () => { this.#attempt = 0; this.#attemptedAsGuest = false; });
    this.#watch();
    if (this.#resuming.rooms.size === 0) this.#resuming = null;
    this.#setState("online", { resuming: this.#resuming !== null });
    this.emit("identity", { user: this.user, token: this.token, renamed: Boolean(wanted) && wanted !== frame.user.name });
    for (const waiter of this.#connected.splice(0)) waiter.resolve(this.user);
    for (const track of this.#rooms.values()) if (!this.#resuming?.rooms.has(track.room)) this.#askToJoin(track);
    this.#flush();
  }

  /** A new identity: another's direct rooms are none of ours, and a repeated key would not be recognised. */
  #becomeSomebodyElse() {
    const error = new MartletError("outcome_unknown", "the session goes on as somebody else; it may have been sent");
    for (const item of this.#outbox.filter((item) => item.sentFirst || item.frame.room?.startsWith("dm:"))) {
      this.#settle(item, error);
    }
    for (const track of [...this.#rooms.values()].filter((track) => track.direct)) {
      this.#leaving.add(track.room); // its resume was asked for already: whatever comes is not for us
      this.#forget(track.room, error);
    }
    this.emit("replaced", { before: this.user });
  }

  #degrade(on, frame) {
    if (this.degraded === on) return;
    this.degraded = on;
    this.emit("degraded", frame ?? { type: "degraded", on });
    if (on) return;
    for (const item of this.#outbox) item.notBefore = 0;
    this.#flush();
  }

  #goAway(frame) {
    const after = Math.max(0, frame.reconnectAfter ?? 0);
    this.#reconnectAt = this.#clock.now() + after;
    this.emit("goaway", frame);
    this.#timer("goaway", after, () => {
      const socket = this.#detach();
      socket?.close(1000);
      this.#closed(1001, frame.reason);
    });
  }

  // Rooms

  /** The rooms we are in (direct ones included). */
  get rooms() {
    return [...this.#rooms.keys()];
  }

  /** The position of the last entry we have of a room. @returns {Position | null} */
  position(room) {
    return this.#rooms.get(room)?.position ?? null;
  }

  /** Joins now, or as soon as there is a connection, and again after each reconnect. Resolves with `joined`. */
  join(room, { history = 50 } = {}) {
    if (this.state === "closed") return Promise.reject(new MartletError("closed", "the session was closed"));
    let track = this.#rooms.get(room);
    if (!track) {
      if (this.#rooms.size >= ROOMS_MOST) return Promise.reject(new MartletError("too_many", "too many rooms"));
      this.#rooms.set(room, track = new Track(room, history));
    }
    const done = new Promise((resolve, reject) => track.waiters.push({ resolve, reject }));
    this.#leaving.delete(room);
    if (this.state === "online" && !this.#resuming?.rooms.has(room)) this.#askToJoin(track);
    return done;
  }

  /** Leaves; a room still being joined, too. */
  async leave(room) {
    this.#forget(room, new MartletError("left", "left the room"), false);
    if (this.state !== "online") return;
    this.#leaving.add(room);
    try {
      await this.request({ type: "leave", room });
    } catch (error) {
      if (error.code !== "offline") throw error; // without a connection there is nothing left to leave
    } finally {
      this.#leaving.delete(room);
    }
  }

  #askToJoin(track) {
    const { room, history, position } = track;
    this.request(position ? { type: "join", room, since: position } : { type: "join", room, history })
      .catch((error) => this.#rooms.get(room) === track && this.#joinFailed(track, error));
  }

  #joinFailed(track, error) {
    if (error.code === "offline" || error.code === "closed") return; // the next connection asks again
    if (TRANSIENT.has(error.code)) {
      this.#resumed(track.room, null);
      const delay = Math.max(error.retryAfter ?? 0, backoff(track.attempts++, this.#random));
      this.#timer(`join ${track.room}`, delay, () => this.#rooms.get(track.room) === track && this.#askToJoin(track));
      return;
    }
    this.#forget(track.room, error);
  }

  #forget(room, error, tell = true) {
    const track = this.#rooms.get(room);
    if (!track) return;
    this.#rooms.delete(room);
    for (const waiter of track.waiters.splice(0)) waiter.reject(error);
    for (const item of this.#outbox.filter((item) => item.frame.room === room)) this.#settle(item, error);
    this.emit("left", tell ? { room, reason: error.code, message: error.message } : { room });
    this.#resumed(room, "lost");
  }

  #arrive(frame) {
    if (this.#leaving.has(frame.room)) return;
    const track = this.#rooms.get(frame.room) ?? new Track(frame.room, 50);
    this.#rooms.set(frame.room, track);
    const { room, epoch, offset, at } = frame;
    const had = track.position;
    const recovered = frame.type === "joined" && frame.recovered === true && had?.epoch === epoch;
    const { entries = [], changes = [], members = [], memberCount = members.length, topic, readOffset } = frame;
    const fresh = recovered ? entries.filter((entry) => judge(had, entry) === "new") : entries;
    track.position = recovered && had.offset > offset ? had : { epoch, offset, at };
    track.ready = true;
    track.attempts = 0;
    if (!recovered) this.emit("snapshot", { room, epoch, offset, entries, changes, reason: frame.reason });
    if (recovered) for (const entry of fresh) this.#deliver(entry, true);
    for (const entry of fresh) this.#echoed(entry);
    this.emit("room", { room, members, memberCount, topic, readOffset });
    if (recovered) {
      // Nothing is missing, so what is not among the entries was not stored: its key's age no longer matters.
      for (const item of this.#outbox) if (item.frame.room === room && !item.inFlight) item.sentFirst = 0;
    }
    for (const waiter of track.waiters.splice(0)) waiter.resolve(frame);
    this.#resumed(room, recovered ? "recovered" : "replaced");
    this.#flush();
  }

  #resumed(room, how) {
    const resuming = this.#resuming;
    if (!resuming?.rooms.delete(room)) return;
    if (how) resuming[how] += 1;
    if (resuming.rooms.size) return;
    this.#resuming = null;
    this.emit("resumed", { recovered: resuming.recovered, replaced: resuming.replaced, lost: resuming.lost });
  }

  #entry(entry) {
    let track = this.#rooms.get(entry.room);
    if (!track) {
      // Entries of direct rooms come unasked; of any other room they are stragglers of one we left.
      if (!entry.room.startsWith("dm:") || this.#leaving.has(entry.room)) return;
      this.#evict();
      this.#rooms.set(entry.room, track = new Track(entry.room, 50));
      track.ready = true;
    }
    if (!track.position && !track.direct) return;
    const verdict = judge(track.position, entry);
    if (verdict === "foreign") {
      // The server announces a new epoch with `reset`; whoever did not hear it asks.
      if (track.ready) { track.ready = false; this.#askToJoin(track); }
      return;
    }
    if (verdict === "new") {
      const { epoch, offset, at } = entry;
      track.position = { epoch, offset, at };
      this.#deliver(entry, false);
    }
    this.#echoed(entry);
  }

  #deliver(entry, recovered) {
    this.emit("entry", entry, { recovered });
    this.emit(entry.type, entry, { recovered });
  }

  #evict() {
    if (this.#rooms.size < ROOMS_MOST) return;
    const oldest = [...this.#rooms.values()].find((track) => track.direct);
    if (oldest) this.#forget(oldest.room, new MartletError("too_many", "too many direct conversations"));
  }

  // Sending

  /** Sends to a room we are in. Resolves once stored; queued while there is no connection. @returns {Promise<Ack>} */
  send(room, text, { key = newKey(), replyTo, action } = {}) {
    return this.#enqueue({ type: "send", room, text, key, replyTo, action });
  }

  /** Sends to a user, by id. @returns {Promise<Ack>} whose `room` is the direct room */
  direct(to, text, { key = newKey(), replyTo, action } = {}) {
    return this.#enqueue({ type: "send", to, text, key, replyTo, action });
  }

  /** Sends a file. @param {{room: string} | {to: string}} target @param {Uint8Array} bytes @returns {Promise<Ack>} */
  attach(target, bytes, { name, mediaType = "application/octet-stream", text, key = newKey() }) {
    return this.#enqueue({ type: "attach", ...target, name, mediaType, key, text }, bytes);
  }

  /** How many sends wait for their acknowledgement. */
  get unsent() {
    return this.#outbox.length;
  }

  #enqueue(frame, bytes) {
    if (this.state === "closed") return Promise.reject(new MartletError("closed", "the session was closed"));
    if (this.#outbox.length >= this.#outboxMost) {
      return Promise.reject(new MartletError("queue_full", `${this.#outboxMost} messages wait to be sent already`));
    }
    return new Promise((resolve, reject) => {
      this.#outbox.push({ frame, bytes, resolve, reject, inFlight: false, sentFirst: 0, notBefore: 0, tries: 0 });
      this.#flush();
    });
  }

  #flush() {
    if (this.state !== "online") return;
    const now = this.#clock.now();
    const held = new Set(); // targets in which an earlier one waits: later ones must not overtake it
    let flying = this.#outbox.filter((item) => item.inFlight).length;
    let wake = Infinity;
    for (const item of [...this.#outbox]) {
      if (item.inFlight || flying >= IN_FLIGHT_MOST) continue;
      const target = item.frame.room ?? `to ${item.frame.to}`;
      const track = this.#rooms.get(item.frame.room);
      if (held.has(target) || (track && !track.ready)) continue;
      if (item.notBefore > now) {
        held.add(target);
        wake = Math.min(wake, item.notBefore);
      } else if (item.sentFirst && now - item.sentFirst > KEY_HOLDS) {
        this.#settle(item, new MartletError("outcome_unknown", "no answer came; it may have been sent", item.frame));
      } else {
        flying += 1;
        this.#sendItem(item, now);
      }
    }
    if (wake < Infinity) this.#timer("flush", wake - now, () => this.#flush());
  }

  #sendItem(item, now) {
    item.inFlight = true;
    item.sentFirst ||= now;
    this.request(item.frame, item.bytes).then(
      (ack) => this.#settle(item, null, ack),
      (error) => this.#sendFailed(item, error),
    );
  }

  #sendFailed(item, error) {
    item.inFlight = false;
    if (error.code === "offline") return;
    const track = this.#rooms.get(item.frame.room);
    if (error.code === "not_member" && track && item.tries < 3) {
      track.ready = false;
      this.#askToJoin(track);
    } else if (!TRANSIENT.has(error.code)) {
      return this.#settle(item, error);
    }
    item.notBefore = this.#clock.now() + Math.max(error.retryAfter ?? 0, backoff(item.tries, this.#random));
    item.tries += 1;
    this.#flush();
  }

  /** Our own message came by: it is stored, whether or not its `ack` reaches us. */
  #echoed(entry) {
    if (!entry.key || entry.from?.id !== this.user?.id) return;
    const item = this.#outbox.find((one) => one.frame.key === entry.key);
    if (item) this.#settle(item, null, { room: entry.room, offset: entry.offset, epoch: entry.epoch, at: entry.at });
  }

  #settle(item, error, ack) {
    const index = this.#outbox.indexOf(item);
    if (index < 0) return;
    this.#outbox.splice(index, 1);
    if (error) item.reject(error);
    else item.resolve(ack);
    this.#flush();
  }

  // Requests

  /** Sends any frame and resolves with its reply. Rejects with `offline` when there is no connection. */
  request(frame, bytes) {
    if (this.state !== "online") return Promise.reject(new MartletError("offline", "there is no connection"));
    const id = String(this.#nextID++);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#requests.delete(id);
        reject(new MartletError("timeout", "the server did not answer in time", frame));
      }, REPLY_WITHIN);
      const end = (settle) => (value) => { this.#clock.clearTimeout(timer); settle(value); };
      this.#requests.set(id, {
        resolve: end(resolve),
        reject: end((error) => {
          if (error.code === "unsupported") this.unsupported.add(frame.type);
          reject(error);
        }),
      });
      const full = { ...frame, id };
      this.#transmit(bytes ? encodeAttachment(full, bytes) : full);
    });
  }

  #rejectRequests(error) {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of all) request.reject(error);
  }

  /** Changes our name. Rejects with `name_taken`. */
  async nick(name) {
    const ack = await this.request({ type: "nick", name });
    this.user = { ...this.user, name: ack.name ?? name };
    this.emit("identity", { user: this.user, token: this.token, renamed: false });
    return ack;
  }

  /** A page of a room's log, oldest first: before or after an offset, or the latest. */
  history(room, { before, after, limit } = {}) { return this.request({ type: "history", room, before, after, limit }); }

  /** A page of who is in a room, or of everyone online. */
  who(room, { after, limit } = {}) { return this.request({ type: "who", room, after, limit }); }

  /** A page of the public rooms. */
  listRooms({ after } = {}) { return this.request({ type: "rooms", after }); }

  /** The direct conversations with what is unread in them. */
  inbox() { return this.request({ type: "inbox" }); }

  ping() { return this.request({ type: "ping" }); }
  edit(room, offset, text) { return this.request({ type: "edit", room, offset, text }); }
  delete(room, offset) { return this.request({ type: "delete", room, offset }); }
  react(room, offset, emoji, on = true) { return this.request({ type: "react", room, offset, emoji, on }); }
  read(room, offset) { return this.request({ type: "read", room, offset }); }
  typing(room, on) { return this.request({ type: "typing", room, on }); }
  status(status, text) { return this.request({ type: "status", status, text }); }
  refresh(token) { return this.request({ type: "refresh", token }).then((ack) => { this.token = token; return ack; }); }
}
