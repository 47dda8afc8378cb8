// A table that is told its rows again and again, and changes only what has changed: focus and selection stay.

import { el, fill } from "../dom.js";

export class LiveTable {
  #rows = new Map();

  /**
   * @param {string} name for screen readers
   * @param {[string, string?][]} columns title and class of each; an empty title is read as "Actions"
   * @param {(row: any) => string} key @param {(row: any) => (Node | string | null)[]} cells
   */
  constructor(name, columns, key, cells) {
    Object.assign(this, { columns, key, cells });
    this.body = el("tbody");
    this.table = el("table", { "aria-label": name }, el("thead", {}, el("tr", {}, ...columns.map(([title, style = ""]) =>
      el("th", { scope: "col", className: style }, title || el("span.visually-hidden", {}, "Actions"))))), this.body);
    this.empty = el("p.table-empty", { hidden: true });
    // Scrolled by keyboard, where it is wider than the screen.
    this.node = el("div.table-frame", { tabIndex: 0, role: "region", "aria-label": name }, this.table, this.empty);
  }

  /** @param {any[]} rows @param {string} nothing said when there are none */
  show(rows, nothing) {
    const wanted = new Map(rows.map((row) => [this.key(row), row]));
    for (const [key, node] of this.#rows) if (!wanted.has(key)) { node.remove(); this.#rows.delete(key); }
    let next = this.body.firstChild;
    for (const [key, row] of wanted) {
      const node = this.#row(key, row);
      if (node === next) next = next.nextSibling;
      else this.body.insertBefore(node, next);
    }
    this.table.hidden = rows.length === 0;
    this.empty.hidden = rows.length > 0;
    fill(this.empty, nothing);
  }

  #row(key, row) {
    const fresh = this.cells(row).map((cell, index) => el("td", { className: this.columns[index][1] ?? "" }, cell));
    const node = this.#rows.get(key);
    if (!node) {
      const made = el("tr", {}, ...fresh);
      this.#rows.set(key, made);
      return made;
    }
    fresh.forEach((cell, index) => {
      const old = node.children[index];
      if (!old.isEqualNode(cell) && !old.contains(document.activeElement)) old.replaceWith(cell);
    });
    return node;
  }
}
