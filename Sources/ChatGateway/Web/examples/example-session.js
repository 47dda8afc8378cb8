// What all examples share: a guest who stays the same over reloads, and a line that says whether we are connected.

import { Martlet } from "../martlet.js";

/** @param {string} wish the name a guest would like @returns {Promise<Martlet>} */
export async function startSession(wish) {
  const chat = new Martlet({ name: wish, token: sessionStorage.getItem("example.token") });
  const line = document.getElementById("state");
  chat.on("identity", ({ token }) => sessionStorage.setItem("example.token", token));
  chat.on("state", ({ state }) => {
    line.textContent = state === "online" ? `Online as ${chat.user.name}` : { waiting: "No connection, trying again…", closed: "Disconnected" }[state] ?? "Connecting…";
  });
  await chat.connect();
  return chat;
}

/** Entries of a room as they are now: all again after a snapshot, one more after an entry. */
export function follow(chat, room, changed) {
  let entries = [];
  chat.on("snapshot", (one) => {
    if (one.room !== room) return;
    entries = [...one.entries];
    changed(entries);
  });
  chat.on("entry", (entry) => {
    if (entry.room !== room) return;
    entries = [...entries.slice(-499), entry];
    changed(entries);
  });
}

/** The public rooms whose names begin so; the first few hundred. */
export async function roomsNamed(chat, prefix) {
  const found = [];
  let after;
  for (let pages = 0; pages < 20 && found.length < 200; pages++) {
    const page = await chat.listRooms({ after });
    found.push(...page.rooms.filter(({ room }) => room.startsWith(prefix)));
    after = page.after;
    if (!after) break;
  }
  return found;
}

/** @param {string} tag @param {object} props @param {...(Node | string)} children */
export function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}
