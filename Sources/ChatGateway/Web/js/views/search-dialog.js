// Search in what is loaded of a conversation; more can be loaded from here.

import { el, fill } from "../dom.js";
import { parse, plainText } from "../format.js";
import { findMessages } from "../search.js";
import { momentText } from "../time-text.js";
import { openDialog } from "./dialog.js";

export function searchMessages(page, typed = "") {
  const { session, store } = page;
  const room = store.current;
  if (!room) return;
  const input = el("input", { id: "search-text", type: "search", autocomplete: "off", placeholder: "words, from:name", value: typed });
  const note = el("p.muted.search-note", { role: "status" });
  const more = el("button.link-button", { type: "button", onClick: load }, "Load earlier messages");
  const list = el("ul.choices", { "aria-label": "Found" });
  const title = `${room.direct ? "" : "#"}${store.title(room)}`;
  const dialog = openDialog(`Search in ${title}`, el("label.visually-hidden", { for: "search-text" }, "Search for"), input, el("div.search-line", {}, note, more), list);

  function draw() {
    const found = findMessages(room.messages, input.value);
    const count = room.messages.length;
    const where = `${count} message${count === 1 ? "" : "s"} loaded`;
    note.textContent = input.value.trim() ? `${found.length} found in ${where}` : where;
    more.hidden = !room.more;
    fill(list, ...found.map((one) => el("li", {}, el("button.choice.found", { type: "button", onClick: () => { dialog.close(); page.reveal(one.offset); } },
      el("span.choice-name", {}, el("strong", {}, one.from.name), el("span.found-text", {}, plainText(parse(one.text)) || one.attachment?.name || "")),
      el("span.muted", {}, momentText(one.at))))));
  }

  async function load() {
    more.disabled = true;
    await session.loadOlder(room);
    more.disabled = false;
    draw();
  }

  input.addEventListener("input", draw);
  input.focus();
  draw();
}
