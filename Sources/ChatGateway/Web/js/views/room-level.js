// How one room calls for attention, chosen at its head.

import { el, icon } from "../dom.js";
import { levelOf, prefs, setLevel } from "../prefs.js";
import { openDialog } from "./dialog.js";

const LEVELS = [
  ["", "As in the preferences"], ["all", "All messages"], ["mentions", "Mentions only"], ["never", "Nothing: no sound, no badge in the title"],
];

/** A bell that shows how loud the room is. */
export function levelButton(room, title, changed) {
  const silent = levelOf(room) === "never";
  const label = silent ? "Notifications of this conversation: off" : "Notifications of this conversation";
  return el("button.icon-button", { id: "room-level", type: "button", "aria-label": label, title: label, onClick: () => choose(room, title, changed) },
    icon(silent ? "bellOff" : "bell"));
}

function choose(room, title, changed) {
  const now = prefs.rooms[room.name] ?? "";
  const options = LEVELS.map(([level, text]) => el("label.radio", {},
    el("input", { type: "radio", name: "level", value: level, checked: level === now, onChange: () => { setLevel(room, level || null); changed(); } }), text));
  openDialog(`Notifications of ${title}`, el("fieldset.radios", {}, el("legend.visually-hidden", {}, "Notify me of"), ...options));
}
