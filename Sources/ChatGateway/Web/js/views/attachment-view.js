// A file in a message: pictures, sound and video in place; anything else is a download.

import { el, icon } from "../dom.js";
import { sizeText } from "../attachments.js";

const IMAGES = /^image\/(png|jpeg|gif|webp|avif)$/;

export function attachment({ id, type, name, size, url }) {
  const src = sameOrigin(url ?? `/attachments/${encodeURIComponent(id)}`);
  if (!src) return null;
  if (IMAGES.test(type)) {
    return el("a.attachment", { href: src, target: "_blank", rel: "noopener", title: `${name}, ${sizeText(size)}` }, el("img", { src, alt: name, loading: "lazy" }));
  }
  // What a browser records as sound alone may be taken for a film by its container.
  if (type.startsWith("audio/") || /^voice-[\d-]+\.webm$/.test(name)) return el("audio.attachment", { src, controls: true, preload: "metadata", "aria-label": name });
  if (type.startsWith("video/")) return el("video.attachment", { src, controls: true, preload: "metadata", "aria-label": name });
  return el("a.attachment.file", { href: src, download: name }, icon("file"), el("span", {}, name), el("span.muted", {}, sizeText(size)));
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

/** A file of ours on its way: what it is, and how much of it has left. */
export function upload({ file, preview, progress, state }) {
  const face = file.type.startsWith("image/") ? el("img", { src: preview, alt: file.name })
    : el("span.attachment.file", {}, icon("file"), el("span", {}, file.name), el("span.muted", {}, sizeText(file.size)));
  const percent = Math.round(progress * 100);
  return el("div.attachment.upload", {}, face,
    state === "sending" && el("progress", { max: 100, value: percent, "aria-label": `Sending ${file.name}` }, `${percent} %`));
}
