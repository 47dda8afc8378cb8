// Preferences: take effect at once, kept in the browser.

import { el } from "../dom.js";
import { prefs, setPrefs } from "../prefs.js";
import { SOUNDS, play } from "../sounds.js";
import { openDialog } from "./dialog.js";

export function editPrefs() {
  openDialog("Preferences",
    choice("theme", "Appearance", [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]]),
    choice("clock", "Time", [["auto", "As usual here"], ["24", "24 hours"], ["12", "12 hours"]]),
    choice("notify", "Notify me of", [["all", "All messages"], ["mentions", "Mentions and direct messages"], ["never", "Nothing"]]),
    choice("sound", "Sound", [...Object.entries(SOUNDS).map(([name, { label }]) => [name, label]), ["none", "None"]], preview),
    volume(),
    tick("desktop", "Show desktop notifications while the page is hidden", allowDesktop),
    tick("enterSends", "Enter sends (else Ctrl+Enter)"));
}

function preview() {
  play(prefs.sound, prefs.volume);
}

function choice(key, label, options, after) {
  const id = `pref-${key}`;
  const select = el("select", { id, onChange: () => { setPrefs({ [key]: select.value }); after?.(); } },
    ...options.map(([value, text]) => el("option", { value, selected: prefs[key] === value }, text)));
  return el("div.pref", {}, el("label", { for: id }, label), select);
}

function volume() {
  const range = el("input", { id: "pref-volume", type: "range", min: "0", max: "1", step: "0.05", onChange: () => { setPrefs({ volume: Number(range.value) }); preview(); } });
  range.value = String(prefs.volume);
  return el("div.pref", {}, el("label", { for: "pref-volume" }, "Volume"),
    el("div.pref-row", {}, range, el("button.secondary", { type: "button", onClick: preview }, "Play")));
}

function tick(key, label, allow) {
  const id = `pref-${key}`;
  const box = el("input", {
    id, type: "checkbox", checked: prefs[key],
    async onChange() {
      if (box.checked && allow) box.checked = await allow();
      setPrefs({ [key]: box.checked });
    },
  });
  return el("div.pref.pref-tick", {}, box, el("label", { for: id }, label));
}

/** The browser asks the person; a "no" there unticks the box here. */
async function allowDesktop() {
  if (!globalThis.Notification) return false;
  return (await Notification.requestPermission()) === "granted";
}
