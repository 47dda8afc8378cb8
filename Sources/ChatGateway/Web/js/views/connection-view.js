// Whether we are connected: always visible, never rosier than it is.

import { el, fill } from "../dom.js";

/** The close code of those who are not to come back. */
const BANNED = 4403;

export class ConnectionView {
  constructor({ store, session, signOut }) {
    Object.assign(this, { store, session, signOut });
    this.pill = document.getElementById("connection");
    this.banner = document.getElementById("banner");
    this.wasOnline = false;
    store.on("connection", () => this.update());
    this.update();
  }

  update() {
    const { connection } = this.store;
    clearInterval(this.ticking);
    if (connection.state === "online") this.wasOnline = true;
    const [level, word] = this.#word(connection);
    this.pill.dataset.level = level;
    this.pill.title = connection.via === "stream" ? "Over HTTP: WebSockets don't get through here" : "";
    document.getElementById("shell").dataset.connection = connection.state === "online" ? "on" : "off";
    fill(this.pill, word);
    this.#banner(connection);
  }

  #word({ state, degraded }) {
    if (state === "online") return degraded ? ["warn", "Limited"] : ["good", "Online"];
    if (state === "waiting") return ["bad", "Offline"];
    if (state === "closed") return ["bad", "Disconnected"];
    return ["warn", "Connecting…"];
  }

  #banner({ state, degraded, notice, reason, code }) {
    if (state === "waiting") return this.#waiting();
    if (state === "connecting" && this.wasOnline) return this.#show("warn", "Reconnecting…");
    if (state === "connecting") return this.#show("warn", "Connecting…");
    if (state === "closed" && code === BANNED) return this.#show("bad", `You can't be here: ${reason}.`, this.#button("Sign out", this.signOut));
    if (state === "closed" && this.wasOnline) {
      return this.#show("bad", `Disconnected: ${reason}`, this.#button("Start over", this.signOut));
    }
    if (degraded) {
      return this.#show("warn", "The server can't reach its storage. What you write is kept here and sent when it is back.");
    }
    if (notice) return this.#show("good", notice);
    this.banner.hidden = true;
    fill(this.banner);
    return undefined;
  }

  // The seconds are for eyes only: a screen reader would read them out one by one.
  #waiting() {
    const seconds = el("span", { "aria-hidden": "true" });
    const tick = () => {
      const left = Math.ceil((this.store.connection.retryAt - Date.now()) / 1_000);
      seconds.textContent = left > 0 ? ` in ${left} s.` : " now…";
    };
    tick();
    this.ticking = setInterval(tick, 250);
    const text = el("span", {}, "No connection. What you write is kept. Trying again", seconds);
    this.#show("bad", text, this.#button("Try now", () => this.session.chat?.retryNow()));
  }

  #button(label, onClick) {
    return el("button.link-button", { type: "button", onClick }, label);
  }

  #show(level, ...content) {
    this.banner.hidden = false;
    this.banner.dataset.level = level;
    fill(this.banner, ...content);
  }
}
