// Several tabs of one person: what one of them has shown needs no sound in another, and one sound is enough.

const channel = globalThis.BroadcastChannel ? new BroadcastChannel("martlet.tabs") : null;
/** Longer than a message between tabs takes, shorter than anybody notices. */
const ASKING = 150;

let speaks = !navigator.locks;
const seen = new Map();
const handlers = [];

// The first tab has the lock as long as it lives; then the next one in the queue gets it.
navigator.locks?.request("martlet.speaker", () => {
  speaks = true;
  return new Promise(() => {});
}).catch(() => { speaks = true; });

channel?.addEventListener("message", ({ data }) => {
  seen.set(data.room, Math.max(seen.get(data.room) ?? 0, data.offset));
  for (const handler of handlers) handler(data.room, data.offset);
});

/** Tells the other tabs that somebody has read up to here. */
export function tellSeen(room, offset) {
  channel?.postMessage({ room, offset });
}

/** @param {(room: string, offset: number) => void} handler another tab has shown it */
export function onSeenElsewhere(handler) {
  handlers.push(handler);
}

/** Resolves with whether this tab is the one to call for attention. */
export async function mayCall(room, offset) {
  await new Promise((resolve) => setTimeout(resolve, ASKING));
  return speaks && (seen.get(room) ?? 0) < offset;
}
