// Who is where, live; and sending somebody away.

import { el } from "../dom.js";
import { avatar } from "../avatar.js";
import { fullText } from "../time-text.js";
import { ban, kick } from "./admin-actions.js";
import { countText, spanText } from "./figures.js";
import { LiveTable } from "./live-table.js";
import { Paged } from "./paged.js";

const FIELDS = [["room", "Room", "all"], ["user", "Name or id", "everybody"], ["node", "Node", "all"]];

export class PeopleSection {
  /** @param {any} page @param {URLSearchParams} query what to begin with */
  constructor(page, query) {
    this.page = page;
    this.filter = Object.fromEntries(FIELDS.map(([name]) => [name, query.get(name) ?? ""]));
    this.#begin();
    this.table = new LiveTable("People", [["Person"], ["Room"], ["Node", "nowrap"], ["Here for", "number"], ["Sessions", "number"], ["", "cell-actions"]],
      ({ id, node, room = "" }) => `${id} ${node} ${room}`, (row) => this.#row(row));
    this.count = el("span.muted", { role: "status" });
    this.more = el("button.secondary.small", { type: "button", hidden: true, onClick: () => { this.pages.more(); page.refresh(); } }, "Show more");
    this.node = el("div", {}, el("div.panel-title", {}, el("h1", {}, "People"), this.count), this.#form(), this.table.node, el("div.table-foot", {}, this.more));
  }

  #begin() {
    const filter = { ...this.filter, room: this.filter.room.replace(/^#/, "") };
    this.pages = new Paged((after) => this.page.ask("presence", { ...filter, after, limit: 100 }), ({ users }) => users);
  }

  #form() {
    const field = ([name, label, placeholder]) => el("label", {}, label,
      el("input", { name, value: this.filter[name], placeholder, autocomplete: "off", spellcheck: false, maxLength: 100 }));
    const form = el("form.filters", {
      role: "search",
      "aria-label": "Which people",
      onSubmit: (event) => {
        event.preventDefault();
        for (const [name] of FIELDS) this.filter[name] = form.elements[name].value.trim();
        this.#begin();
        this.page.refresh();
      },
    }, ...FIELDS.map(field), el("button.secondary", { type: "submit" }, "Show"));
    return form;
  }

  async refresh() {
    const pages = this.pages;
    const { rows, last } = await pages.load().catch((error) => {
      if (error.code !== "bad_request") throw error;
      this.page.toast(error);
      return { rows: [], last: { at: Date.now(), count: 0 } };
    });
    if (pages !== this.pages) return; // another filter was chosen meanwhile
    this.at = last.at;
    this.count.textContent = this.filter.room || this.filter.user ? `${countText(last.count)} found` : `${countText(last.count)} on all nodes`;
    this.more.hidden = !pages.hasMore;
    this.table.show(rows, "Nobody is there.");
  }

  #row(row) {
    const { id, name, status, statusText, node, room, since, sessions } = row;
    return [
      el("span.cell-person", {}, el("span.face", {}, avatar({ id, name }, "small"), el("span.dot", { "data-online": "true", "data-status": status }, el("span.visually-hidden", {}, status))),
        el("span", {}, el("strong", {}, name), el("span.cell-sub", { title: id }, statusText ? `${statusText} · ${id}` : id))),
      room ? `#${room}` : "", node,
      since ? el("span", { title: fullText(since) }, spanText(this.at - since)) : "", countText(sessions),
      el("span", {},
        room && el("button.secondary.small", { type: "button", "aria-label": `Kick ${name} out of #${room}`, onClick: () => kick(this.page, row) }, "Kick"),
        el("button.secondary.small", { type: "button", "aria-label": `Ban ${name}`, onClick: () => ban(this.page, row) }, "Ban")),
    ];
  }
}
