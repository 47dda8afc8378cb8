// Preferences: take effect at once, kept in the browser.

import { el } from "../dom.js";
import { prefs, setPrefs } from "../prefs.js";
import { SOUNDS, play } from "../sounds.js";
import { openDialog } from "./dialog.js";

const LEVELS = [["all", "All messages"], ["mentions", "Mentions and direct messages"], ["never", "Nothing"]];
const sounds = () => Object.entries(SOUNDS).map(([name, { label }]) => [name, label]);

/** @param {{store: import("../store.js").Store}} page */
export function editPrefs({ store }) {
  const hours = el("div.pref", {}, el("span", {}, "Quiet hours"),
    el("div.pref-row", {}, time("quietFrom", "from"), el("span", {}, "to"), time("quietTo", "to")));
  hours.hidden = prefs.quiet !== "hours";
  openDialog("Preferences",
    section("Appearance",
      choice("theme", "Theme", [["system", "As the system"], ["light", "Light"], ["dark", "Dark"]]),
      choice("clock", "Time", [["auto", "As usual here"], ["24", "24 hours"], ["12", "12 hours"]])),
    section("Notifications",
      choice("notify", "Notify me of", LEVELS),
      choice("sound", "Sound", [...sounds(), ["none", "None"]], (name) => play(name, prefs.volume)),
      choice("mentionSound", "For mentions", [["same", "The same"], ...sounds(), ["none", "None"]], (name) => play(name, prefs.volume)),
      volume(),
      choice("quiet", "Do not disturb", [["off", "Off"], ["on", "On"], ["hours", "At these hours"]], (quiet) => { hours.hidden = quiet !== "hours"; }),
      hours,
      tick("desktop", "Show desktop notifications while the page is hidden", allowDesktop)),
    section("Writing", tick("enterSends", "Enter sends (else Ctrl+Enter)")),
    section("What others see",
      store.supports("typing") && tick("tellTyping", "That I am typing"),
      store.supports("read") && tick("tellRead", "What I have read"),
      store.supports("status") && tick("tellAway", "That I am away, after ten minutes without a key or a click")));
}

/** @param {string} title */
function section(title, ...content) {
  const shown = content.filter(Boolean);
  return shown.length ? el("section.pref-section", {}, el("h3", {}, title), ...shown) : null;
}

function choice(key, label, options, after) {
  const id = `pref-${key}`;
  const select = el("select", { id, onChange: () => { setPrefs({ [key]: select.value }); after?.(select.value); } },
    ...options.map(([value, text]) => el("option", { value, selected: prefs[key] === value }, text)));
  return el("div.pref", {}, el("label", { for: id }, label), select);
}

function time(key, label) {
  const input = el("input", {
    type: "time", value: prefs[key], "aria-label": `Quiet hours ${label}`, required: true,
    onChange: () => { if (input.value) setPrefs({ [key]: input.value }); },
  });
  return input;
}

function volume() {
  const preview = () => play(prefs.sound, prefs.volume);
  const range = el("input", {
    id: "pref-volume", type: "range", min: "0", max: "1", step: "0.05",
    onChange: () => { setPrefs({ volume: Number(range.value) }); preview(); },
  });
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
