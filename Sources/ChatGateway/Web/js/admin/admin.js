// The operators' page: who are you, then sections that look at the cluster every few seconds.

import { el, fill, iconButton } from "../dom.js";
import { startTheme, isDark } from "../theme.js";
import { setPrefs } from "../prefs.js";
import { toast } from "../views/toast.js";
import { forgetOperator } from "./admin-access.js";
import { ask } from "./admin-api.js";
import { OperatorSession } from "./admin-session.js";
import { showGate } from "./admin-gate.js";
import { OverviewSection } from "./overview-section.js";
import { RoomsSection } from "./rooms-section.js";
import { PeopleSection } from "./people-section.js";
import { ModerationSection } from "./moderation-section.js";

/** The server's figures are as young as the nodes' heartbeats, 5 s. */
const EVERY = 2_500;
const SECTIONS = { overview: ["Overview", OverviewSection], rooms: ["Rooms", RoomsSection], people: ["People", PeopleSection], moderation: ["Moderation", ModerationSection] };

const byID = (id) => document.getElementById(id);
const page = { ask, toast, session: new OperatorSession(), go: (hash) => { location.hash = hash; }, refresh: () => refresh() };
let section = null;
let round = 0;
let timer = 0;

function enter() {
  byID("gate").hidden = true;
  byID("skip").hidden = byID("panel").hidden = false;
  fill(byID("panel-tools"), themeButton(), iconButton("leave", "Log out of this page", leave, { id: "admin-leave" }));
  open();
}

/** Shows what the address names: `#people?room=lobby`. */
function open() {
  const [name, query = ""] = location.hash.slice(1).split("?");
  const known = Object.hasOwn(SECTIONS, name) ? name : "overview";
  fill(byID("sections"), ...Object.entries(SECTIONS).map(([key, [title]]) =>
    el("a", { href: `#${key}`, "aria-current": key === known ? "page" : undefined }, title)));
  const [title, Section] = SECTIONS[known];
  document.title = `${title} · Operators · Martlet`;
  section = new Section(page, new URLSearchParams(query));
  fill(byID("main"), section.node);
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++round;
  const shown = section;
  try {
    await shown.refresh();
    if (mine === round) fresh("good", "Live");
  } catch (error) {
    if (mine !== round) return;
    if (error.code === "unauthorized" || error.code === "forbidden") return void refuse(error);
    fresh("bad", error.code === "rate_limited" ? "Slowed down" : "No answer");
  }
  if (mine === round && !document.hidden) timer = setTimeout(refresh, EVERY);
}

function fresh(level, text) {
  const mark = byID("freshness");
  mark.dataset.level = level;
  if (mark.textContent !== text) mark.textContent = text;
}

/** Nothing of what was seen stays on the screen of somebody who may not see it any more. */
function refuse(error) {
  section = null;
  round += 1;
  clearTimeout(timer);
  page.session.close();
  fill(byID("main"));
  byID("skip").hidden = byID("panel").hidden = true;
  showGate(enter, error);
}

function leave() {
  forgetOperator();
  refuse({});
}

function themeButton() {
  const button = iconButton(isDark() ? "sun" : "moon", isDark() ? "Light colours" : "Dark colours", () => {
    setPrefs({ theme: isDark() ? "light" : "dark" });
    const fresh = themeButton();
    button.replaceWith(fresh);
    fresh.focus();
  });
  return button;
}

// The address says which section is shown: it stays.
byID("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});
addEventListener("hashchange", () => { if (section) open(); });
document.addEventListener("visibilitychange", () => { if (section && !document.hidden) refresh(); });
startTheme();
showGate(enter);
