// What was typed and not sent yet, for each conversation.

import { kept } from "./storage.js";

const DRAFTS_MOST = 50;
const drafts = new Map(kept.get("drafts", []));

export function draftOf(room) {
  return drafts.get(room) ?? "";
}

export function keepDraft(room, text) {
  drafts.delete(room);
  if (text.trim()) drafts.set(room, text);
  while (drafts.size > DRAFTS_MOST) drafts.delete(drafts.keys().next().value);
  kept.set("drafts", [...drafts]);
}

export function hasDraft(room) {
  return drafts.has(room);
}
