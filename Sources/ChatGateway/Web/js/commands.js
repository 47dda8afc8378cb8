// Slash commands. A row each; `run` may reject, and the reason is shown. `needs` names the frame the server must know.

/** @type {Record<string, {use: string, does: string, needs?: string, run: (page: any, rest: string) => any}>} */
export const COMMANDS = {
  me: { use: "/me ACTION", does: "say what you do", run: ({ say }, rest) => say(rest, { action: true }) },
  nick: { use: "/nick NAME", does: "change your name", run: ({ session }, rest) => session.chat.nick(need(rest, "a name")) },
  join: { use: "/join ROOM", does: "join or create a room", run: ({ session }, rest) => session.join(roomName(need(rest, "a room"))) },
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

/** Those this server can do. @param {{supports: (type: string) => boolean}} store */
export function commandsOf(store) {
  return Object.entries(COMMANDS).filter(([, { needs }]) => !needs || store.supports(needs));
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

function message({ session, store }, rest) {
  const people = [...store.people.values()].sort((a, b) => b.name.length - a.name.length);
  const typed = rest.replace(/^@/, "");
  const person = people.find(({ name, id }) => id !== store.me.id
    && (typed.toLowerCase() === name.toLowerCase() || typed.toLowerCase().startsWith(`${name.toLowerCase()} `)));
  if (!person) throw new Error("There is nobody of that name here. Find people in the list on the right.");
  session.openDirect(person);
  const text = typed.slice(person.name.length).trim();
  if (text) session.outgoing.send(store.current, text);
}
