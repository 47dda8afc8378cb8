// Joining a room: one of the list, or a new one.

import { el, fill, icon } from "../dom.js";
import { isRoomName, roomName } from "../commands.js";
import { openDialog } from "./dialog.js";

export function browseRooms(page) {
  const { session, store } = page;
  const error = el("p.field-error", { role: "alert" });
  const input = el("input", { id: "room-name", maxLength: 65, spellcheck: false, autocomplete: "off", placeholder: "a name: old or new" });
  const submit = el("button.primary", { id: "room-join", type: "submit" }, "Join");
  const list = el("ul.choices", { "aria-label": "Public rooms" });
  const form = el("form.row-form", { onSubmit: (event) => { event.preventDefault(); join(roomName(input.value)); } }, input, submit);
  const dialog = openDialog("Rooms", el("label", { for: "room-name" }, "Join or create a room"), form, error, list);
  let rooms = [];

  async function join(name) {
    if (!isRoomName(name)) {
      error.textContent = "A room's name has letters a–z, digits, and . _ - and begins with a letter or digit.";
      return;
    }
    submit.disabled = true;
    try {
      await session.join(name);
      dialog.close();
      document.getElementById("text").focus();
    } catch (reason) {
      error.textContent = reason.message;
      submit.disabled = false;
    }
  }

  function draw() {
    const wanted = roomName(input.value);
    const shown = rooms.filter(({ room }) => room.includes(wanted));
    submit.textContent = wanted && !rooms.some(({ room }) => room === wanted) ? "Create" : "Join";
    fill(list, ...shown.map(({ room, topic, members }) => el("li", {}, el("button.choice", { type: "button", onClick: () => join(room) },
      icon("hash"), el("span.choice-name", {}, el("strong", {}, room), topic && el("span.muted", {}, topic)),
      store.rooms.has(room) && el("span.tag", {}, "joined"),
      el("span.muted", {}, members === 1 ? "1 person" : `${members} people`)))));
    if (!shown.length) fill(list, el("li.list-empty", {}, wanted ? `No room is named like that. “Create” makes #${wanted}.` : "No rooms yet. Create the first one!"));
  }

  async function load(after) {
    const answer = await session.attempt((chat) => chat.listRooms({ after }));
    if (!answer) return;
    rooms = [...rooms, ...answer.rooms].sort((a, b) => b.members - a.members || a.room.localeCompare(b.room));
    draw();
    if (answer.after && rooms.length < 1_000 && dialog.open) await load(answer.after);
  }

  input.addEventListener("input", () => { error.textContent = ""; draw(); });
  input.focus();
  draw();
  load();
}
