// Files chosen for the next message: shown with a preview above the box, taken back one by one.

import { el, fill, icon, iconButton } from "../dom.js";
import { fitted, mostBytes, sizeText } from "../attachments.js";

const AT_ONCE = 10;

export class AttachTray {
  /** @type {{file: File, url: string}[]} */ #staged = [];

  /** @param {{store: import("../store.js").Store, toast: (text: string) => void}} page @param {() => void} changed */
  constructor(page, changed) {
    this.page = page;
    this.changed = changed;
    this.node = el("ul.tray", { "aria-label": "Files to send", hidden: true });
  }

  get isEmpty() {
    return this.#staged.length === 0;
  }

  /** @param {Iterable<File>} files */
  async add(files) {
    const most = mostBytes(this.page.store);
    for (const original of files) {
      if (this.#staged.length >= AT_ONCE) {
        this.page.toast(`${AT_ONCE} files at most with one message.`);
        break;
      }
      const file = await fitted(original, most);
      if (file.size === 0) this.page.toast(`${file.name} is empty.`);
      else if (file.size > most) this.page.toast(`${file.name} is too large: ${sizeText(file.size)}; ${sizeText(most)} at most.`);
      else this.#staged.push({ file, url: URL.createObjectURL(file) });
    }
    this.#draw();
  }

  /** Hands them over, and is empty. @returns {File[]} */
  take() {
    const files = this.#staged.map(({ file }) => file);
    this.clear();
    return files;
  }

  clear() {
    for (const { url } of this.#staged) URL.revokeObjectURL(url);
    this.#staged = [];
    this.#draw();
  }

  #draw() {
    this.node.hidden = this.isEmpty;
    fill(this.node, ...this.#staged.map((one) => el("li.staged", {}, preview(one),
      el("span.staged-name", { title: one.file.name }, one.file.name, el("span.muted", {}, sizeText(one.file.size))),
      iconButton("close", `Don't send ${one.file.name}`, () => {
        URL.revokeObjectURL(one.url);
        this.#staged = this.#staged.filter((other) => other !== one);
        this.#draw();
      }))));
    this.changed();
  }
}

function preview({ file, url }) {
  if (file.type.startsWith("image/")) return el("img", { src: url, alt: "" });
  if (file.type.startsWith("video/")) return el("video", { src: url, muted: true, preload: "metadata", "aria-label": file.name });
  if (file.type.startsWith("audio/")) return el("audio", { src: url, controls: true, "aria-label": file.name });
  return el("span.staged-mark", {}, icon("file"));
}
