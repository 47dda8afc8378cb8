// On narrow screens the conversation has the place to itself; the lists slide in from the sides. On wide ones, people
// may be hidden.

import { kept } from "../storage.js";

const NARROW = matchMedia("(max-width: 760px)");
const MEDIUM = matchMedia("(max-width: 1080px)");

export class Drawers {
  constructor() {
    this.shell = document.getElementById("shell");
    this.conversation = document.getElementById("conversation");
    this.scrim = document.getElementById("scrim");
    this.scrim.addEventListener("click", () => this.close());
    addEventListener("keydown", (event) => { if (event.key === "Escape" && this.shell.dataset.drawer) this.close(); });
    this.shell.classList.toggle("people-hidden", kept.get("peopleHidden", false));
  }

  /** @param {"sidebar" | "people"} which */
  toggle(which) {
    if (which === "people" && !MEDIUM.matches) {
      kept.set("peopleHidden", this.shell.classList.toggle("people-hidden"));
      return;
    }
    if (which === "sidebar" && !NARROW.matches) return;
    if (this.shell.dataset.drawer === which) return this.close();
    this.before = document.activeElement;
    this.shell.dataset.drawer = which;
    this.scrim.hidden = false;
    this.conversation.inert = true;
    document.getElementById(which).querySelector("button")?.focus();
  }

  close() {
    if (!this.shell.dataset.drawer) return;
    delete this.shell.dataset.drawer;
    this.scrim.hidden = true;
    this.conversation.inert = false;
    this.before?.focus();
  }
}
