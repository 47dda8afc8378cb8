// The page: who are you, then the conversations. Everything is put together here and nowhere else.

import { Session } from "./session.js";
import { Store } from "./store.js";
import { Notifier } from "./notify.js";
import { kept } from "./storage.js";
import { startTheme } from "./theme.js";
import { watchIdle } from "./idle.js";
import { linkTo, readLink } from "./links.js";
import { startMessageKeys } from "./message-keys.js";
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
import { showPerson } from "./views/person-card.js";
import { showRoom } from "./views/room-dialog.js";
import { PartedView } from "./views/parted-view.js";
import { editPrefs } from "./views/prefs-dialog.js";
import { editAccount } from "./views/account-dialog.js";
import { editProfile } from "./views/profile-dialog.js";
import { searchMessages } from "./views/search-dialog.js";
import { showHelp } from "./views/help-dialog.js";

const byID = (id) => document.getElementById(id);
const store = new Store();
const session = new Session(store, { toast, arrived, mentionedElsewhere, invited });
const drawers = new Drawers();

/** What views may ask for. */
const page = {
  store,
  session,
  ask: (what) => session.ask(what),
  toast,
  open(name) { session.open(name); drawers.close(); },
  direct(user) { session.openDirect(user); drawers.close(); },
  browse: () => browseRooms(page),
  choosePerson: () => choosePerson(page),
  showPerson: (member) => showPerson(page, member),
  showRoom: () => showRoom(page),
  editPrefs: () => editPrefs(page),
  editProfile: () => editProfile(page),
  editAccount: () => editAccount(page),
  search: (typed) => searchMessages(page, typed),
  signOut,
  showHelp: () => showHelp(page),
  copyLink,
  block,
  showPeople: () => drawers.toggle("people"),
  showSidebar: () => drawers.toggle("sidebar"),
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  reveal: (offset) => timeline.reveal(offset),
};

const notifier = new Notifier(store, page.open);
const timeline = new TimelineView(page);
const composer = new ComposerView(page);
for (const View of [SidebarView, ConnectionView, HeadView, PeopleView, TypingView, PartedView]) new View(page);

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
  const linked = readLink(location.hash);
  const last = kept.get("current", null);
  const { rooms } = session.conversations;
  session.open(store.rooms.has(last) || rooms.includes(last) ? last : rooms[0]);
  composer.focus();
  if (linked) follow(linked);
}

/** `/#lobby` is a link to a room, `/#lobby/42` to a message in it. */
async function follow({ room, offset }) {
  try {
    if (store.rooms.get(room)?.known) page.open(room);
    else await session.join(room);
    if (offset) await timeline.reveal(offset);
    // The same link leads there a second time.
    if (offset && location.hash === linkTo(room, offset)) history.replaceState(null, "", `/${linkTo(room)}`);
  } catch (error) {
    toast(error);
  }
}

/** @param {string} room @param {{name: string}} by */
function invited(room, by) {
  toast(`${by.name} invites you to #${room}.`, { label: "Go there", run: () => follow({ room }) });
}

/** Somebody talks about us where we are not, in a message or in what it was edited to. */
function mentionedElsewhere(room, entry) {
  toast(`${entry.from.name} mentions you in #${room}: ${plainText(parse(entry.text)).slice(0, 120)}`, { label: "Go there", run: () => follow({ room, offset: entry.target ?? entry.offset }) });
  notifier.unseen({ name: room, direct: false }, { ...entry, mentions: entry.mentions ?? [] });
}

/** @param {{id: string, name: string}} user @param {boolean} on */
async function block(user, on) {
  if (on && !confirm(`${user.name} will not be able to write to you, and is not told. Block ${user.name}?`)) return;
  try {
    await session.personal.setBlocked(user, on);
    toast(on ? `${user.name} is blocked.` : `${user.name} may write to you again.`);
  } catch (error) {
    toast(error);
  }
}

async function copyLink(offset) {
  const link = `${location.origin}/${linkTo(store.currentName, offset)}`;
  try {
    await navigator.clipboard.writeText(link);
    toast("The link is copied.");
  } catch {
    toast(link); // no clipboard without TLS: at least it can be read
  }
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
  const linked = readLink(location.hash);
  if (linked && (linked.offset || linked.room !== store.currentName)) follow(linked);
});
store.on("current", () => {
  const room = store.current;
  const hash = room && !room.direct ? linkTo(room.name) : "";
  if (location.hash !== hash) history.replaceState(null, "", `/${hash}`);
});
addEventListener("online", () => session.chat?.retryNow());
document.addEventListener("visibilitychange", () => { if (!document.hidden) session.chat?.check(); });
addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "f" && store.current) {
    event.preventDefault();
    return page.search();
  }
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return undefined;
  event.preventDefault();
  const names = [...document.querySelectorAll(".conversations [data-room]")].map((node) => node.dataset.room);
  const at = names.indexOf(store.currentName) + (event.key === "ArrowUp" ? -1 : 1);
  if (names.length) page.open(names[(at + names.length) % names.length]);
  return undefined;
});
startMessageKeys(page);
watchIdle(session);
start();
