// A visitor has a room of their own, `support-…`. The agent's view lists such rooms and answers in any of them.

import { newKey } from "../martlet.js";
import { follow, make, roomsNamed, startSession } from "./example-session.js";

const byID = (id) => document.getElementById(id);
const isAgent = new URLSearchParams(location.search).has("agent");
const chat = await startSession(isAgent ? "Support" : "visitor");
const followed = new Map();
let current = null;

function draw() {
  const entries = (followed.get(current) ?? []).filter(({ type }) => type === "message");
  byID("log").replaceChildren(...entries.map(({ from, text }) => make("li", { className: from.id === chat.user.id ? "mine" : "" }, text)));
  if (!entries.length && !isAgent) byID("log").append(make("li", {}, "Hello! What can we do for you?"));
  byID("log").scrollTop = byID("log").scrollHeight;
}

async function open(room) {
  current = room;
  if (!followed.has(room)) {
    followed.set(room, []);
    follow(chat, room, (entries) => { followed.set(room, entries); if (room === current) draw(); });
    await chat.join(room);
  }
  draw();
}

byID("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byID("text").value.trim();
  if (!current || !text) return;
  byID("text").value = "";
  const waiting = make("li", { className: "mine waiting" }, text); // until it is stored and comes back to us
  byID("log").append(waiting);
  chat.send(current, text).catch((error) => { waiting.textContent = `Not sent: ${error.message}`; });
});

async function refreshThreads() {
  const rooms = await roomsNamed(chat, "support-");
  rooms.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  const button = ({ room, members }) => {
    const one = make("button", { type: "button", onclick: () => open(room).then(refreshThreads) }, `${room.slice(8, 14)} · ${members ? "here" : "gone"}`);
    if (room === current) one.setAttribute("aria-current", "true");
    return make("li", {}, one);
  };
  byID("threads").replaceChildren(...rooms.map(button));
  if (!rooms.length) byID("threads").append(make("li", {}, "No questions yet."));
}

if (isAgent) {
  byID("threads").hidden = false;
  await refreshThreads();
  setInterval(() => { if (chat.state === "online") refreshThreads().catch(() => {}); }, 5_000);
} else {
  const room = sessionStorage.getItem("example.support") ?? `support-${newKey()}`;
  sessionStorage.setItem("example.support", room);
  await open(room);
}
