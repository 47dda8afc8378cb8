// How the page calls for attention: title, icon, sound, desktop notification.

import { parse, plainText } from "./format.js";
import { levelOf, onPrefs, prefs } from "./prefs.js";
import { isQuiet } from "./quiet-hours.js";
import { play } from "./sounds.js";
import { mayCall } from "./tabs.js";

/** Messages that arrive together make one sound. */
const SOUND_EVERY = 1_500;
const AT_MOST_AGE = 60_000;

export class Notifier {
  #lastSound = 0;

  /** @param {import("./store.js").Store} store @param {(room: string) => void} open shows a conversation */
  constructor(store, open) {
    this.store = store;
    this.open = open;
    store.on("rooms current", () => this.#badges());
    onPrefs(() => this.#badges());
  }

  /** A message came that nobody is looking at. */
  async unseen(room, message) {
    const important = room.direct || this.store.isMention(message);
    const level = levelOf(room);
    if (level === "never" || (level === "mentions" && !important)) return;
    if (isQuiet(prefs, new Date()) || this.store.me?.status === "busy") return;
    if (Date.now() - message.at > AT_MOST_AGE) return; // caught up after a break: badges tell enough
    if (!(await mayCall(room.name, message.offset))) return;
    if (Date.now() - this.#lastSound > SOUND_EVERY) {
      this.#lastSound = Date.now();
      play(important && prefs.mentionSound !== "same" ? prefs.mentionSound : prefs.sound, prefs.volume);
    }
    if (prefs.desktop && document.hidden) this.#desktop(room, message);
  }

  #desktop(room, message) {
    if (globalThis.Notification?.permission !== "granted") return;
    const title = room.direct ? message.from.name : `${message.from.name} in ${room.name}`;
    const body = plainText(parse(message.text)).slice(0, 200) || message.attachment?.name || "";
    const notification = new Notification(title, { body, tag: room.name, icon: "/icon.svg" });
    notification.onclick = () => {
      window.focus();
      this.open(room.name);
      notification.close();
    };
  }

  /** Rooms that were told to be silent don't count in the title. */
  #badges() {
    const loud = [...this.store.rooms.values()].filter((room) => levelOf(room) !== "never");
    const unread = loud.reduce((sum, room) => sum + room.unread, 0);
    const mentioned = loud.some((room) => room.mentioned > 0);
    const room = this.store.current;
    const name = room ? `${room.direct ? "" : "#"}${this.store.title(room)} · Martlet` : "Martlet";
    document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${name}` : name;
    const wanted = mentioned ? "/icon-mention.svg" : unread ? "/icon-unread.svg" : "/icon.svg";
    const link = document.querySelector("link[rel=icon]");
    if (link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
  }
}
