// What a person prefers; kept in the browser, the same in all its tabs.

import { kept } from "./storage.js";

/** @typedef {typeof DEFAULTS} Prefs */
const DEFAULTS = {
  /** "system", "light", "dark" */ theme: "system",
  /** a name in `sounds.js`, or "none" */ sound: "chirp",
  /** 0–1 */ volume: 0.6,
  /** "all", "mentions" (and direct messages), "never" */ notify: "mentions",
  desktop: false,
  /** "auto" (as the locale does), "12", "24" */ clock: "auto",
  /** Enter sends; else Ctrl+Enter does, and Enter starts a new line */ enterSends: true,
};

/** @type {Prefs} */
export const prefs = { ...DEFAULTS, ...kept.get("prefs", {}) };
const listeners = [];

/** @param {Partial<Prefs>} changes */
export function setPrefs(changes) {
  Object.assign(prefs, changes);
  kept.set("prefs", prefs);
  for (const listener of listeners) listener(prefs);
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
