// The cluster in a few numbers, how much is said in it, and its nodes.

import { el } from "../dom.js";
import { fullText } from "../time-text.js";
import { Chart } from "./chart.js";
import { countText, rateText, spanText } from "./figures.js";
import { LiveTable } from "./live-table.js";

const LEVELS = { up: "good", draining: "warn", dead: "bad", cleaning: "bad" };
const chart = new Chart();

export class OverviewSection {
  #figures = new Map();

  constructor(page) {
    this.page = page;
    const figure = (key, label) => {
      const value = el("dd", {}, "–");
      this.#figures.set(key, value);
      return el("div.figure", {}, el("dt", {}, label), value);
    };
    this.nodes = new LiveTable("Nodes",
      [["Node"], ["State"], ["Lease", "number"], ["Sessions", "number"], ["Users", "number"], ["Rooms", "number"], ["Messages/s", "number"], ["Version", "nowrap"], ["Up for", "number"]],
      ({ id }) => id, (node) => this.#node(node));
    this.node = el("div", {},
      el("div.panel-title", {}, el("h1", {}, "Overview")),
      el("dl.figures", {}, figure("nodes", "Nodes"), figure("users", "People online"), figure("sessions", "Sessions"), figure("rooms", "Rooms"),
        figure("entryRate", "Messages a second"), figure("deliveryRate", "Deliveries a second")),
      chart.node, el("h2", {}, "Nodes"), this.nodes.node);
  }

  async refresh() {
    const [stats, { at, nodes }] = await Promise.all([this.page.ask("stats"), this.page.ask("nodes")]);
    this.at = at;
    for (const [key, node] of this.#figures) {
      const text = key.endsWith("Rate") ? rateText(stats[key]) : countText(stats[key]);
      if (node.textContent !== text) node.textContent = text;
    }
    chart.add(stats.at, stats.entryRate);
    this.nodes.show(nodes, "No node has a lease.");
  }

  #node({ id, state, leaseLeft, address, version, started, sessions, users, rooms, entryRate }) {
    return [
      el("span", {}, el("button.cell-link", { type: "button", title: "Who is on it", onClick: () => this.page.go(`people?node=${encodeURIComponent(id)}`) }, id), el("span.cell-sub", {}, address ?? "")),
      el("span.state", { "data-level": LEVELS[state] ?? "" }, state),
      leaseLeft === undefined ? "ended" : `${Math.round(leaseLeft / 1_000)} s`,
      countText(sessions), countText(users), countText(rooms), rateText(entryRate), version ?? "",
      started ? el("span", { title: `since ${fullText(started)}` }, spanText(this.at - started)) : "",
    ];
  }
}
