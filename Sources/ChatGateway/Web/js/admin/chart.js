// How many messages a second, over the last minutes: as long as one has looked, five at most. It stays while one looks at
// other sections.

import { el } from "../dom.js";
import { rateText, Samples } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";
const [SPAN_LEAST, SPAN_MOST] = [60_000, 5 * 60_000];
const MOST = 400;
const [WIDTH, HEIGHT] = [600, 84];

export class Chart {
  #samples = new Samples(MOST);

  constructor() {
    this.line = svg("path", { class: "chart-line" });
    this.ground = svg("path", { class: "chart-fill" });
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      this.ground, svg("path", { class: "chart-base", d: `M0 ${HEIGHT}H${WIDTH}` }), this.line);
    this.peak = el("span");
    this.node = el("div.chart", {}, el("div.chart-head", {}, el("span", {}, "Messages a second, of late"), this.peak), this.picture);
    this.#draw();
  }

  /** @param {number} at @param {number} value */
  add(at, value) {
    this.#samples.add(at, value);
    this.#draw();
  }

  #draw() {
    const { all } = this.#samples;
    const looked = all.length ? all.at(-1).at - all[0].at : 0;
    const path = this.#samples.line(WIDTH, HEIGHT, Math.min(SPAN_MOST, Math.max(SPAN_LEAST, looked)));
    const peak = `highest ${rateText(this.#samples.highest)}`;
    this.peak.textContent = path ? peak : "gathering…";
    this.picture.setAttribute("aria-label", `Messages a second: now ${rateText(this.#samples.all.at(-1)?.value)}, ${peak}`);
    this.line.setAttribute("d", path);
    this.ground.setAttribute("d", path && `${path}V${HEIGHT}H${path.slice(1).split(" ")[0]}Z`);
  }
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
