// All public rooms, and how many people are in each.

import { el } from "../dom.js";
import { fullText } from "../time-text.js";
import { countText, spanText } from "./figures.js";
import { LiveTable } from "./live-table.js";
import { Paged } from "./paged.js";

export class RoomsSection {
  constructor(page) {
    this.page = page;
    this.pages = new Paged((after) => page.ask("rooms", { after, limit: 100 }), ({ rooms }) => rooms);
    this.table = new LiveTable("Rooms", [["Room"], ["People", "number"], ["Nodes", "number"], ["Messages", "number"], ["Last said", "number"]],
      ({ room }) => room, (room) => this.#row(room));
    this.count = el("span.muted");
    this.more = el("button.secondary.small", { type: "button", hidden: true, onClick: () => { this.pages.more(); page.refresh(); } }, "Show more");
    this.node = el("div", {}, el("div.panel-title", {}, el("h1", {}, "Rooms"), this.count), this.table.node, el("div.table-foot", {}, this.more));
  }

  async refresh() {
    const { rows, last } = await this.pages.load();
    this.at = last.at;
    this.count.textContent = `${countText(last.count)} in all`;
    this.more.hidden = !this.pages.hasMore;
    this.table.show(rows, "No room has been made yet.");
  }

  #row({ room, topic, members, nodes, offset, lastAt }) {
    return [
      el("span", {}, el("button.cell-link", { type: "button", title: "Who is in it", onClick: () => this.page.go(`people?room=${encodeURIComponent(room)}`) }, `#${room}`),
        topic && el("span.cell-sub", {}, topic)),
      countText(members), countText(nodes), countText(offset),
      lastAt ? el("span", { title: fullText(lastAt) }, `${spanText(this.at - lastAt)} ago`) : "never",
    ];
  }
}
