// A file in a message: pictures, sound and video in place; anything else is a download.

import { el, icon } from "../dom.js";

const IMAGES = /^image\/(png|jpeg|gif|webp|avif)$/;

export function attachment({ id, type, name, size, url }) {
  const src = sameOrigin(url ?? `/attachments/${encodeURIComponent(id)}`);
  if (!src) return null;
  if (IMAGES.test(type)) {
    return el("a.attachment", { href: src, target: "_blank", rel: "noopener" }, el("img", { src, alt: name, loading: "lazy" }));
  }
  if (type.startsWith("audio/")) return el("audio.attachment", { src, controls: true, preload: "metadata", "aria-label": name });
  if (type.startsWith("video/")) return el("video.attachment", { src, controls: true, preload: "metadata", "aria-label": name });
  return el("a.attachment.file", { href: src, download: name }, icon("clip"), el("span", {}, name), el("span.muted", {}, sizeText(size)));
}

/** What another user's message names must not lead off this server. */
function sameOrigin(address) {
  try {
    const url = new URL(address, location.origin);
    return url.origin === location.origin && url.pathname.startsWith("/attachments/") ? url.href : null;
  } catch {
    return null;
  }
}

function sizeText(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
