// The chat session by which an operator acts: opened with the first action, closed when none followed for a while, so that
// looking at the page does not make one present.

import { Martlet } from "../../martlet.js";
import { operatorToken } from "./admin-access.js";

const IDLE = 60_000;

export class OperatorSession {
  #chat = null;
  #idle = 0;

  /** Sends a frame and resolves with its reply. */
  async request(frame) {
    this.#chat ??= new Martlet({ getToken: operatorToken });
    clearTimeout(this.#idle);
    try {
      await this.#chat.connect();
      return await this.#chat.request(frame);
    } finally {
      this.#idle = setTimeout(() => this.close(), IDLE);
    }
  }

  close() {
    clearTimeout(this.#idle);
    this.#chat?.close();
    this.#chat = null;
  }
}
