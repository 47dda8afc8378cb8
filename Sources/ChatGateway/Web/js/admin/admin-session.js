// The chat session by which an operator acts: opened with the first action, closed when none followed for a while, so that
// looking at the page does not make one present.

import { Martlet } from "../../martlet.js";
import { operatorToken } from "./admin-access.js";

const IDLE = 60_000;

export class OperatorSession {
  #chat = null;
  #idle = 0;

  /** Does something with the session. @template T @param {(chat: Martlet) => Promise<T>} what @returns {Promise<T>} */
  async ask(what) {
    this.#chat ??= new Martlet({ getToken: operatorToken });
    clearTimeout(this.#idle);
    try {
      await this.#chat.connect();
      return await what(this.#chat);
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
