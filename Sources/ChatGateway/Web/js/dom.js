// Making nodes. Text only ever becomes text nodes: nothing here, or anywhere in the page, interprets a string as HTML.

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

/** An icon of the sprite below: decoration, so hidden from screen readers (the button has the name). */
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
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

/** Drawn for this page: 24 × 24, lines of 1.75, round ends. */
const ICONS = {
  menu: ["M4 7h16M4 12h16M4 17h16"],
  people: ["M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z", "M2.5 20a6.5 6.5 0 0 1 13 0", "M16 4.3a3.5 3.5 0 0 1 0 6.4", "M18 14.2a6.5 6.5 0 0 1 3.5 5.8"],
  plus: ["M12 5v14M5 12h14"],
  close: ["M6 6l12 12M18 6 6 18"],
  send: ["M4 12 20 4l-5 16-3.5-6.5L4 12Z", "M11.5 13.5 20 4"],
  gear: ["M4 7h10M18 7h2M4 17h2M10 17h10", "M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z", "M8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z"],
  leave: ["M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4", "M15 8l4 4-4 4M19 12H9"],
  down: ["M12 5v14M6 13l6 6 6-6"],
  reply: ["M9 7 4 12l5 5", "M4 12h10a6 6 0 0 1 6 6v1"],
  edit: ["M4 20h4L19 9l-4-4L4 16v4Z", "M13 7l4 4"],
  trash: ["M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"],
  smile: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5v.01M15 9.5v.01"],
  bold: ["M7 5h6a3.5 3.5 0 0 1 0 7H7V5Z", "M7 12h7a3.5 3.5 0 0 1 0 7H7v-7Z"],
  italic: ["M10 5h7M7 19h7M14 5l-4 14"],
  strike: ["M5 12h14", "M16 7.5C15.5 6 14 5 12 5 9.5 5 8 6.3 8 8c0 1 .5 1.8 1.5 2.5", "M8 16c.5 2 2 3 4 3 2.5 0 4-1.3 4-3 0-.7-.2-1.3-.6-1.8"],
  code: ["M8 7l-5 5 5 5M16 7l5 5-5 5"],
  clip: ["M19 11.5 12 18.5a4.5 4.5 0 0 1-6.4-6.4l7.5-7.5a3 3 0 0 1 4.3 4.3l-7.5 7.4a1.5 1.5 0 0 1-2.1-2.1L14 8"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z"],
  message: ["M4 5h16v11H9l-5 4V5Z"],
  hash: ["M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16"],
};
