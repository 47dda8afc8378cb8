// Away after a while without a key or a click, and back with the first one.

import { prefs } from "./prefs.js";

const AFTER = 10 * 60_000;
const CHECK = 30_000;

/** @param {import("./session.js").Session} session */
export function watchIdle(session) {
  let last = Date.now();
  let setByUs = false;

  function active() {
    last = Date.now();
    if (!setByUs) return;
    setByUs = false;
    // Whoever chose another status meanwhile, in another tab perhaps, keeps it.
    if (session.store.me?.status === "away") session.personal.setStatus("online", session.store.me.statusText ?? "").catch(() => {});
  }

  for (const type of ["pointerdown", "keydown", "focus"]) addEventListener(type, active, { capture: true, passive: true });
  setInterval(() => {
    const { me, supports } = session.store;
    const online = (me?.status ?? "online") === "online";
    if (setByUs || !me || !online || !prefs.tellAway || !supports("status") || Date.now() - last < AFTER) return;
    if (session.chat?.state !== "online") return;
    setByUs = true;
    session.personal.setStatus("away", me.statusText ?? "").catch(() => { setByUs = false; });
  }, CHECK);
}
