// The formatter's tree as DOM nodes. Links open without a way back to this page, but for those to what is said here.

import { el } from "./dom.js";
import { readLink } from "./links.js";

const TAGS = { bold: "strong", italic: "em", strike: "del", quote: "blockquote" };

/**
 * @param {import("./format.js").Piece[]} pieces
 * @param {{isMe?: (name: string) => boolean}} [context] whose mention is shown as one's own
 * @returns {Node[]}
 */
export function render(pieces, context = {}) {
  return pieces.map((piece) => node(piece, context));
}

function node(piece, context) {
  switch (piece.type) {
  case "text": return document.createTextNode(piece.text);
  case "break": return el("br");
  case "code": return el("code", {}, piece.text);
  case "codeblock": return el("pre", { tabIndex: 0 }, el("code", {}, piece.text));
  case "link":
    return isOurs(piece.href) ? el("a", { href: piece.href }, piece.text)
      : el("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, piece.text);
  case "mention": {
    const self = context.isMe?.(piece.name);
    return el(self ? "span.mention.mention-me" : "span.mention", {}, `@${piece.name}`);
  }
  case "emoji":
    return el("span.emoji", { role: "img", "aria-label": piece.name.replace(/_/g, " "), title: `:${piece.name}:` }, piece.text);
  default: return el(TAGS[piece.type], {}, ...render(piece.children, context));
  }
}

/** A link to a room or a message on this server, which this page can show itself. */
function isOurs(href) {
  const { origin, pathname } = globalThis.location ?? {};
  const url = new URL(href);
  return url.origin === origin && url.pathname === pathname && url.search === "" && readLink(url.hash) !== null;
}
