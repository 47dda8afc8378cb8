// Whom to talk to in private: anybody who is online.

import { el, fill } from "../dom.js";
import { openDialog } from "./dialog.js";
import { person } from "./people-view.js";

export function choosePerson(page) {
  const { session, store } = page;
  const input = el("input", { id: "person-name", type: "search", autocomplete: "off", placeholder: "Find by name" });
  const list = el("ul.choices.persons", { "aria-label": "People online" });
  const dialog = openDialog("New direct message", el("label.visually-hidden", { for: "person-name" }, "Find by name"), input, list);
  let people = [];

  function draw() {
    const wanted = input.value.trim().toLowerCase();
    const shown = people.filter(({ id, name }) => id !== store.me.id && name.toLowerCase().includes(wanted));
    fill(list, ...shown.map((one) => el("li", {}, person(one, store, () => { dialog.close(); page.direct(one); }))));
    if (!shown.length) fill(list, el("li.list-empty", {}, people.length > 1 ? "Nobody of that name is online." : "Nobody else is online right now."));
  }

  async function load(after) {
    const answer = await session.attempt((chat) => chat.who(undefined, { after, limit: 100 }));
    if (!answer) return;
    for (const one of answer.members) store.seen(one);
    people = [...people, ...answer.members].sort((a, b) => a.name.localeCompare(b.name));
    draw();
    if (answer.after && people.length < 2_000 && dialog.open) await load(answer.after);
  }

  input.addEventListener("input", draw);
  input.focus();
  load();
}
