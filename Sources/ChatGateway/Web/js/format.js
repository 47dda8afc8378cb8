// What a user typed, as a tree: the safe subset of formatting. Pure: knows neither the page nor HTML. `render.js` makes
// nodes of it.

import { emojiByName } from "./emoji.js";

/**
 * @typedef {{type: "text" | "code", text: string} | {type: "break"} | {type: "codeblock", text: string}
 *   | {type: "bold" | "italic" | "strike" | "quote", children: Piece[]} | {type: "link", href: string, text: string}
 *   | {type: "mention", name: string} | {type: "emoji", text: string, name: string}} Piece
 */

/** Deeper nesting than this stays as typed. */
const DEEPEST = 6;
const FENCE = /^\s*```/;
const QUOTE = /^\s*>\s?/;
const WORD = /[\p{L}\p{N}_]/u;
const LINK = /https?:\/\/[^\s<>"`]+/iuy;
const EMOJI = /:([a-z0-9_+-]{1,32}):/uy;
const MENTION = /@([\p{L}\p{N}_.-]{1,32})/uy;
const STYLES = [["**", "bold"], ["~~", "strike"], ["*", "bold"], ["_", "italic"]];

/**
 * @param {string} text
 * @param {{names?: Iterable<string>}} [context] `names`: the people who may be mentioned; also such with a space in it
 * @returns {Piece[]}
 */
export function parse(text, { names = [] } = {}) {
  const known = [...names].filter((name) => !/^[\p{L}\p{N}_.-]+$/u.test(name)).sort((a, b) => b.length - a.length);
  return blocks(String(text).replace(/\r\n?/g, "\n").split("\n"), { known, depth: 0 });
}

/** Whether a message is nothing but one to three emoji, which are then shown large. */
export function isOnlyEmoji(pieces) {
  const rest = pieces.filter((piece) => !(piece.type === "text" && piece.text.trim() === ""));
  const plain = /^(\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F\u200D]*){1,3}$/u;
  return rest.length > 0 && rest.length <= 3
    && rest.every((piece) => piece.type === "emoji" || (piece.type === "text" && plain.test(piece.text.trim())));
}

/** The same without formatting, on one line: for notifications and previews. */
export function plainText(pieces) {
  return pieces.map((piece) => {
    if (piece.type === "break") return " ";
    if (piece.type === "mention") return `@${piece.name}`;
    const text = piece.children ? plainText(piece.children) : piece.text;
    return piece.type === "quote" || piece.type === "codeblock" ? ` ${text} ` : text;
  }).join("").replace(/\s+/g, " ").trim();
}

function blocks(lines, context) {
  const out = [];
  let paragraph = [];
  const endParagraph = () => {
    paragraph.forEach((line, index) => {
      if (index) out.push({ type: "break" });
      out.push(...inline(line, context));
    });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at++) {
    if (FENCE.test(lines[at])) {
      const { text, next } = fenced(lines, at);
      endParagraph();
      out.push({ type: "codeblock", text });
      at = next;
    } else if (QUOTE.test(lines[at]) && context.depth < DEEPEST) {
      let end = at;
      while (end < lines.length && QUOTE.test(lines[end])) end += 1;
      endParagraph();
      const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
      out.push({ type: "quote", children: blocks(inner, deeper(context)) });
      at = end - 1;
    } else {
      paragraph.push(lines[at]);
    }
  }
  endParagraph();
  return out;
}

/** A fence on one line, or up to the closing fence, or (it was forgotten) to the end. */
function fenced(lines, at) {
  const first = lines[at].replace(FENCE, "");
  const oneLine = first.indexOf("```");
  if (oneLine >= 0) return { text: first.slice(0, oneLine), next: at };
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end])) end += 1;
  // The word after the opening fence names a language; more than a word was meant as code.
  const head = /^\s*[\w+#-]*\s*$/.test(first) ? [] : [first];
  return { text: [...head, ...lines.slice(at + 1, end)].join("\n"), next: end };
}

function deeper(context) {
  return { ...context, depth: context.depth + 1 };
}

function inline(text, context) {
  const out = [];
  let plain = "";
  const push = (piece, length) => {
    if (plain) out.push({ type: "text", text: plain });
    plain = "";
    out.push(piece);
    return length;
  };
  for (let at = 0; at < text.length;) {
    const found = pieceAt(text, at, context);
    if (found) {
      at += push(found.piece, found.length);
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain) out.push({ type: "text", text: plain });
  return out;
}

/** The formatted piece that starts at an index, if one does. */
function pieceAt(text, at, context) {
  switch (text[at]) {
  case "`": return codeSpan(text, at);
  case "h": case "H": return link(text, at);
  case "@": return mention(text, at, context);
  case ":": return emoji(text, at);
  case "*": case "_": case "~": return styled(text, at, context);
  default: return null;
  }
}

function codeSpan(text, at) {
  const ticks = text.startsWith("``", at) ? "``" : "`";
  const end = text.indexOf(ticks, at + ticks.length);
  if (end <= at + ticks.length) return null;
  const inner = text.slice(at + ticks.length, end);
  return { piece: { type: "code", text: inner.trim() === "" ? inner : inner.trim() }, length: end + ticks.length - at };
}

function link(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  LINK.lastIndex = at;
  const match = LINK.exec(text)?.[0];
  if (!match) return null;
  const shown = withoutTail(match);
  let url;
  try {
    url = new URL(shown);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return { piece: { type: "link", href: url.href, text: shown }, length: shown.length };
}

/** Punctuation after an address belongs to the sentence, and so does a bracket that the address did not open. */
function withoutTail(address) {
  for (;;) {
    const last = address.at(-1);
    if (/[.,;:!?'*_~]/.test(last)) address = address.slice(0, -1);
    else if (last === ")" && address.split(")").length > address.split("(").length) address = address.slice(0, -1);
    else return address;
  }
}

function mention(text, at, { known }) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  const after = text.slice(at + 1, at + 65).toLowerCase();
  const spaced = known.find((name) => after.startsWith(name.toLowerCase()) && !WORD.test(after[name.length] ?? " "));
  if (spaced) {
    return { piece: { type: "mention", name: text.slice(at + 1, at + 1 + spaced.length) }, length: spaced.length + 1 };
  }
  MENTION.lastIndex = at;
  const name = MENTION.exec(text)?.[1].replace(/[.-]+$/, "");
  return name ? { piece: { type: "mention", name }, length: name.length + 1 } : null;
}

function emoji(text, at) {
  EMOJI.lastIndex = at;
  const match = EMOJI.exec(text);
  const char = match && emojiByName.get(match[1]);
  return char ? { piece: { type: "emoji", text: char, name: match[1] }, length: match[0].length } : null;
}

/** Marks count only around words: `snake_case_name` and `2 * 3 * 4` stay as they are. */
function styled(text, at, context) {
  if (context.depth >= DEEPEST || (at > 0 && WORD.test(text[at - 1]))) return null;
  const style = STYLES.find(([mark]) => text.startsWith(mark, at));
  if (!style) return null;
  const [mark, type] = style;
  const start = at + mark.length;
  if (start >= text.length || /\s/.test(text[start]) || text[start] === mark[0]) return null;
  for (let end = text.indexOf(mark, start + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
    const after = text[end + mark.length] ?? " ";
    if (/\s/.test(text[end - 1]) || WORD.test(after) || after === mark[0]) continue;
    return {
      piece: { type, children: inline(text.slice(start, end), deeper(context)) },
      length: end + mark.length - at,
    };
  }
  return null;
}
