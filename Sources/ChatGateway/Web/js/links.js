// The address of a room, or of a message in it: `/#lobby`, `/#lobby/42`. Pure.

import { isRoomName } from "./commands.js";

/** @param {string} hash as in `location.hash` @returns {{room: string, offset?: number} | null} */
export function readLink(hash) {
  let typed;
  try {
    typed = decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return null;
  }
  const [, room, offset] = /^([^/:]+)(?:\/(\d{1,15}))?$/.exec(typed) ?? [];
  if (!room || !isRoomName(room)) return null;
  return offset ? { room, offset: Number(offset) } : { room };
}

/** @param {string} room @param {number} [offset] */
export function linkTo(room, offset) {
  return `#${encodeURIComponent(room)}${offset ? `/${offset}` : ""}`;
}
