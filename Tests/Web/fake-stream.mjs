// The HTTP stream in front of a FakeCluster: numbered POSTs in, an endless event stream out.
import { socketClass } from "./fake-server.mjs";

/**
 * A `fetch` for the client. `chance`: `lost` (applied, but answered 503), `refused` (503 and not applied), `cut`.
 * `posts` counts what was accepted.
 */
export class FakeStreams {
  sessions = new Map();
  posts = 0;
  repeats = 0;
  down = false;
  status = 200;

  constructor(cluster, random = () => 1, chance = { lost: 0, refused: 0 }) {
    this.cluster = cluster;
    this.random = random;
    this.chance = chance;
    this.fetch = (url, options) => this.#answer(new URL(url), options);
  }

  async #answer(url, { body, headers, signal }) {
    await undefined;
    if (this.down) throw new TypeError("fetch failed");
    const [, root, session] = url.pathname.split("/");
    if (root !== "stream") return { ok: false, status: 404 };
    return session ? this.#post(session, body, headers) : this.#open(JSON.parse(body), signal);
  }

  #open(hello, signal) {
    if (this.status !== 200) return { ok: false, status: this.status, body: null };
    const id = `s${this.sessions.size + 1}`;
    const pieces = [];
    let wake = () => {};
    let ended = false;
    const push = (text) => { pieces.push(text); wake(); };
    const Socket = socketClass(() => {});
    const socket = new Socket(id);
    const session = { socket, key: `key-${id}`, next: 1, closed: false };
    this.sessions.set(id, session);
    const end = () => { ended = true; session.closed = true; socket.readyState = 3; wake(); };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "welcome") Object.assign(frame, { session: id, streamKey: session.key });
      push(`: a comment\n\ndata: ${JSON.stringify(frame)}\n\n`);
    };
    socket.onclose = ({ code, reason }) => { push(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`); end(); };
    signal.addEventListener("abort", end);
    this.cluster.sockets.add(socket);
    socket.joined = new Set();
    socket.open();
    queueMicrotask(() => this.cluster.handle(socket, hello));
    return { ok: true, status: 200, body: { getReader: () => this.#reader(pieces, () => ended, (f) => { wake = f; }) } };
  }

  /** Hands the text out in pieces that are cut anywhere. */
  #reader(pieces, ended, onWake) {
    const encoder = new TextEncoder();
    let rest = new Uint8Array();
    const read = async () => {
      if (!rest.length && pieces.length) rest = encoder.encode(pieces.splice(0).join(""));
      if (rest.length) {
        const value = rest.subarray(0, 1 + Math.floor(this.random() * rest.length));
        rest = rest.subarray(value.length);
        return { value, done: false };
      }
      if (ended()) return { value: undefined, done: true };
      await new Promise((resolve) => onWake(resolve));
      return read();
    };
    return { read };
  }

  #post(id, body, headers) {
    const session = this.sessions.get(id);
    const answer = (status) => ({ ok: status < 300, status, arrayBuffer: async () => new ArrayBuffer(0) });
    if (!session || session.closed || headers["martlet-stream-key"] !== session.key) return answer(404);
    if (this.random() < this.chance.refused) return answer(503);
    const number = Number(headers["martlet-seq"]);
    if (number > session.next) return answer(503);
    if (number < session.next) this.repeats += 1;
    else {
      session.next += 1;
      this.posts += 1;
      for (const frame of framesOf(body, headers)) this.cluster.handle(session.socket, frame);
    }
    return answer(this.random() < this.chance.lost ? 503 : 202);
  }
}

/** Lines of JSON, or a binary message: its header and how much followed. */
function framesOf(body, headers) {
  if (headers["content-type"] !== "application/octet-stream") return body.split("\n").map((line) => JSON.parse(line));
  const length = new DataView(body.buffer, body.byteOffset).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + length)));
  return [{ ...header, text: `${header.text ?? ""}[${body.length - 4 - length}]` }];
}
