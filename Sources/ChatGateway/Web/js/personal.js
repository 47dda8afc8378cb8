// What holds for a person, not for a room: status, whom they have blocked, what they show of their reading.

import { onPrefs, prefs, setPrefs } from "./prefs.js";

export class Personal {
  /** @param {import("./store.js").Store} store @param {() => import("../martlet.js").Martlet | null} chat the current session */
  constructor(store, chat) {
    this.store = store;
    this.chat = chat;
    onPrefs(() => this.#tellSettings());
  }

  /** Asks what was set on other devices. A server that has none of it says so once. */
  async load() {
    const [settings, blocked] = await Promise.all([
      this.chat()?.settings().catch(() => null), this.chat()?.blocked().catch(() => null),
    ]);
    if (blocked) this.store.blocked = new Set(blocked.users);
    if (settings) {
      this.showReading = settings.showReading;
      if (settings.showReading !== prefs.tellRead) setPrefs({ tellRead: settings.showReading });
    }
    this.store.changed("features", "current");
  }

  #tellSettings() {
    if (this.showReading === undefined || this.showReading === prefs.tellRead) return;
    this.showReading = prefs.tellRead;
    this.chat()?.settings({ showReading: prefs.tellRead }).catch(() => {});
  }

  /** @param {"online" | "away" | "busy"} status @param {string} text */
  async setStatus(status, text) {
    const { store } = this;
    await this.#ask((chat) => chat.status(status, text || undefined));
    store.me = { ...store.me, status, statusText: text };
    store.seen({ id: store.me.id, name: store.me.name, status, statusText: text });
    store.changed("me", "people", "rooms");
  }

  /** @param {{id: string, name: string}} user @param {boolean} on */
  async setBlocked(user, on) {
    await this.#ask((chat) => (on ? chat.block(user.id) : chat.unblock(user.id)));
    if (on) this.store.blocked.add(user.id);
    else this.store.blocked.delete(user.id);
    this.store.changed("current", "people", "timeline");
  }

  async #ask(what) {
    try {
      await what(this.chat());
    } catch (error) {
      this.store.changed("features");
      throw error.code === "unsupported" ? new Error("This server does not do that (yet).") : error;
    }
  }
}
