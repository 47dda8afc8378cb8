// What the formatting buttons do to a text and its selection. Pure.

/** @typedef {{value: string, start: number, end: number}} Selection */

/** A row each: icon, label, what it does, and its key with Ctrl (with `shift`: and Shift). */
export const FORMATS = [
  { icon: "bold", label: "Bold", key: "b", apply: (s) => wrap(s, "*") },
  { icon: "italic", label: "Italic", key: "i", apply: (s) => wrap(s, "_") },
  { icon: "strike", label: "Strike", key: "x", shift: true, apply: (s) => wrap(s, "~~") },
  { icon: "code", label: "Code", key: "e", apply: (s) => wrap(s, "`") },
  { icon: "block", label: "Code block", key: "c", shift: true, apply: (s) => fence(s) },
  { icon: "quote", label: "Quote", key: ".", shift: true, apply: (s) => quote(s) },
];

export function shortcut({ key, shift }) {
  return `Ctrl+${shift ? "Shift+" : ""}${key.toUpperCase()}`;
}

/** The format of a key press, if it is one. */
export function formatOf(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase() === ">" ? "." : event.key.toLowerCase();
  return FORMATS.find((one) => one.key === key && Boolean(one.shift) === event.shiftKey);
}

/** Puts marks around the selection, or takes them away. @returns {Selection} */
export function wrap({ value, start, end }, mark) {
  const size = mark.length;
  const inner = value.slice(start, end);
  if (value.slice(start - size, start) === mark && value.slice(end, end + size) === mark) {
    return { value: value.slice(0, start - size) + inner + value.slice(end + size), start: start - size, end: end - size };
  }
  // Marks beside a space would not count.
  const lead = inner.length - inner.trimStart().length;
  const from = inner.trim() ? start + lead : start;
  const to = inner.trim() ? from + inner.trim().length : end;
  return { value: value.slice(0, from) + mark + value.slice(from, to) + mark + value.slice(to), start: from + size, end: to + size };
}

/** `> ` before each line of the selection, or away from each. @returns {Selection} */
export function quote({ value, start, end }) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const lines = value.slice(from, end).split("\n");
  const quoted = lines.every((line) => line.startsWith("> "));
  const text = lines.map((line) => (quoted ? line.slice(2) : `> ${line}`)).join("\n");
  return { value: value.slice(0, from) + text + value.slice(end), start: from + text.length, end: from + text.length };
}

/** A fenced block around the selection. @returns {Selection} */
export function fence({ value, start, end }) {
  const before = start > 0 && value[start - 1] !== "\n" ? "\n```\n" : "```\n";
  const after = `\n\`\`\`${end < value.length && value[end] !== "\n" ? "\n" : ""}`;
  const inner = value.slice(start, end);
  return { value: value.slice(0, start) + before + inner + after + value.slice(end), start: start + before.length, end: start + before.length + inner.length };
}
