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
 * repeat, sending again (with the same key, so nothing is stored twice) what was not acknowledged, fetching a new token
 * before the old one ends, and an HTTP stream where WebSockets are blocked.
 *
 * Events (`chat.on(name, handler)` returns a function that takes the handler off again; `chat.events(name)` is the same
 * for `for await`):
 *   state      {state, attempt, via?, retryAt?, code?, reason?}   connection: idle, connecting, online, waiting, closed
 *   identity   {user, token, renamed}                       who we are; keep the token to be the same guest next time
 *   snapshot   {room, epoch, offset, entries, changes, reason?}   discard what you have of the room and start here
 *   entry      (entry, {recovered})                         one more entry of a room: in offset order, exactly once
 *   message, edited, deleted, reacted                       the same entry, by its type
 *   room       {room, members, memberCount, readOffset?, role, topic?, access, announcement, slowMode}
 *                                                           follows a join, a resume and a reset
 *   configured {room, topic?, access, announcement, slowMode, role?}  the room is set up otherwise, or we are something else in it
 *   kicked     {room, reason?}                              we were removed from the room; `left` follows
 *   invited    {room, by}                                   somebody let us into a room
 *   left       {room, reason?}                              no longer in the room: own leave, a kick, a refusal
 *   replaced   {before}                                     the old identity was refused; we are another guest now
 *   resumed    {recovered, replaced, lost}                  after a reconnect: how many rooms came back in which way
 *   presence, user, typing, read, mention, degraded, goaway the server's frames as they are
 *   refreshed  {expiresAt}                                  the token was replaced while connected
 *   failure    MartletError                                 an error that answers no request
 *
 * @typedef {{epoch: string, offset: number, at: number}} Position
 * @typedef {{id: string, name: string, status?: string, guest?: boolean, operator?: boolean}} User `operator`: of the cluster; told of oneself only
 * @typedef {{type: string, room: string, epoch: string, offset: number, at: number, from: User, text?: string,
 *   key?: string, replyTo?: number, action?: boolean, target?: number, emoji?: string, on?: boolean,
 *   mentions?: string[], attachment?: {id: string, type: string, name: string, size: number, url?: string}}} Entry
 * @typedef {{room: string, offset: number, epoch: string, at: number}} Ack
 * @typedef {{now(): number, setTimeout(f: () => void, ms: number): any, clearTimeout(t: any): void}} Clock
 */

export const VERSION = "1.0.0";

// -- Bounds and times --

const BACKOFF_FIRST = 1_000;
const BACKOFF_MOST = 30_000;
const WELCOME_WITHIN = 10_000;
/** A WebSocket that says nothing for so long is taken to be blocked on the way. */
const FALL_BACK_AFTER = 2_500;
/** For how long a client that needed the stream does not try a WebSocket again. */
const STREAM_REMEMBERED = 60 * 60_000;
/** Where WebSockets have worked, this many failures in a row make a client try the stream. */
const FAILURES_BEFORE_STREAM = 3;
const REPLY_WITHIN = 15_000;
/** Bytes a millisecond: a file on a slower line is given up, and sent again. */
const SLOWEST = 10;
const REQUESTS_MOST = 1_000;
/** Below the server's 64 KiB for a body; a single larger frame goes alone. */
const POST_BYTES = 32 * 1_024;
/** A POST that failed so often in a row: the way is blocked for it, though the stream still flows. */
const POST_TRIES = 8;
/** More than any frame of the server's: what exceeds it is not a Martlet node. */
const EVENT_CHARACTERS = 1_048_576;
/** Timers hold 31 bits. */
const TIMER_MOST = 2_000_000_000;
/** The server forgets a key 10 minutes after storing; a repeat later than this could be stored twice. */
const KEY_HOLDS = 9 * 60_000;
const RESUME_MOST = 200;
const ROOMS_MOST = 1_000;
/** Below the server's burst of 20 frames, so that a long queue does not run into `rate_limited`. */
const IN_FLIGHT_MOST = 12;
const ENTRY_TYPES = new Set(["message", "edited", "deleted", "reacted"]);
const PASSED_ON = new Set(["presence", "typing", "read", "mention", "invited"]);
/** Closed by the node itself, so nothing on the way blocked it. */
const NODES_OWN_CODES = new Set([1001, 1011, 1012, 1013]);
const TRANSIENT = new Set(["unavailable", "rate_limited", "timeout"]);

// -- Errors, and what is a function of its arguments --

/** An answer that is not the hoped-for one. `code` is one of the protocol's, or `offline`, `timeout`, `closed`,
 * `queue_full`, `overflow`, `outcome_unknown` (a send that may or may not have been stored and can't be repeated safely). */
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

/** The stream beside a WebSocket address: `wss://host/ws` → `https://host/stream`. */
function streamURL(url) {
  const stream = new URL(url);
  stream.protocol = stream.protocol.replace("ws", "http");
  stream.pathname = stream.pathname.replace(/\/(ws)?$/, "/stream");
  return stream.href;
}

// -- Connections: a WebSocket, or a stream and posts --

/**
 * A connection over a WebSocket. What it reports stops once it was detached.
 *
 * @typedef {{hello: () => object, message: (text: string) => void, closed: (code: number, reason: string) => void}} LinkOwner
 */
class SocketLink {
  via = "websocket";
  /** The browser answers the server's pings: we only ask when nothing was heard. */
  idleLimit = Infinity;
  #socket;

  /** @param {LinkOwner} owner */
  constructor(WebSocket, url, protocols, owner) {
    const socket = this.#socket = new WebSocket(url, protocols);
    const attached = (handler) => (event) => { if (this.#socket) handler(event); };
    socket.onopen = attached(() => this.send(owner.hello()));
    socket.onmessage = attached((event) => owner.message(event.data));
    socket.onclose = attached((event) => owner.closed(event.code, event.reason));
    socket.onerror = () => {};
  }

  /** @param {object | Uint8Array} frame */
  send(frame) {
    if (this.#socket?.readyState !== 1) return;
    this.#socket.send(frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  /** Bytes that were handed over and have not left yet. */
  get buffered() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  welcomed() {}

  close(code) {
    const socket = this.#socket;
    this.#socket = null;
    try { socket?.close(code); } catch { /* it was never open */ }
  }
}

/** Splits a `text/event-stream` into events. */
export class EventParser {
  #rest = "";
  #data = [];
  #event = "message";

  /** @param {(event: string, data: string) => void} deliver */
  constructor(deliver) {
    this.deliver = deliver;
  }

  /** @param {string} text the next piece, cut anywhere @returns {boolean} false when an event is too long to be ours */
  push(text) {
    this.#rest += text;
    let start = 0;
    for (let end = this.#rest.indexOf("\n"); end >= 0; end = this.#rest.indexOf("\n", start)) {
      this.#line(this.#rest.slice(start, end).replace(/\r$/, ""));
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
    return this.#rest.length <= EVENT_CHARACTERS && this.#data.length <= 1_000;
  }

  #line(line) {
    if (line === "") {
      if (this.#data.length) this.deliver(this.#event, this.#data.join("\n"));
      this.#data = [];
      this.#event = "message";
    } else if (line.startsWith("data:")) {
      this.#data.push(line.slice(line[5] === " " ? 6 : 5));
    } else if (line.startsWith("event:")) {
      this.#event = line.slice(6).trim();
    }
  }
}

/** A connection over HTTP: one endless response brings the server's frames, numbered POSTs carry ours. */
class StreamLink {
  via = "stream";
  /** The status that refused the stream, when one did. */
  status = 0;
  #abort = new AbortController();
  #owner; #url; #fetch; #clock; #random; #interval;
  #path = null;
  #key = "";
  #waiting = [];
  #posting = false;
  #posted = null;
  #number = 0;

  /** @param {LinkOwner} owner */
  constructor(url, { fetch, clock, random, pingInterval }, owner) {
    Object.assign(this, { idleLimit: pingInterval });
    this.#owner = owner;
    this.#url = url;
    this.#fetch = fetch;
    this.#clock = clock;
    this.#random = random;
    this.#run();
  }

  async #run() {
    try {
      const response = await this.#post(this.#url, JSON.stringify(this.#owner.hello()), { accept: "text/event-stream" });
      if (!response.ok || !response.body) {
        this.status = response.status;
        return this.#end(1006, `the stream was refused with ${response.status}`);
      }
      await this.#read(response.body.getReader());
      this.#end(1006, "the stream ended");
    } catch (error) {
      this.#end(1006, error.message);
    }
    return undefined;
  }

  async #read(reader) {
    const decoder = new TextDecoder();
    const parser = new EventParser((event, data) => this.#event(event, data));
    for (;;) {
      const { value, done } = await reader.read();
      if (done || !this.#owner) return;
      if (!parser.push(decoder.decode(value, { stream: true }))) return;
    }
  }

  #event(event, data) {
    if (event !== "close") return this.#owner?.message(data);
    let close = {};
    try { close = JSON.parse(data); } catch { /* closed without saying why */ }
    return this.#end(close.code ?? 1006, close.reason ?? "");
  }

  #post(url, body, headers) {
    return this.#fetch(url, {
      method: "POST", body, headers: { "content-type": "application/json", ...headers }, cache: "no-store",
      credentials: "same-origin", signal: this.#abort.signal,
    });
  }

  /** From the welcome on there is somewhere to post to. */
  welcomed({ session, streamKey, pingInterval }) {
    this.#path = `${this.#url}/${encodeURIComponent(session)}`;
    this.#key = streamKey ?? "";
    if (pingInterval > 0) this.idleLimit = pingInterval;
    this.#pump();
  }

  /** Bytes of files that no node has taken yet. */
  get buffered() {
    return [...this.#waiting, this.#posted].reduce((sum, body) => sum + (body instanceof Uint8Array ? body.length : 0), 0);
  }

  /** @param {object | Uint8Array} frame */
  send(frame) {
    this.#waiting.push(frame instanceof Uint8Array ? frame : JSON.stringify(frame));
    this.#pump();
  }

  // One POST at a time, with all that waits: the order is ours, and repeating one that got no answer is simple.
  async #pump() {
    if (this.#posting || !this.#path || !this.#waiting.length) return;
    this.#posting = true;
    const body = this.#posted = this.#batch();
    this.#number += 1;
    for (let tries = 0; this.#owner; tries++) {
      if (tries === POST_TRIES) return this.#end(1006, "nothing we say gets through");
      const status = await this.#attempt(body);
      if (status >= 200 && status < 300) break;
      if (status !== 0 && status < 500 && status !== 429) {
        return this.#end(1006, status === 404 ? "the session has ended" : `a frame was refused with ${status}`);
      }
      await new Promise((resolve) => this.#clock.setTimeout(resolve, backoff(tries, this.#random)));
    }
    this.#posting = false;
    this.#posted = null;
    return this.#pump();
  }

  /** A file goes alone, frames together. */
  #batch() {
    const frames = [this.#waiting.shift()];
    if (frames[0] instanceof Uint8Array) return frames[0];
    let bytes = frames[0].length;
    while (typeof this.#waiting[0] === "string" && bytes + this.#waiting[0].length < POST_BYTES / 3) {
      bytes += this.#waiting[0].length;
      frames.push(this.#waiting.shift());
    }
    return frames.join("\n");
  }

  /** The status, or 0 when there was no answer. */
  async #attempt(body) {
    try {
      const answer = await this.#post(this.#path, body, {
        "martlet-stream-key": this.#key, "martlet-seq": String(this.#number),
        ...(body instanceof Uint8Array && { "content-type": "application/octet-stream" }),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  #end(code, reason) {
    const owner = this.#owner;
    this.close();
    owner?.closed(code, reason);
  }

  close() {
    this.#owner = null;
    this.#abort.abort();
  }
}

/** Where it is remembered that only the stream gets through: in a browser over visits, elsewhere for this process. */
function streamMemory(url) {
  const key = `martlet.stream ${url}`;
  let until = 0;
  try { until = Number(globalThis.localStorage?.getItem(key) ?? 0); } catch { /* a private window */ }
  return {
    get until() { return until; },
    set until(time) {
      until = time;
      try {
        if (time) globalThis.localStorage?.setItem(key, String(time));
        else globalThis.localStorage?.removeItem(key);
      } catch { /* see above */ }
    },
  };
}

// -- Events --

class Emitter {
  #handlers = new Map();

  /** @param {string} type @param {(...values: any[]) => void} handler @returns {() => void} takes it off again */
  on(type, handler) {
    const all = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, all.add(handler));
    return () => all.delete(handler);
  }

  /**
   * The events of a type as they come, for `for await`. Ends with the session (`close`), or when `signal` aborts.
   * A reader that falls `limit` events behind gets an `overflow` error instead of a silent hole.
   *
   * @param {string} type @param {{room?: string, signal?: AbortSignal, limit?: number}} [options] `room`: only of this one
   * @returns {AsyncIterableIterator<any>}
   */
  events(type, { room, signal, limit = 1_000 } = {}) {
    const buffered = [];
    let waiting = null;
    let end = null;
    const offs = [];
    const finish = (error) => {
      end ??= { error };
      for (const off of offs.splice(0)) off();
      signal?.removeEventListener("abort", stop);
      if (waiting) { const { resolve, reject } = waiting; waiting = null; error ? reject(error) : resolve({ value: undefined, done: true }); }
    };
    const stop = () => finish(null);
    offs.push(this.on(type, (value) => {
      if (room !== undefined && value?.room !== room) return;
      if (waiting) { waiting.resolve({ value, done: false }); waiting = null; }
      else if (buffered.length >= limit) finish(new MartletError("overflow", `the reader is ${limit} events behind`));
      else buffered.push(value);
    }));
    if (type !== "state") offs.push(this.on("state", ({ state }) => { if (state === "closed") finish(null); }));
    if (signal?.aborted) finish(null);
    else signal?.addEventListener("abort", stop);
    return {
      [Symbol.asyncIterator]() { return this; },
      next() {
        if (buffered.length) return Promise.resolve({ value: buffered.shift(), done: false });
        if (end?.error) { const { error } = end; end = { error: null }; return Promise.reject(error); }
        if (end) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve, reject) => { waiting = { resolve, reject }; });
      },
      return() { finish(null); buffered.length = 0; return Promise.resolve({ value: undefined, done: true }); },
    };
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

// -- What a session keeps --

/** The server's limit of frames, kept from this side: so many at once, and so many a second. */
class Pace {
  #burst; #each; #full;

  /** @param {{burst?: number, framesPerSecond?: number}} [limits] without them nothing is held back */
  constructor({ burst = 0, framesPerSecond = 0 } = {}, now = 0) {
    // A little less than allowed: the two clocks differ, and frames that were held up on the way arrive together.
    this.#burst = Math.max(1, burst - 4);
    this.#each = burst > 0 && framesPerSecond > 0 ? 1_000 / (framesPerSecond * 0.9) : 0;
    this.#full = now;
  }

  /** Takes leave to send one frame. @returns {number} milliseconds to wait before asking again, or 0 */
  take(now) {
    if (!this.#each) return 0;
    const from = Math.max(now, this.#full);
    const wait = from - now - this.#each * (this.#burst - 1);
    if (wait > 0) return Math.ceil(wait);
    this.#full = from + this.#each;
    return 0;
  }
}

/** A room we are in, want to be in, or (direct rooms) have entries of. */
class Track {
  /** @type {Position | null} */ position = null;
  /** On this connection the server has answered for the room: sends may go out. */
  ready = false;
  /** The answer to a join is on its way. */
  asking = false;
  attempts = 0;
  /** @type {{resolve: Function, reject: Function}[]} */ waiters = [];

  constructor(room, history) {
    this.room = room;
    this.history = history;
    this.direct = room.startsWith("dm:");
  }
}

// -- The session --

/** One user's session with a cluster, over as many connections as it takes. */
export class Martlet extends Emitter {
  #url; #protocols; #WebSocket; #fetch; #transport; #memory; #clock; #random; #outboxMost; #getToken;
  #preferredName;
  /** @type {SocketLink | StreamLink | null} */ #link = null;
  /** WebSockets get through from here. */
  #socketWorked = false;
  #streamMissing = false;
  #failures = 0;
  #said = 0;
  #pace = new Pace();
  #paced = [];
  /** Nothing has come over this connection yet. */
  #unheard = true;
  #attempt = 0;
  #attemptedAsGuest = false;
  #tokenRefused = false;
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
  /** When the token ends (ms since 1970), or 0 when it does not. */
  expiresAt = 0;
  /** `websocket` or `stream`: what the connection is made of. @type {string | null} */ via = null;
  limits = {};
  node = null;
  pingInterval = 25_000;
  /** Frame types this server told us it does not know. */
  unsupported = new Set();

  /**
   * @param {{url?: string, token?: string | null, name?: string, getToken?: () => Promise<string | null>,
   *   transport?: "auto" | "websocket" | "stream", WebSocket?: any, fetch?: typeof fetch, protocols?: string[],
   *   clock?: Clock, random?: () => number, outboxMost?: number}} [options]
   *   `url`: ws(s)://host/ws, by default of the page's own host; `getToken`: asked for a token when there is none and
   *   whenever one ends or is refused; `transport`: auto tries a WebSocket and falls back to the HTTP stream;
   *   `WebSocket`: the constructor, for Node below 22.
   */
  constructor(options = {}) {
    super();
    this.#url = options.url ?? defaultURL();
    this.#protocols = options.protocols ?? [];
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.#fetch = options.fetch ?? globalThis.fetch?.bind(globalThis);
    this.#transport = options.transport ?? "auto";
    this.#memory = streamMemory(this.#url);
    this.#getToken = options.getToken;
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

  // -- The connection --

  /** Opens the session and keeps it open. Resolves at the first welcome; rejects only when refused for good. */
  connect() {
    if (this.state === "online") return Promise.resolve(this.user);
    const done = new Promise((resolve, reject) => this.#connected.push({ resolve, reject }));
    if (this.state === "idle" || this.state === "closed") this.#open();
    return done;
  }

  /** Ends the session. Whatever was not answered is rejected with `closed`. */
  close() {
    this.#detach()?.close(1000);
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
    const ended = this.expiresAt > 0 && this.#clock.now() >= this.expiresAt - 5_000;
    if (this.#getToken && (!this.token || ended || this.#tokenRefused)) this.#openWithToken();
    else this.#connect(this.#chooseTransport());
  }

  /** Asks the application for a token first. */
  async #openWithToken() {
    const attempt = this.#attempt;
    let token;
    try {
      token = await this.#getToken();
    } catch (error) {
      if (this.state !== "connecting" || this.#attempt !== attempt) return;
      if (error.code === "unauthorized") this.#end(new MartletError("unauthorized", error.message), 4401);
      else this.#closed(1006, `no token: ${error.message}`);
      return;
    }
    if (this.state !== "connecting" || this.#link) return;
    if (!token && this.#tokenRefused) return this.#end(new MartletError("unauthorized", "there is no token"), 4401);
    this.token = token ?? null;
    this.expiresAt = 0;
    this.#connect(this.#chooseTransport());
  }

  #chooseTransport() {
    if (this.#transport !== "auto") return this.#transport;
    if (!this.#canStream) return "websocket";
    if (!this.#WebSocket || this.#memory.until > this.#clock.now()) return "stream";
    return "websocket";
  }

  get #canStream() {
    return Boolean(this.#fetch) && !this.#streamMissing;
  }

  /** @param {"websocket" | "stream"} via */
  #connect(via) {
    const owner = {
      hello: () => this.#hello(),
      message: (text) => this.#receive(text),
      closed: (code, reason) => this.#linkClosed(code, reason),
    };
    this.#said = this.#clock.now();
    this.#unheard = true;
    try {
      if (via === "websocket" && !this.#WebSocket) throw new Error("there is no WebSocket here: pass one");
      this.#link = via === "stream"
        ? new StreamLink(streamURL(this.#url), { fetch: this.#fetch, clock: this.#clock, random: this.#random, pingInterval: this.pingInterval }, owner)
        : new SocketLink(this.#WebSocket, this.#url, this.#protocols, owner);
    } catch (error) {
      this.#end(new MartletError("bad_url", `can't connect to ${this.#url}: ${error.message}`));
      return;
    }
    this.#timer("welcome", WELCOME_WITHIN, () => this.#lost("no welcome"));
    if (via === "websocket") {
      this.#timer("fall back", FALL_BACK_AFTER, () => { if (this.#mayFallBack) this.#fallBack(); });
    }
  }

  /** Whether a WebSocket that got nowhere may be the fault of something on the way. */
  get #mayFallBack() {
    if (this.#transport !== "auto" || !this.#canStream || this.state !== "connecting") return false;
    return !this.#socketWorked || this.#failures >= FAILURES_BEFORE_STREAM;
  }

  #fallBack() {
    this.#detach()?.close();
    this.#connect("stream");
  }

  #linkClosed(code, reason) {
    const link = this.#link;
    if (link?.via === "stream" && this.state === "connecting") {
      this.#memory.until = 0;
      if ([404, 405, 501].includes(link.status)) this.#streamMissing = true;
    }
    if (link?.via === "websocket" && this.#unheard && code < 3000 && !NODES_OWN_CODES.has(code) && this.#mayFallBack) {
      return this.#fallBack();
    }
    return this.#closed(code, reason);
  }

  #hello() {
    const tracks = [...this.#rooms.values()].filter((track) => track.position).slice(-RESUME_MOST);
    this.#resuming = { rooms: new Set(tracks.map((track) => track.room)), recovered: 0, replaced: 0, lost: 0 };
    const hello = { type: "hello", client: { name: "martlet.js", version: VERSION } };
    if (this.token) hello.token = this.token;
    const name = this.user?.guest === false ? undefined : this.user?.name ?? this.#preferredName;
    if (name) hello.name = name;
    if (tracks.length) hello.resume = Object.fromEntries(tracks.map((track) => [track.room, track.position]));
    return hello;
  }

  /** Sends now, or as soon as the server's limit allows: many rooms to join at once must not be refused for haste. */
  #transmit(frame) {
    this.#paced.push(frame);
    this.#drain();
  }

  #drain() {
    while (this.#paced.length) {
      const wait = this.#pace.take(this.#clock.now());
      if (wait > 0) return this.#timer("pace", wait, () => this.#drain());
      this.#said = this.#clock.now();
      this.#link?.send(this.#paced.shift());
    }
    return undefined;
  }

  #detach() {
    const link = this.#link;
    this.#link = null;
    this.#paced = [];
    this.#clearTimers();
    return link;
  }

  /** The connection is of no use any more, whatever it thinks itself. */
  #lost(reason) {
    this.#detach()?.close();
    this.#closed(1006, reason);
  }

  #closed(code, reason) {
    this.#detach()?.close();
    this.via = null;
    if (this.state === "connecting") this.#failures += 1;
    this.#degrade(false);
    for (const track of this.#rooms.values()) track.ready = false;
    this.#leaving.clear();
    this.#rejectRequests(new MartletError("offline", "the connection was lost"));
    for (const item of this.#outbox) item.inFlight = false;
    if (code === 4403) return this.#end(new MartletError("banned", this.#lastRefusal?.message || reason || "banned from this server"), code);
    if (code === 4400 && this.#lastRefusal?.code === "bad_name") return this.#end(this.#lastRefusal, code);
    if (code === 4401 && this.#getToken && !this.#tokenRefused) {
      this.#tokenRefused = true;
      return this.#open();
    }
    if (code === 4401) {
      if (this.#getToken || !this.token || this.#attemptedAsGuest) return this.#end(new MartletError("unauthorized", reason), code);
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
    const wait = Math.min(Math.max(0, ms), TIMER_MOST);
    this.#timers.set(name, this.#clock.setTimeout(() => { this.#timers.delete(name); action(); }, wait));
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
      const silent = now - this.#heard >= this.pingInterval;
      // Over the stream the server hears of us by our POSTs alone.
      const due = silent || now - this.#said >= (this.#link?.idleLimit ?? Infinity) * 0.8;
      if (due && !this.#pinged) {
        if (silent) this.#pinged = now;
        this.#transmit({ type: "ping" });
      }
      this.#watch();
    });
  }

  // -- Frames --

  #receive(data) {
    this.#heard = this.#clock.now();
    this.#unheard = false;
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
    else if (frame.type === "user") this.#userChanged(frame);
    else if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "joined" || frame.type === "reset") this.#arrive(frame);
    else if (frame.type === "kicked") this.#kicked(frame);
    else if (frame.type === "room") this.emit("configured", frame);
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
    this.#lastRefusal = error;
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
    this.#pace = new Pace(this.limits, this.#clock.now());
    if (frame.pingInterval > 0) this.pingInterval = frame.pingInterval;
    this.#cancel("welcome");
    this.#cancel("fall back");
    // Only a connection that lasts starts the backoff anew; else a flapping server would be hit every second.
    this.#timer("stable", 10_000, () => { this.#attempt = 0; this.#attemptedAsGuest = false; });
    this.#watch();
    this.#connectedBy(frame);
    if (this.#resuming?.rooms.size === 0) this.#resuming = null;
    this.#setState("online", { via: this.via, resuming: this.#resuming !== null });
    this.emit("identity", { user: this.user, token: this.token, renamed: Boolean(wanted) && wanted !== frame.user.name });
    for (const waiter of this.#connected.splice(0)) waiter.resolve(this.user);
    for (const track of this.#rooms.values()) if (!this.#resuming?.rooms.has(track.room)) this.#askToJoin(track);
    this.#flush();
  }

  /** Takes down which way works from here, and until when the token does. */
  #connectedBy(frame) {
    this.#link.welcomed(frame);
    this.via = this.#link.via;
    this.#failures = 0;
    this.#tokenRefused = false;
    if (this.via === "websocket") {
      this.#socketWorked = true;
      this.#memory.until = 0;
    } else if (this.#transport === "auto" && this.#WebSocket) {
      this.#memory.until = this.#clock.now() + STREAM_REMEMBERED;
    }
    this.#expires(frame.expiresAt);
  }

  /** Before the token ends, asks the application for another. */
  #expires(at) {
    this.expiresAt = at > 0 ? at : 0;
    this.#cancel("token");
    if (!this.expiresAt || !this.#getToken) return;
    const left = this.expiresAt - this.#clock.now();
    this.#timer("token", Math.max(1_000, left - Math.min(60_000, left / 4)), () => this.#renew());
  }

  async #renew() {
    try {
      const token = await this.#getToken();
      if (token && this.state === "online") await this.refresh(token);
    } catch (error) {
      // Until it ends the old one serves; then the node closes, and the next connection asks anew.
      if (this.state !== "online") return;
      this.#timer("token", 5_000, () => this.#renew());
      this.emit("failure", error);
    }
  }

  #userChanged(frame) {
    if (frame.user?.id === this.user?.id) {
      this.user = { ...this.user, ...frame.user };
      this.emit("identity", { user: this.user, token: this.token, renamed: false });
    }
    this.emit("user", frame);
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
      this.#detach()?.close(1000);
      this.#closed(1001, frame.reason);
    });
  }

  // -- Rooms --

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
    if (this.state === "online" && !track.asking && !this.#resuming?.rooms.has(room)) this.#askToJoin(track);
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
    track.asking = true;
    this.request(position ? { type: "join", room, since: position } : { type: "join", room, history })
      .finally(() => { track.asking = false; })
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
    const { entries = [], changes = [], members = [], memberCount = members.length, readOffset } = frame;
    const { role = "member", topic, access = "public", announcement = false, slowMode = 0 } = frame;
    const fresh = recovered ? entries.filter((entry) => judge(had, entry) === "new") : entries;
    track.position = recovered && had.offset > offset ? had : { epoch, offset, at };
    track.ready = true;
    track.attempts = 0;
    if (!recovered) this.emit("snapshot", { room, epoch, offset, entries, changes, reason: frame.reason });
    if (recovered) for (const entry of fresh) this.#deliver(entry, true);
    for (const entry of fresh) this.#echoed(entry);
    this.emit("room", { room, members, memberCount, readOffset, role, topic, access, announcement, slowMode });
    if (recovered) {
      // Nothing is missing, so what is not among the entries was not stored: its key's age no longer matters.
      for (const item of this.#outbox) if (item.frame.room === room && !item.inFlight) item.sentFirst = 0;
    }
    for (const waiter of track.waiters.splice(0)) waiter.resolve(frame);
    this.#resumed(room, recovered ? "recovered" : "replaced");
    this.#flush();
  }

  #kicked(frame) {
    this.emit("kicked", { room: frame.room, reason: frame.reason });
    this.#forget(frame.room, new MartletError("kicked", frame.reason ?? ""));
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

  // -- Sending --

  /** Sends to a room we are in. Resolves once stored; queued while there is no connection. @returns {Promise<Ack>} */
  send(room, text, { key = newKey(), replyTo, action } = {}) {
    return this.#enqueue({ type: "send", room, text, key, replyTo, action });
  }

  /** Sends to a user, by id. @returns {Promise<Ack>} whose `room` is the direct room */
  direct(to, text, { key = newKey(), replyTo, action } = {}) {
    return this.#enqueue({ type: "send", to, text, key, replyTo, action });
  }

  /**
   * Sends a file. @param {{room: string} | {to: string}} target @param {Uint8Array} bytes
   * @param {{name: string, mediaType?: string, text?: string, replyTo?: number, key?: string,
   *   onProgress?: (part: number) => void}} options
   *   `onProgress`: how much has left, 0–1 @returns {Promise<Ack>}
   */
  attach(target, bytes, { name, mediaType = "application/octet-stream", text, replyTo, key = newKey(), onProgress }) {
    return this.#enqueue({ type: "attach", ...target, name, mediaType, key, text, replyTo }, bytes, onProgress);
  }

  /** How many sends wait for their acknowledgement. */
  get unsent() {
    return this.#outbox.length;
  }

  #enqueue(frame, bytes, onProgress) {
    if (this.state === "closed") return Promise.reject(new MartletError("closed", "the session was closed"));
    if (this.#outbox.length >= this.#outboxMost) {
      return Promise.reject(new MartletError("queue_full", `${this.#outboxMost} messages wait to be sent already`));
    }
    return new Promise((resolve, reject) => {
      this.#outbox.push({ frame, bytes, onProgress, resolve, reject, inFlight: false, sentFirst: 0, notBefore: 0, tries: 0 });
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
    if (item.onProgress) this.#report(item);
    this.request(item.frame, item.bytes).then(
      (ack) => this.#settle(item, null, ack),
      (error) => this.#sendFailed(item, error),
    );
  }

  #report(item) {
    const total = item.bytes.length || 1;
    const tell = () => {
      if (!item.inFlight || !this.#outbox.includes(item)) return;
      item.onProgress(Math.max(0, 1 - (this.#link?.buffered ?? 0) / total));
      this.#clock.setTimeout(tell, 100);
    };
    this.#clock.setTimeout(tell, 0);
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

  // -- Requests --

  /** Sends any frame and resolves with its reply. Rejects with `offline` when there is no connection. */
  request(frame, bytes) {
    if (this.state !== "online") return Promise.reject(new MartletError("offline", "there is no connection"));
    if (this.#requests.size >= REQUESTS_MOST) {
      return Promise.reject(new MartletError("queue_full", `${REQUESTS_MOST} requests wait for their answers already`));
    }
    const id = String(this.#nextID++);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#requests.delete(id);
        reject(new MartletError("timeout", "the server did not answer in time", frame));
      }, REPLY_WITHIN + (bytes?.length ?? 0) / SLOWEST);
      const end = (settle) => (value) => { this.#clock.clearTimeout(timer); settle(value); };
      this.#requests.set(id, {
        resolve: end(resolve),
        reject: end((error) => {
          if (error.code === "unsupported") this.unsupported.add(frame.type);
          reject(error);
        }),
      });
      const full = { ...frame, id };
      const problem = this.#tooLarge(full, bytes);
      if (problem) { this.#requests.get(id).reject(problem); this.#requests.delete(id); return; }
      this.#transmit(bytes ? encodeAttachment(full, bytes) : full);
    });
  }

  // A frame over the limit would end the connection, and be sent again over the next one.
  #tooLarge(frame, bytes) {
    const most = this.limits.frameBytes;
    if (bytes?.length > (this.limits.attachmentBytes ?? Infinity)) {
      return new MartletError("too_large", `a file has at most ${this.limits.attachmentBytes} bytes`, frame);
    }
    if (bytes || !most || typeof frame.text !== "string" || frame.text.length * 6 + 1_000 < most) return null;
    if (new TextEncoder().encode(JSON.stringify(frame)).length <= most) return null;
    return new MartletError("too_large", `a frame has at most ${most} bytes`, frame);
  }

  #rejectRequests(error) {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of all) request.reject(error);
  }

  // -- What one asks for --

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

  /** The conversations, by last activity, with what is unread in them. */
  inbox({ after, limit } = {}) { return this.request({ type: "inbox", after, limit }); }

  ping() { return this.request({ type: "ping" }); }

  /** Changes a message of ours. */
  edit(room, offset, text) { return this.request({ type: "edit", room, offset, text }); }

  /** Takes a message back, for everybody. */
  delete(room, offset) { return this.request({ type: "delete", room, offset }); }

  react(room, offset, emoji, on = true) { return this.request({ type: "react", room, offset, emoji, on }); }

  /** Says up to where we have read; forward only. */
  read(room, offset) { return this.request({ type: "read", room, offset }); }

  /** Says that we type, or stopped. Worth saying every few seconds; receivers forget it by themselves. */
  typing(room, on = true) { return this.request({ type: "typing", room, on }); }

  /** @param {"online" | "away" | "busy"} status @param {string} [text] */
  status(status, text) { return this.request({ type: "status", status, text }); }

  /** Who is blocked can't write to us, and their mentions are not told. */
  block(user) { return this.request({ type: "block", user }); }
  unblock(user) { return this.request({ type: "unblock", user }); }
  blocked() { return this.request({ type: "blocked" }); }

  /** What holds for all our sessions: `showReading` false keeps from others what we have read. Without fields: asks. */
  settings({ showReading } = {}) { return this.request({ type: "settings", showReading }); }

  /** Replaces the session's token while connected. Resolves with `ack {expiresAt}`. */
  async refresh(token) {
    const ack = await this.request({ type: "refresh", token });
    this.token = token;
    this.#expires(ack.expiresAt);
    this.emit("refreshed", { expiresAt: this.expiresAt });
    return ack;
  }

  // -- Moderation -- (who may not is refused with `forbidden`; docs/moderation.md says who may)

  /** Ends somebody's membership of a room; they may come back. @param {string} [reason] */
  kick(room, user, reason) { return this.request({ type: "kick", room, user, reason }); }

  /** Keeps somebody out. @param {string | null} room `null`: out of the whole cluster (operators only)
   * @param {{reason?: string, duration?: number}} [how] `duration` in milliseconds; without it: for good */
  ban(room, user, { reason, duration } = {}) { return this.request({ type: "ban", room, user, reason, duration }); }
  unban(room, user) { return this.request({ type: "unban", room, user }); }

  /** Lets somebody read and say nothing. @param {{reason?: string, duration?: number}} [how] as for a ban */
  mute(room, user, { reason, duration } = {}) { return this.request({ type: "mute", room, user, reason, duration }); }
  unmute(room, user) { return this.request({ type: "unmute", room, user }); }

  /** @param {"owner" | "moderator" | "member"} role */
  role(room, user, role) { return this.request({ type: "role", room, user, role }); }

  /** Lets somebody into a private room. */
  invite(room, user) { return this.request({ type: "invite", room, user }); }
  uninvite(room, user) { return this.request({ type: "uninvite", room, user }); }

  /** Says what a room is about; an empty text takes it away. */
  topic(room, topic) { return this.request({ type: "topic", room, topic }); }

  /** Sets a room up, and resolves with how it is. Without changes: asks.
   * @param {{access?: "public" | "unlisted" | "private", announcement?: boolean, slowMode?: number}} [changes] */
  configure(room, { access, announcement, slowMode } = {}) {
    return this.request({ type: "configure", room, access, announcement, slowMode });
  }

  /** A page of who has which role, is banned, muted and invited. @param {string | null} room `null`: the cluster's bans */
  moderation(room, { after } = {}) { return this.request({ type: "moderation", room, after }); }

  /** A page of what was done, the latest first. @param {string | null} room `null`: to the cluster */
  audit(room, { before, limit } = {}) { return this.request({ type: "audit", room, before, limit }); }
}
