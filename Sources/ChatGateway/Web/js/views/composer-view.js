// Where one types: drafts kept, commands, replies and edits, files. Formatting is `markup.js`, files `attach-tray.js`.

import { el, fill, icon, iconButton } from "../dom.js";
import { draftOf, keepDraft } from "../drafts.js";
import { takeDrops, takePastes } from "../drop-zone.js";
import { COMMANDS, readLine } from "../commands.js";
import { FORMATS, formatOf, shortcut } from "../markup.js";
import { plainText, parse } from "../format.js";
import { prefs, onPrefs } from "../prefs.js";
import { secondsText, writingBar } from "../moderation.js";
import { AttachTray } from "./attach-tray.js";
import { Completion } from "./completion.js";
import { pickEmoji } from "./emoji-picker.js";
import { sentence } from "./toast.js";
import { VoiceRecorder } from "./voice-recorder.js";

const TYPING_EVERY = 3_000;
const TYPING_LATE = 1_000;
const CONTROLS = /[^\P{Cc}\n\t]/gu;
const encoder = new TextEncoder();

export class ComposerView {
  #room = null;
  #replyTo = null;
  #editing = null;
  #typed = 0;
  #ticking = 0;

  constructor(page) {
    this.page = page;
    this.form = document.getElementById("composer");
    this.form.hidden = true; // there is nowhere to send to yet
    this.context = el("div.composer-context", { hidden: true });
    this.text = el("textarea", { id: "text", rows: 1, "aria-label": "Message", "aria-describedby": "composer-hint", "aria-autocomplete": "list" });
    this.hint = el("p.composer-hint", { id: "composer-hint" });
    this.sendButton = el("button.send", { id: "send", type: "submit", "aria-label": "Send", title: "Send" }, icon("send"));
    this.completion = new Completion(this.text, page.store);
    this.tray = new AttachTray(page, () => this.#count());
    this.recorder = new VoiceRecorder(page, (file) => this.#attach([file]));
    this.form.append(this.context, this.completion.list,
      el("div.composer-box", {}, this.tray.node, this.recorder.bar, this.text, this.#tools()), this.hint);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    takePastes(this.text, (files) => this.#attach(files), () => this.#takesFiles);
    takeDrops(document.getElementById("conversation"), (files) => this.#attach(files), () => this.#takesFiles);
    page.store.on("current", () => this.#show());
    page.store.on("connection features", () => this.#describe());
    onPrefs(() => this.#describe());
  }

  #tools() {
    const format = (one) => iconButton(one.icon, `${one.label} (${shortcut(one)})`, () => this.#apply(one), { "aria-keyshortcuts": shortcut(one).replace("Ctrl", "Control") });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, id: "files", onChange: () => { this.#attach([...this.picker.files]); this.picker.value = ""; } });
    this.clip = iconButton("clip", "Attach files", () => this.picker.click(), { id: "attach" });
    const smile = iconButton("smile", "Emoji", () => pickEmoji(smile, (emoji) => this.#insert(emoji)), { id: "emoji" });
    const formats = el("div.formats", { role: "group", "aria-label": "Formatting" }, ...FORMATS.map(format));
    return el("div.composer-tools", {}, this.picker, this.clip, this.recorder.button, smile, el("span.tool-gap"), formats, el("span.spacer"), this.sendButton);
  }

  focus() {
    // On a touch screen the keyboard would cover what one came to read.
    if (matchMedia("(pointer: fine)").matches) this.text.focus();
  }

  reply(message) {
    this.#stopEditing();
    this.#replyTo = message.offset;
    this.#showContext(`Replying to ${message.from.name}: ${plainText(parse(message.text)) || message.attachment?.name || "a file"}`);
    this.text.focus();
  }

  /** @param {import("../room.js").Message | import("../room.js").Pending} message */
  edit(message) {
    this.#replyTo = null;
    this.#editing = message;
    this.#put(message.revised ?? message.text);
    this.#showContext("Editing your message");
    this.text.focus();
  }

  get #takesFiles() {
    return Boolean(this.#room) && !this.#editing && !this.text.readOnly && this.page.store.takesFiles;
  }

  #attach(files) {
    if (files.length) this.tray.add(files).then(() => this.text.focus());
  }

  #show() {
    const { store } = this.page;
    const room = store.current ?? null;
    this.form.hidden = !room;
    this.#describe();
    if (room?.name === this.#room) return;
    this.#room = room?.name ?? null;
    this.#cancel();
    this.tray.clear();
    this.#put(room ? draftOf(room.name) : "");
    if (room && !document.activeElement?.closest("dialog")) this.focus();
  }

  #describe() {
    const { store } = this.page;
    const room = store.current;
    if (room) this.#bar(room);
    this.clip.hidden = !store.takesFiles;
    this.recorder.button.hidden = !store.takesFiles || !VoiceRecorder.isPossible;
    this.#count();
  }

  /** Where nothing may be written the box says why. */
  #bar(room) {
    const bar = writingBar(room, Date.now());
    const closed = Boolean(bar) && bar.kind !== "slow";
    const words = closed ? barText(bar) : "";
    this.text.readOnly = closed;
    this.text.placeholder = words || (room.direct ? `Message ${this.page.store.title(room)}` : `Message #${room.name}`);
    this.form.classList.toggle("closed", closed);
    this.form.classList.toggle("slow", bar?.kind === "slow");
    clearTimeout(this.#ticking);
    if (bar?.until) this.#ticking = setTimeout(() => this.#describe(), Math.min(1_000, Math.max(50, bar.until - Date.now())));
  }

  #count() {
    const bar = this.page.store.current && writingBar(this.page.store.current, Date.now());
    const most = this.page.store.limits.textBytes;
    const left = most - encoder.encode(this.text.value).length;
    this.hint.classList.toggle("over", left < 0);
    if (bar) this.hint.textContent = barText(bar);
    else if (left < 0) this.hint.textContent = `Too long by ${-left} bytes: shorten it, or send it in parts.`;
    else if (left < most / 8) this.hint.textContent = `${left} bytes left`;
    else this.hint.textContent = prefs.enterSends ? "Enter sends · Shift+Enter starts a new line · / for commands" : "Ctrl+Enter sends · / for commands";
    this.sendButton.disabled = Boolean(bar && !this.text.value.startsWith("/") && !this.#editing) || left < 0 || (this.text.value.trim() === "" && this.tray.isEmpty);
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
    // What came along from a terminal or another program would be refused, and is not seen.
    const text = this.text.value.replace(CONTROLS, "");
    if (text !== this.text.value) {
      const caret = this.text.value.slice(0, this.text.selectionEnd).replace(CONTROLS, "").length;
      this.text.value = text;
      this.text.setSelectionRange(caret, caret);
    }
    if (!this.#editing) keepDraft(this.#room, this.text.value);
    this.#fit();
    this.#count();
    this.completion.update();
    if (prefs.tellTyping && this.text.value && Date.now() - this.#typed > TYPING_EVERY && !this.text.value.startsWith("/")) {
      this.#typed = Date.now();
      this.page.session.hint("typing", (chat) => chat.typing(this.#room, true));
    }
  }

  #key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    const format = formatOf(event);
    if (event.key === "Enter") {
      const sends = prefs.enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
      if (!sends) return;
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && (this.#editing || this.#replyTo !== null)) {
      this.#cancel();
    } else if (event.key === "ArrowUp" && this.text.value === "") {
      this.#editLast(event);
    } else if (format) {
      event.preventDefault();
      this.#apply(format);
    }
  }

  /** The last thing one said: stored, on its way, or refused, which comes back to be sent anew. */
  #editLast(event) {
    const { store, session } = this.page;
    const room = store.current;
    if (!room || !store.supports("edit")) return;
    const last = room.pending.findLast((one) => !one.file && !one.unsure)
      ?? room.messages.findLast((message) => message.from.id === store.me.id && !message.deleted && !message.attachment);
    if (!last) return;
    event.preventDefault();
    if (last.state !== "failed") return this.edit(last);
    session.outgoing.discard(room, last);
    this.text.value = last.revised ?? last.text;
    this.#changed();
  }

  #apply({ apply }) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const after = apply({ value, start, end });
    this.text.focus();
    this.text.value = after.value;
    this.text.setSelectionRange(after.start, after.end);
    this.#changed();
  }

  #insert(text) {
    this.text.focus();
    this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
    this.#changed();
  }

  async #submit() {
    const { session, store } = this.page;
    const room = store.current;
    const typed = this.text.value.trim();
    if (!room || this.sendButton.disabled) return;
    if (this.#editing) return this.#saveEdit(room, typed);
    const line = readLine(typed);
    if (!this.tray.isEmpty) return this.#sendFiles(room, line.text ?? typed);
    if (line.text !== undefined) {
      session.outgoing.send(room, line.text, { replyTo: this.#replyTo ?? undefined });
      return this.#sent();
    }
    const command = COMMANDS[line.name];
    if (!command) return this.page.toast(`There is no command /${line.name}. /help lists them; // sends a slash.`);
    try {
      this.#sent();
      await command.run({ ...this.page, say: (text, options) => text && session.outgoing.send(room, text, options) }, line.rest);
    } catch (error) {
      this.page.toast(error);
      if (!this.text.value) this.#put(typed);
    }
    return undefined;
  }

  /** The text, and what it answers, go with the first of them. */
  #sendFiles(room, text) {
    const first = { text, replyTo: this.#replyTo ?? undefined };
    this.tray.take().forEach((file, index) => this.page.session.outgoing.attach(room, file, index ? {} : first));
    this.#sent();
  }

  async #saveEdit(room, text) {
    const message = this.#editing;
    const { session } = this.page;
    this.#cancel();
    if (text === (message.revised ?? message.text)) return;
    const saved = await session.attempt((chat) => (message.stored ? session.outgoing.revise(room, message, text) : chat.edit(room.name, message.offset, text)));
    if (!saved && !this.text.value && this.page.store.current === room) this.#put(text);
  }

  #sent() {
    const room = this.#room;
    keepDraft(this.#room, "");
    this.#replyTo = null;
    this.#showContext(null);
    this.#put("");
    this.completion.close();
    // A message may overtake the word that it is being typed.
    if (Date.now() - this.#typed < TYPING_LATE) this.page.session.hint("typing", (chat) => chat.typing(room, false));
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

/** @param {{kind: string, until?: number, reason?: string}} bar */
function barText({ kind, until, reason }) {
  if (kind === "slow") return `Slow mode: you may write again in ${secondsText(until - Date.now())}.`;
  if (kind === "announcement") return "Only moderators write in this room.";
  return sentence(reason);
}
