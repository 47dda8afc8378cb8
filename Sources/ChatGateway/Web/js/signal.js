// "Something changed", told once per turn however often it changed in it. Microtasks, because a hidden page's animation
// frames don't run, and its title has to change all the same.

export class Signal {
  #handlers = new Map();
  #due = new Set();

  /** @param {string} topics one or more, separated by spaces */
  on(topics, handler) {
    for (const topic of topics.split(" ")) this.#handlers.set(topic, [...(this.#handlers.get(topic) ?? []), handler]);
  }

  changed(...topics) {
    if (this.#due.size === 0) queueMicrotask(() => this.#tell());
    for (const topic of topics) this.#due.add(topic);
  }

  #tell() {
    const topics = [...this.#due];
    this.#due.clear();
    for (const handler of new Set(topics.flatMap((topic) => this.#handlers.get(topic) ?? []))) handler();
  }
}
