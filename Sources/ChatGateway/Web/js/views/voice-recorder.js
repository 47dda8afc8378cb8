// Recording a voice message: a button that becomes a bar while it records. The recording goes into the tray.

import { el, fill, icon, iconButton } from "../dom.js";

const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
/** Speech is well understood at this rate, and three minutes stay far below a megabyte. */
const BITS_PER_SECOND = 24_000;
const LONGEST = 180_000;

export class VoiceRecorder {
  #recorder = null;
  #ticking = 0;

  /** @param {{toast: (text: string) => void}} page @param {(file: File) => void} recorded */
  constructor(page, recorded) {
    this.page = page;
    this.recorded = recorded;
    this.button = iconButton("mic", "Record a voice message", () => this.#start(), { id: "record" });
    this.bar = el("div.recording", { hidden: true });
  }

  static get isPossible() {
    return Boolean(globalThis.MediaRecorder && navigator.mediaDevices?.getUserMedia);
  }

  async #start() {
    if (this.#recorder) return;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.page.toast(error.name === "NotAllowedError" ? "The browser may not use the microphone here." : "There is no microphone.");
      return;
    }
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      this.#end();
      if (!this.kept) return;
      const type = recorder.mimeType.split(";")[0];
      const extension = type.split("/")[1];
      const now = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
      this.recorded(new File(pieces, `voice-${now}.${extension}`, { type }));
    };
    recorder.start();
    this.#show();
  }

  #show() {
    const began = Date.now();
    const clock = el("span.recording-time", { "aria-hidden": "true" });
    const stop = el("button.primary", { id: "stop-recording", type: "button", onClick: () => this.#finish(true) }, icon("stop"), "Done");
    fill(this.bar, el("span.recording-dot"), el("span", { role: "status" }, "Recording"), clock, el("span.spacer"),
      el("button.link-button", { type: "button", onClick: () => this.#finish(false) }, "Discard"), stop);
    const tick = () => {
      const passed = Date.now() - began;
      clock.textContent = `${Math.floor(passed / 60_000)}:${String(Math.floor(passed / 1_000) % 60).padStart(2, "0")}`;
      if (passed >= LONGEST) this.#finish(true);
    };
    tick();
    this.#ticking = setInterval(tick, 250);
    this.bar.hidden = false;
    stop.focus();
  }

  #finish(kept) {
    this.kept = kept;
    this.#recorder?.stop();
  }

  #end() {
    clearInterval(this.#ticking);
    this.#recorder = null;
    this.bar.hidden = true;
    fill(this.bar);
    this.button.focus();
  }
}
