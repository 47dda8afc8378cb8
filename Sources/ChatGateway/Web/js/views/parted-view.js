// Rooms one was sent out of: told above the messages until it was read.

import { el, fill, iconButton } from "../dom.js";

export class PartedView {
  /** @param {any} page */
  constructor(page) {
    this.page = page;
    this.box = el("div.parted", { role: "alert", hidden: true });
    document.getElementById("banner").after(this.box);
    page.store.on("rooms current", () => this.update());
  }

  update() {
    const { parted } = this.page.store;
    this.box.hidden = parted.size === 0;
    const shown = [...parted.keys()].join();
    if (shown === this.shown) return; // an alert that is made anew is read out anew
    this.shown = shown;
    fill(this.box, ...[...parted].map(([name, text]) => el("p", {}, el("span", {}, text),
      el("button.link-button", { type: "button", onClick: () => this.#back(name) }, "Try to join"),
      iconButton("close", `Dismiss: ${text}`, () => this.#dismiss(name)))));
  }

  #dismiss(name) {
    this.page.store.parted.delete(name);
    this.update();
  }

  async #back(name) {
    try {
      await this.page.session.join(name);
      this.#dismiss(name);
    } catch (error) {
      this.page.toast(error);
    }
  }
}
