// Where one types: drafts kept, commands, replies and edits, a few formatting keys.

import { el, fill, icon, iconButton } from "../dom.js";
import { draftOf, keepDraft } from "../drafts.js";
import { COMMANDS, readLine } from "../commands.js";
import { plainText, parse } from "../format.js";
import { prefs, onPrefs } from "../prefs.js";
import { Completion } from "./completion.js";

const TYPING_EVERY = 4_000;
const FORMATS = [["bold", "Bold", "*", "b"], ["italic", "Italic", "_", "i"], ["strike", "Strike", "~~"], ["code", "Code", "`", "e"]];
const encoder = new TextEncoder();

export class ComposerView {
  #room = null;
  #replyTo = null;
  #editing = null;
  #typed = 0;

  constructor(page) {
    this.page = page;
    this.form = document.getElementById("composer");
    this.form.hidden = true; // there is nowhere to send to yet
    this.context = el("div.composer-context", { hidden: true });
    this.text = el("textarea", { id: "text", rows: 1, "aria-label": "Message", "aria-describedby": "composer-hint", "aria-autocomplete": "list" });
    this.hint = el("p.composer-hint", { id: "composer-hint" });
    this.sendButton = el("button.send", { id: "send", type: "submit", "aria-label": "Send", title: "Send" }, icon("send"));
    this.completion = new Completion(this.text, page.store);
    this.form.append(this.context, this.completion.list,
      el("div.composer-box", {}, this.text, el("div.composer-tools", {},
        ...FORMATS.map(([name, label, mark, key]) => iconButton(name, key ? `${label} (Ctrl+${key.toUpperCase()})` : label, () => this.#wrap(mark), { tabIndex: -1 })),
        el("span.spacer"), this.sendButton)),
      this.hint);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    page.store.on("current", () => this.#show());
    onPrefs(() => this.#describe());
  }

  focus() {
    // On a touch screen the keyboard would cover what one came to read.
    if (matchMedia("(pointer: fine)").matches) this.text.focus();
  }

  reply(message) {
    this.#stopEditing();
    this.#replyTo = message.offset;
    this.#showContext(`Replying to ${message.from.name}: ${plainText(parse(message.text)) || "a file"}`);
    this.text.focus();
  }

  edit(message) {
    this.#replyTo = null;
    this.#editing = message;
    this.#put(message.text);
    this.#showContext("Editing your message");
    this.text.focus();
  }

  #show() {
    const { store } = this.page;
    const room = store.current ?? null;
    this.form.hidden = !room;
    this.#describe();
    if (room?.name === this.#room) return;
    this.#room = room?.name ?? null;
    this.#cancel();
    this.#put(room ? draftOf(room.name) : "");
    if (room && document.activeElement?.closest("dialog") === null) this.focus();
  }

  #describe() {
    const room = this.page.store.current;
    if (room) this.text.placeholder = room.direct ? `Message ${this.page.store.title(room)}` : `Message #${room.name}`;
    this.#count();
  }

  #count() {
    const most = this.page.store.limits.textBytes;
    const left = most - encoder.encode(this.text.value).length;
    this.hint.classList.toggle("over", left < 0);
    if (left < 0) this.hint.textContent = `Too long by ${-left} bytes: shorten it, or send it in parts.`;
    else if (left < most / 8) this.hint.textContent = `${left} bytes left`;
    else this.hint.textContent = prefs.enterSends ? "Enter sends · Shift+Enter starts a new line · / for commands" : "Ctrl+Enter sends · / for commands";
    this.sendButton.disabled = left < 0 || this.text.value.trim() === "";
  }

  #put(text) {
    this.text.value = text;
    this.#fit();
    this.#count();
  }

  #fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 220)}px`;
  }

  #changed() {
    if (!this.#editing) keepDraft(this.#room, this.text.value);
    this.#fit();
    this.#count();
    this.completion.update();
    if (this.text.value && Date.now() - this.#typed > TYPING_EVERY && !this.text.value.startsWith("/")) {
      this.#typed = Date.now();
      this.page.session.hint("typing", (chat) => chat.typing(this.#room, true));
    }
  }

  #key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "Enter") {
      const sends = prefs.enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
      if (!sends) return;
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && (this.#editing || this.#replyTo !== null)) {
      this.#cancel();
    } else if (event.key === "ArrowUp" && this.text.value === "") {
      this.#editLast(event);
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      const format = FORMATS.find(([, , , key]) => key === event.key.toLowerCase());
      if (!format) return;
      event.preventDefault();
      this.#wrap(format[2]);
    }
  }

  #editLast(event) {
    const { store } = this.page;
    if (!store.supports("edit")) return;
    const last = store.current?.messages.findLast((message) => message.from.id === store.me.id && !message.deleted && !message.attachment);
    if (!last) return;
    event.preventDefault();
    this.edit(last);
  }

  /** Puts marks around what is selected. */
  #wrap(mark) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    this.text.setRangeText(`${mark}${value.slice(start, end)}${mark}`, start, end, "end");
    if (start === end) this.text.setSelectionRange(start + mark.length, start + mark.length);
    this.text.focus();
    this.#changed();
  }

  async #submit() {
    const { session, store } = this.page;
    const room = store.current;
    const typed = this.text.value.trim();
    if (!room || !typed || this.sendButton.disabled) return;
    if (this.#editing) return this.#saveEdit(room, typed);
    const line = readLine(typed);
    if (line.text !== undefined) {
      session.send(room, line.text, { replyTo: this.#replyTo ?? undefined });
      return this.#sent();
    }
    const command = COMMANDS[line.name];
    if (!command) return this.page.toast(`There is no command /${line.name}. /help lists them; // sends a slash.`);
    try {
      this.#sent();
      await command.run({ ...this.page, say: (text, options) => text && session.send(room, text, options) }, line.rest);
    } catch (error) {
      this.page.toast(error.message);
      if (!this.text.value) this.#put(typed);
    }
    return undefined;
  }

  async #saveEdit(room, text) {
    const message = this.#editing;
    this.#cancel();
    if (text === message.text) return;
    const saved = await this.page.session.attempt((chat) => chat.edit(room.name, message.offset, text));
    if (!saved && !this.text.value && this.page.store.current === room) this.#put(text);
  }

  #sent() {
    keepDraft(this.#room, "");
    this.#replyTo = null;
    this.#showContext(null);
    this.#put("");
    this.completion.close();
    this.#typed = 0;
  }

  #cancel() {
    this.#stopEditing();
    this.#replyTo = null;
    this.#showContext(null);
  }

  #stopEditing() {
    if (!this.#editing) return;
    this.#editing = null;
    this.#put(this.#room ? draftOf(this.#room) : "");
  }

  #showContext(text) {
    this.context.hidden = !text;
    if (text) fill(this.context, el("span", {}, text), iconButton("close", "Cancel", () => { this.#cancel(); this.text.focus(); }));
  }
}
