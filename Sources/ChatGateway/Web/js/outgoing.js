// What is on its way out: shown at once, sent by the library, kept over a reload, retried by hand when it failed.

import { newKey } from "../martlet.js";
import { ofTab } from "./storage.js";

/** A key is good for 10 minutes at the server: what was typed before a reload may be repeated a little less long. */
const REPEATABLE = 9 * 60_000;

export class Outgoing {
  /**
   * @param {import("./store.js").Store} store @param {() => import("../martlet.js").Martlet} chat the current session
   * @param {(error: Error) => void} unrevised an edit that was to follow a reload failed
   */
  constructor(store, chat, unrevised) {
    this.store = store;
    this.chat = chat;
    this.unrevised = unrevised;
    addEventListener("beforeunload", (event) => { if (this.#uploads) event.preventDefault(); });
  }

  /** Files can't be kept over a reload: the browser asks before it drops them. */
  get #uploads() {
    return [...this.store.rooms.values()].some((room) => room.pending.some((one) => one.file));
  }

  /** Sends, and shows it as being sent at once. */
  send(room, text, { action = false, replyTo } = {}) {
    this.#add(room, { text, action, replyTo });
  }

  /** Sends a file with a text. @param {File} file */
  attach(room, file, { text = "", replyTo } = {}) {
    this.#add(room, { text, action: false, replyTo, file, preview: URL.createObjectURL(file), progress: 0 });
  }

  #add(room, what) {
    const item = this.#pending({ key: newKey(), at: Date.now(), ...what });
    room.pending.push(item);
    room.newFrom = 0;
    this.#deliver(room, item);
  }

  /** `stored` resolves with the acknowledgement, however many tries it takes. */
  #pending(what) {
    const item = { state: "sending", version: 0, ...what };
    item.stored = new Promise((resolve) => { item.settled = resolve; });
    return item;
  }

  async #deliver(room, item) {
    item.state = "sending";
    item.version += 1;
    this.save();
    this.store.changed("timeline");
    try {
      const ack = await (item.file ? this.#sendFile(room, item) : this.#sendText(room, item));
      // Its message may come after the acknowledgement: until then it stays where it is.
      item.offset = ack.offset;
      item.settled(ack);
    } catch (error) {
      if (error.code === "forbidden") {
        room.refused(error.message, Date.now());
        this.store.changed("current");
      }
      this.#fail(item, error.code === "unsupported" && item.file ? "this server takes no files" : error.message, error.code === "outcome_unknown");
    }
    this.save();
  }

  #sendText(room, { key, text, action, replyTo }) {
    const options = { key, replyTo, action: action || undefined };
    return room.direct ? this.chat().direct(room.peer.id, text, options) : this.chat().send(room.name, text, options);
  }

  async #sendFile(room, item) {
    const bytes = new Uint8Array(await item.file.arrayBuffer());
    return this.chat().attach(room.direct ? { to: room.peer.id } : { room: room.name }, bytes, {
      name: item.file.name, mediaType: item.file.type || "application/octet-stream", text: item.text || undefined, key: item.key, replyTo: item.replyTo,
      onProgress: (part) => {
        item.progress = part;
        item.version += 1;
        this.store.changed("timeline");
      },
    });
  }

  /** @param {boolean} [unsure] it may have been stored all the same */
  #fail(item, reason, unsure = false) {
    Object.assign(item, { state: "failed", error: reason, unsure, version: item.version + 1 });
    this.store.changed("timeline");
  }

  retry(room, item) {
    this.#deliver(room, item);
  }

  /** Changes what is still on its way: shown at once, told to the server when it has the message. Rejects as an edit does. */
  async revise(room, item, text) {
    Object.assign(item, { revised: text, version: item.version + 1 });
    this.save();
    this.store.changed("timeline");
    const { offset } = await item.stored;
    return this.chat().edit(room.name, offset, text);
  }

  discard(room, item) {
    room.settle(item.key);
    this.save();
    this.store.changed("timeline");
  }

  save() {
    ofTab.set("pending", [...this.store.rooms.values()].flatMap((room) => room.pending.filter((one) => !one.file)
      .map(({ key, text, revised, action, replyTo, at }) => ({ room: room.name, peer: room.peer, key, text, revised, action, replyTo, at }))));
  }

  /** Sends again what a reload interrupted. */
  restore() {
    for (const { room: name, peer, ...pending } of ofTab.get("pending", [])) {
      const room = this.store.room(name, peer);
      const item = this.#pending(pending);
      room.pending.push(item);
      if (item.revised !== undefined) this.revise(room, item, item.revised).catch(this.unrevised);
      if (Date.now() - item.at < REPEATABLE) this.#deliver(room, item);
      else this.#fail(item, "the page was closed before an answer came", true);
    }
  }
}
