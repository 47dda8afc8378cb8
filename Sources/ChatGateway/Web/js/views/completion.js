// Suggestions while typing: people after @, emoji after :, commands after a / at the beginning.

import { el, fill } from "../dom.js";
import { commandsOf } from "../commands.js";
import { matchingEmoji } from "../emoji.js";

/** Of people, and of emoji; commands are few enough to be read through. */
const MOST = 8;

export class Completion {
  #found = [];
  #chosen = 0;
  #start = 0;

  constructor(text, store) {
    this.text = text;
    this.store = store;
    this.list = el("ul.completion", { id: "completion", role: "listbox", "aria-label": "Suggestions", hidden: true });
    text.setAttribute("aria-controls", "completion");
    text.addEventListener("blur", () => setTimeout(() => this.close(), 150));
  }

  /** Looks at what stands before the cursor. */
  update() {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const match = /(?:^|\s)([@:])([^\s@:]{0,32})$/u.exec(before) ?? /^(\/)([a-z]*)$/i.exec(before);
    if (!match) return this.close();
    const [, mark, typed] = match;
    this.#start = before.length - typed.length - 1;
    this.#found = this.#find(mark, typed.toLowerCase());
    this.#chosen = 0;
    this.#draw();
    return undefined;
  }

  #find(mark, typed) {
    if (mark === "/") {
      return commandsOf(this.store).filter(([name]) => name.startsWith(typed)).map(([name, { use, does }]) => ({ put: `/${name} `, shown: use, more: does }));
    }
    if (mark === ":") {
      // One letter would match half of all emoji, and a colon often is just a colon.
      return typed.length < 2 ? [] : matchingEmoji(typed, MOST).map(({ name, emoji }) => ({ put: `${emoji} `, shown: `${emoji} :${name}:` }));
    }
    const people = this.store.current?.members.size ? this.store.current.members.values() : this.store.people.values();
    return [...people].filter(({ id, name }) => id !== this.store.me.id && name.toLowerCase().startsWith(typed))
      .sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST).map(({ name }) => ({ put: `@${name} `, shown: `@${name}` }));
  }

  #draw() {
    this.list.hidden = this.#found.length === 0;
    fill(this.list, ...this.#found.map((one, index) => el("li", {
      id: `completion-${index}`, role: "option", "aria-selected": String(index === this.#chosen),
      onPointerdown: (event) => { event.preventDefault(); this.#chosen = index; this.#take(); },
    }, el("span", {}, one.shown), one.more && el("span.muted", {}, one.more))));
    this.list.children[this.#chosen]?.scrollIntoView({ block: "nearest" });
    if (this.#found.length) this.text.setAttribute("aria-activedescendant", `completion-${this.#chosen}`);
    else this.text.removeAttribute("aria-activedescendant");
  }

  /** Takes the key if it was for the list. */
  key(event) {
    if (this.list.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#chosen = (this.#chosen + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Tab" || (event.key === "Enter" && !this.#isComplete)) {
      this.#take();
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  /** What was typed in full needs no completing: then Enter sends. */
  get #isComplete() {
    const typed = this.text.value.slice(this.#start, this.text.selectionStart);
    return typed.toLowerCase() === this.#found[this.#chosen].put.trim().toLowerCase();
  }

  #take() {
    this.text.setRangeText(this.#found[this.#chosen].put, this.#start, this.text.selectionStart, "end");
    this.text.dispatchEvent(new Event("input"));
    this.close();
  }

  close() {
    this.#found = [];
    this.#draw();
  }
}
