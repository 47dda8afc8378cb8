// What a person prefers; kept in the browser, the same in all its tabs.

import { kept } from "./storage.js";

/** @typedef {typeof DEFAULTS} Prefs */
const DEFAULTS = {
  /** "system", "light", "dark" */ theme: "system",
  /** a name in `sounds.js`, or "none" */ sound: "chirp",
  /** for mentions and direct messages; "same" as the other */ mentionSound: "same",
  /** 0–1 */ volume: 0.6,
  /** "all", "mentions" (and direct messages), "never" */ notify: "mentions",
  /** the same for single rooms, where it differs @type {Record<string, string>} */ rooms: {},
  /** do not disturb: "off", "on", "hours" (from, to) */ quiet: "off",
  quietFrom: "22:00",
  quietTo: "07:00",
  desktop: false,
  /** "auto" (as the locale does), "12", "24" */ clock: "auto",
  /** Enter sends; else Ctrl+Enter does, and Enter starts a new line */ enterSends: true,
  /** tell others that one types, has read, is away */ tellTyping: true,
  tellRead: true,
  tellAway: true,
};

const ROOMS_MOST = 200;

/** @type {Prefs} */
export const prefs = { ...DEFAULTS, ...kept.get("prefs", {}) };
const listeners = [];

/** @param {Partial<Prefs>} changes */
export function setPrefs(changes) {
  Object.assign(prefs, changes);
  kept.set("prefs", prefs);
  for (const listener of listeners) listener(prefs);
}

/** How a conversation calls for attention: "all", "mentions" or "never". */
export function levelOf(room) {
  return prefs.rooms[room.name] ?? prefs.notify;
}

/** @param {string | null} level null: as all others */
export function setLevel(room, level) {
  const others = Object.entries(prefs.rooms).filter(([name]) => name !== room.name).slice(1 - ROOMS_MOST);
  setPrefs({ rooms: Object.fromEntries(level ? [...others, [room.name, level]] : others) });
}

/** Calls now and after each change, one made in another tab included. */
export function onPrefs(listener) {
  listeners.push(listener);
  listener(prefs);
}

addEventListener("storage", (event) => {
  if (event.key !== "martlet.prefs") return;
  Object.assign(prefs, DEFAULTS, kept.get("prefs", {}));
  for (const listener of listeners) listener(prefs);
});
