// A conversation as rows: day dividers, the line above what is new, messages (grouped by author), what is unsent. Pure.

/** Messages of one author this close together share one heading. */
const GROUP_WITHIN = 5 * 60_000;

/**
 * @param {import("./room.js").Room} room
 * @param {{from: number, to?: number, me: {id: string, name: string}, startOfDay: (at: number) => number}} how
 *   `from`: index of the first message to show; `to`: of the first that is not, by default none
 * @returns {{key: string, type: "day" | "new" | "message" | "pending", at?: number, message?: object, pending?: object,
 *   head?: boolean}[]} `head`: shows author and picture
 */
export function rowsOf(room, { from, to = room.messages.length, me, startOfDay }) {
  const rows = [];
  let before = null;
  // The line belongs above the first new one, not above whichever new one happens to be shown first.
  let markNew = room.newFrom > 0 && (from === 0 || room.messages[from - 1].offset < room.newFrom);
  const startsGroup = (author, at, action) => !before || before.author !== author || before.action || action
    || at - before.at > GROUP_WITHIN;
  const messages = room.messages;
  for (let index = Math.max(0, from); index < to; index++) {
    const message = messages[index];
    const dayOf = startOfDay(message.at);
    if (!before || dayOf !== before.day) {
      rows.push({ key: `d${dayOf}`, type: "day", at: message.at });
      before = null;
    }
    if (markNew && message.offset >= room.newFrom) {
      markNew = false;
      rows.push({ key: "new", type: "new" });
      before = null;
    }
    const head = startsGroup(message.from.id, message.at, message.action) || message.replyTo !== undefined;
    rows.push({ key: `m${message.offset}`, type: "message", message, head });
    before = { author: message.from.id, at: message.at, action: message.action, day: dayOf };
  }
  if (to < messages.length) return rows;
  for (const pending of room.pending) {
    rows.push({ key: `p${pending.key}`, type: "pending", pending, head: startsGroup(me.id, pending.at, pending.action) });
    before = { author: me.id, at: pending.at, action: pending.action, day: startOfDay(pending.at) };
  }
  return rows;
}
