// Making nodes. Text only ever becomes text nodes: nothing here, or anywhere in the page, interprets a string as HTML.

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag may carry classes: "div.row.wide"
 * @param {Record<string, any>} [props] `on…` functions are listeners; `aria-…`, `data-…`, `role`, `for` and the like
 *   attributes; booleans set or leave out an attribute; all others are properties
 * @param {...(Node | string | null | undefined | false)} children
 */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (typeof value === "function" && key.startsWith("on")) node.addEventListener(key.slice(2).toLowerCase(), value);
    else if (key in node && !key.includes("-") && key !== "list" && key !== "form") node[key] = value;
    else if (value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon of `icons.js`: decoration, so hidden from screen readers (the button has the name). */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A button that shows an icon only; its label is what it does. */
export function iconButton(name, label, onClick, props = {}) {
  return el("button.icon-button", { type: "button", "aria-label": label, title: label, onClick, ...props }, icon(name));
}

/** Replaces the children of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter(isShown));
}

/** Whether the elements in `node` look like these: then they may stay, and a click that has begun on one of them is not lost. */
export function looksLike(node, ...children) {
  const wanted = children.filter(isShown);
  return node.childNodes.length === wanted.length && wanted.every((child, index) => child.isEqualNode(node.childNodes[index]));
}

const isShown = (child) => child !== null && child !== undefined && child !== false;
