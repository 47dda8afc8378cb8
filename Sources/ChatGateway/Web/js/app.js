// The page: who are you, then the conversations. Everything is put together here and nowhere else.

import { Session } from "./session.js";
import { Store } from "./store.js";
import { Notifier } from "./notify.js";
import { kept } from "./storage.js";
import { startTheme } from "./theme.js";
import { roomName } from "./commands.js";
import { plainText, parse } from "./format.js";
import { showWelcome } from "./views/welcome-view.js";
import { SidebarView } from "./views/sidebar-view.js";
import { ConnectionView } from "./views/connection-view.js";
import { HeadView } from "./views/head-view.js";
import { TimelineView } from "./views/timeline-view.js";
import { ComposerView } from "./views/composer-view.js";
import { PeopleView } from "./views/people-view.js";
import { TypingView } from "./views/typing-view.js";
import { Drawers } from "./views/drawers.js";
import { toast } from "./views/toast.js";
import { browseRooms } from "./views/rooms-dialog.js";
import { choosePerson } from "./views/person-dialog.js";
import { editPrefs } from "./views/prefs-dialog.js";
import { rename } from "./views/name-dialog.js";
import { showHelp } from "./views/help-dialog.js";

const byID = (id) => document.getElementById(id);
const store = new Store();
const session = new Session(store, { toast, arrived });
const drawers = new Drawers();

/** What views may ask for. */
const page = {
  store,
  session,
  toast,
  open(name) { session.open(name); drawers.close(); },
  direct(user) { session.openDirect(user); drawers.close(); },
  browse: () => browseRooms(page),
  choosePerson: () => choosePerson(page),
  editPrefs: () => editPrefs(),
  rename: () => rename(page),
  signOut,
  showHelp,
  showPeople: () => drawers.toggle("people"),
  showSidebar: () => drawers.toggle("sidebar"),
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  reveal: (offset) => timeline.reveal(offset),
};

const notifier = new Notifier(store, page.open);
const timeline = new TimelineView(page);
const composer = new ComposerView(page);
for (const View of [SidebarView, ConnectionView, HeadView, PeopleView, TypingView]) new View(page);

function arrived(room, message, recovered) {
  if (message.from.id === store.me.id) return;
  if (room === store.current && timeline.isWatched) {
    if (!recovered) byID("announcer").textContent = `${message.from.name}: ${plainText(parse(message.text))}`;
    return;
  }
  if (room === store.current && !room.newFrom) room.newFrom = message.offset;
  notifier.unseen(room, message);
}

async function enter(identity) {
  await session.start(identity);
  byID("welcome").hidden = true;
  byID("shell").hidden = false;
  const linked = roomFromAddress();
  if (linked) session.join(linked).catch((error) => toast(error.message));
  const last = kept.get("current", null);
  session.open(linked ?? (store.rooms.has(last) || session.roomsToJoin.includes(last) ? last : session.roomsToJoin[0]));
  composer.focus();
}

/** `/#lobby` is a link to a room. */
function roomFromAddress() {
  const name = decodeURIComponent(location.hash.slice(1));
  return name && !name.includes(":") && roomName(name) === name ? name : null;
}

function signOut() {
  session.stop();
  for (const key of ["me", "rooms", "current"]) kept.set(key, undefined);
  location.replace("/");
}

function start() {
  startTheme();
  const me = kept.get("me", null);
  if (!me?.token) return showWelcome(enter);
  byID("shell").hidden = false;
  enter(me).catch((error) => showWelcome(enter, error.message, me.name));
}

addEventListener("hashchange", () => {
  const name = roomFromAddress();
  if (!name || name === store.currentName) return;
  if (store.rooms.has(name)) page.open(name);
  else session.join(name).catch((error) => toast(error.message));
});
store.on("current", () => {
  const room = store.current;
  const hash = room && !room.direct ? `#${room.name}` : "";
  if (location.hash !== hash) history.replaceState(null, "", `/${hash}`);
});
addEventListener("online", () => session.chat?.retryNow());
document.addEventListener("visibilitychange", () => { if (!document.hidden) session.chat?.check(); });
addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const names = [...document.querySelectorAll(".conversations [data-room]")].map((node) => node.dataset.room);
  const at = names.indexOf(store.currentName) + (event.key === "ArrowUp" ? -1 : 1);
  if (names.length) page.open(names[(at + names.length) % names.length]);
});
start();
