// A picture for everybody: initials on a colour that is always the same for the same person.

import { el } from "./dom.js";

const HUES = 10;

export function avatar(user, size = "") {
  const node = el(`span.avatar${size && `.avatar-${size}`}`, { "aria-hidden": "true" }, initials(user.name));
  node.dataset.hue = String(hue(user.id));
  return node;
}

function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const first = [...(words[0] ?? "?")];
  const second = words.length > 1 ? [...words[1]][0] : "";
  return (first[0] + second).toUpperCase();
}

function hue(id) {
  let sum = 7;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) >>> 0;
  return sum % HUES;
}
