// What the browser keeps for us. Private windows and full disks must not stop the chat: then it forgets, and goes on.

const PREFIX = "martlet.";

function access(area) {
  return {
    /** @template T @param {string} key @param {T} fallback @returns {T} */
    get(key, fallback) {
      try {
        const text = globalThis[area].getItem(PREFIX + key);
        return text === null ? fallback : JSON.parse(text);
      } catch {
        return fallback;
      }
    },
    /** `undefined` removes. */
    set(key, value) {
      try {
        if (value === undefined) globalThis[area].removeItem(PREFIX + key);
        else globalThis[area].setItem(PREFIX + key, JSON.stringify(value));
      } catch { /* see above */ }
    },
  };
}

/** Shared by all tabs, kept for good. */
export const kept = access("localStorage");
/** This tab's own, kept over a reload. */
export const ofTab = access("sessionStorage");
