// A room: its topic and who may do what in it; changed by those who may, seen by all.

import { el, fill } from "../dom.js";
import { ACCESS, SLOW_MODES, TOPIC_MOST, isModerator, isOwner, secondsText } from "../moderation.js";
import { moderationLists } from "./moderation-lists.js";
import { openDialog } from "./dialog.js";

export function showRoom(page) {
  const room = page.store.current;
  if (!room || room.direct) return undefined;
  const may = isModerator(room.standing);
  const lists = may && el("div");
  const dialog = openDialog(`#${room.name}`, may ? settings(page, room, () => dialog.close()) : facts(room), lists);
  if (lists) moderationLists(page, room).then((node) => fill(lists, node), () => lists.remove());
  return dialog;
}

function facts(room) {
  return el("dl.facts", {},
    ...fact("Topic", room.topic || "none"),
    ...fact("Access", ACCESS.find(([value]) => value === room.access)?.[1] ?? room.access),
    ...fact("Who writes", room.announcement ? "its moderators" : "everybody in it"),
    ...(room.slowMode ? fact("Slow mode", `a message every ${secondsText(room.slowMode)}`) : []));
}

const fact = (term, meaning) => [el("dt", {}, term), el("dd", {}, meaning)];

function settings(page, room, close) {
  const error = el("p.field-error", { role: "alert" });
  const topic = el("input", { id: "room-topic", maxLength: TOPIC_MOST, value: room.topic, autocomplete: "off", placeholder: "What is this room about?" });
  const access = select("room-access", ACCESS, room.access);
  const slow = select("room-slow", options(room.slowMode), room.slowMode);
  const announcement = el("input", { id: "room-announcement", type: "checkbox", checked: room.announcement });
  const owns = isOwner(room.standing);
  access.disabled = announcement.disabled = !owns;
  return el("form.stacked", {
    async onSubmit(event) {
      event.preventDefault();
      error.textContent = "";
      try {
        if (topic.value.trim() !== room.topic) await page.ask((chat) => chat.topic(room.name, topic.value.trim()));
        const changes = {};
        if (access.value !== room.access) changes.access = access.value;
        if (announcement.checked !== room.announcement) changes.announcement = announcement.checked;
        if (Number(slow.value) !== room.slowMode) changes.slowMode = Number(slow.value);
        if (Object.keys(changes).length) await page.ask((chat) => chat.configure(room.name, changes));
        close();
      } catch (problem) {
        error.textContent = problem.message;
      }
    },
  }, el("label", { for: "room-topic" }, "Topic"), topic,
  el("label", { for: "room-access" }, "Access"), access,
  el("label", { for: "room-slow" }, "Slow mode: time between two messages of a person"), slow,
  el("div.pref.pref-tick", {}, announcement, el("label", { for: "room-announcement" }, "Announcements: only moderators write")),
  !owns && el("p.muted", {}, "Access and announcements are for its owners to change."),
  error, el("button.primary.wide", { type: "submit" }, "Save"));
}

/** A value that somebody set by other means is among them. */
function options(slowMode) {
  return SLOW_MODES.some(([value]) => value === slowMode) ? SLOW_MODES : [...SLOW_MODES, [slowMode, secondsText(slowMode)]];
}

function select(id, choices, now) {
  return el("select", { id }, ...choices.map(([value, label]) => el("option", { value: String(value), selected: value === now }, label)));
}
