// Which of a conversation's messages are in the document: a bounded stretch that moves as one scrolls. Pure.

/** Messages at the end at first, how many more with each step, and how many at the same time. */
const FIRST = 120;
const STEP = 80;
const MOST = 320;

/** Bounds are offsets, not indexes: messages come in above and are dropped there, and the stretch stays where it is. */
export class MessageWindow {
  #top = null;
  #bottom = null;

  /** The latest are shown, and those to come. */
  followEnd() {
    this.#top = null;
    this.#bottom = null;
  }

  /** There are later messages that are not shown. */
  get isHeldBelow() {
    return this.#bottom !== null;
  }

  /** @param {import("./room.js").Room} room @returns {{from: number, to: number}} indexes; `to` is not shown any more */
  range(room) {
    const { messages } = room;
    const to = this.#bottom === null ? messages.length : room.indexAfter(this.#bottom);
    const from = this.#top === null ? Math.max(0, to - FIRST) : Math.min(room.indexAfter(this.#top - 1), to);
    return { from, to };
  }

  /** Stays where it is, whatever comes at the end. */
  hold(room) {
    const { from, to } = this.range(room);
    this.#set(room, from, Math.min(to, from + MOST));
  }

  up(room) {
    const { from, to } = this.range(room);
    const first = Math.max(0, from - STEP);
    this.#set(room, first, Math.min(to, first + MOST));
  }

  down(room) {
    const { from, to } = this.range(room);
    const last = Math.min(room.messages.length, to + STEP);
    this.#set(room, Math.max(from, last - MOST), last);
  }

  around(room, offset) {
    const middle = room.indexAfter(offset);
    this.#set(room, Math.max(0, middle - STEP), Math.min(room.messages.length, middle + STEP));
  }

  #set(room, from, to) {
    const { messages } = room;
    this.#top = messages[from]?.offset ?? null;
    this.#bottom = to < messages.length ? messages[to - 1]?.offset ?? null : null;
  }
}
