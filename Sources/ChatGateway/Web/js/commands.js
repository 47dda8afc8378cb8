// Slash commands. A row each; `run` may reject, and the reason is shown. `needs` names the frame the server must know;
// those that moderate are offered to moderators.

import { isModerator } from "./moderation.js";

const HOUR = 3_600_000;

/** @type {Record<string, {use: string, does: string, needs?: string, moderates?: boolean, run: (page: any, rest: string) => any}>} */
export const COMMANDS = {
  me: { use: "/me ACTION", does: "say what you do", run: ({ say }, rest) => say(rest, { action: true }) },
  nick: { use: "/nick NAME", does: "change your name", run: ({ session }, rest) => session.chat.nick(need(rest, "a name")) },
  join: { use: "/join ROOM", does: "join or create a room", run: ({ session }, rest) => session.join(roomName(need(rest, "a room"))) },
  topic: { use: "/topic TEXT", does: "say what this room is about", needs: "topic", run: topic },
  invite: { use: "/invite NAME", does: "let somebody into this private room", needs: "invite", moderates: true, run: moderating((chat, room, person) => chat.invite(room, person.id)) },
  kick: { use: "/kick NAME REASON", does: "take somebody out of this room", needs: "kick", moderates: true, run: moderating((chat, room, person, reason) => chat.kick(room, person.id, reason || undefined)) },
  mute: { use: "/mute NAME REASON", does: "let somebody say nothing here for an hour (/unmute)", needs: "mute", moderates: true, run: moderating((chat, room, person, reason) => chat.mute(room, person.id, { reason: reason || undefined, duration: HOUR })) },
  unmute: { use: "/unmute NAME", does: "let somebody speak again", needs: "mute", moderates: true, run: moderating((chat, room, person) => chat.unmute(room, person.id)) },
  ban: { use: "/ban NAME REASON", does: "keep somebody out of this room", needs: "ban", moderates: true, run: moderating((chat, room, person, reason) => chat.ban(room, person.id, { reason: reason || undefined })) },
  leave: { use: "/leave", does: "leave this room", run: ({ session, store }) => session.leave(store.currentName) },
  msg: { use: "/msg NAME TEXT", does: "send a private message", run: message },
  away: { use: "/away TEXT", does: "be shown as away", needs: "status", run: ({ session }, rest) => session.personal.setStatus("away", rest) },
  busy: { use: "/busy TEXT", does: "be shown as busy, without notifications", needs: "status", run: ({ session }, rest) => session.personal.setStatus("busy", rest) },
  back: { use: "/back", does: "be shown as online again", needs: "status", run: ({ session }) => session.personal.setStatus("online", "") },
  block: { use: "/block", does: "keep this person from writing to you (/unblock)", needs: "block", run: ({ store, block }) => block(peerOf(store), true) },
  unblock: { use: "/unblock", does: "let this person write to you again", needs: "block", run: ({ store, block }) => block(peerOf(store), false) },
  who: { use: "/who", does: "show who is here", run: ({ showPeople }) => showPeople() },
  rooms: { use: "/rooms", does: "browse the rooms", run: ({ browse }) => browse() },
  search: { use: "/search WORDS", does: "search in this conversation", run: ({ search }, rest) => search(rest) },
  shrug: { use: "/shrug TEXT", does: "say it with a ¯\\_(ツ)_/¯", run: ({ say }, rest) => say(`${rest} \`¯\\_(ツ)_/¯\``.trim()) },
  help: { use: "/help", does: "list these commands", run: ({ showHelp }) => showHelp() },
};

/** Those this server can do, and those who may. @param {import("./store.js").Store} store */
export function commandsOf(store) {
  const { current } = store;
  const moderates = Boolean(current) && !current.direct && isModerator(current.standing);
  return Object.entries(COMMANDS).filter(([, one]) => (!one.needs || store.supports(one.needs)) && (!one.moderates || moderates));
}

/** What was typed: `{text}` to be sent, or `{name, rest}` of a command. `//` begins a text with a slash. */
export function readLine(line) {
  if (line.startsWith("//")) return { text: line.slice(1) };
  const match = /^\/([a-z]+)(?:\s+([\s\S]*))?$/i.exec(line);
  return match ? { name: match[1].toLowerCase(), rest: (match[2] ?? "").trim() } : { text: line };
}

/** As rooms are named: small letters, digits, `. _ -`. */
export function roomName(typed) {
  return typed.trim().replace(/^#/, "").toLowerCase().replace(/\s+/g, "-");
}

export function isRoomName(name) {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

function need(rest, what) {
  if (!rest) throw new Error(`This command needs ${what}.`);
  return rest;
}

function peerOf({ current }) {
  if (!current?.direct) throw new Error("Open the conversation with that person first.");
  return current.peer;
}

/** Whom a line begins with, and what follows; a name may have spaces, so the longest that fits counts. */
function personOf(store, line) {
  const people = [...store.people.values()].sort((a, b) => b.name.length - a.name.length);
  const typed = line.replace(/^@/, "");
  const person = people.find(({ name, id }) => id !== store.me.id
    && (typed.toLowerCase() === name.toLowerCase() || typed.toLowerCase().startsWith(`${name.toLowerCase()} `)));
  if (!person) throw new Error("There is nobody of that name here. Find people in the list on the right.");
  return { person, text: typed.slice(person.name.length).trim() };
}

function message({ session, store }, rest) {
  const { person, text } = personOf(store, rest);
  session.openDirect(person);
  if (text) session.outgoing.send(store.current, text);
}

function topic({ ask, showRoom, store }, rest) {
  if (!store.current || store.current.direct) throw new Error("A private conversation has no topic.");
  return rest ? ask((chat) => chat.topic(store.currentName, rest)) : showRoom();
}

/** @param {(chat: import("../martlet.js").Martlet, room: string, person: {id: string}, rest: string) => Promise<any>} act */
function moderating(act) {
  return async ({ ask, store, toast }, line) => {
    if (!store.current || store.current.direct) throw new Error("That is for rooms.");
    const { person, text } = personOf(store, need(line, "a name"));
    await ask((chat) => act(chat, store.currentName, person, text));
    toast("Done.");
  };
}
