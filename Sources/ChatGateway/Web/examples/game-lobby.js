// A lobby room tells who is here; a game is a room of its own. Its state is not sent but computed: all clients fold the
// same messages in the same order, so an impossible move is ignored by all of them alike.

import { newKey } from "../martlet.js";
import { follow, make, roomsNamed, startSession } from "./example-session.js";

const LOBBY = "example-lobby";
const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
const byID = (id) => document.getElementById(id);
const chat = await startSession("player");
const members = new Map();
const followed = new Set();
const games = new Map();
let current = null;

/** Moves are messages "move 0" … "move 8": the first two who move are the players, the first one is ✕. */
function stateOf(entries) {
  const state = { cells: Array(9).fill(null), players: [], names: [], winner: null };
  for (const { type, from, text } of entries) {
    const cell = type === "message" ? Number(/^move ([0-8])$/.exec(text)?.[1] ?? -1) : -1;
    if (cell < 0 || state.winner || state.cells[cell]) continue;
    const moves = state.cells.filter(Boolean).length;
    const turn = moves % 2;
    const isNew = state.players.length === turn && !state.players.includes(from.id);
    if (isNew) { state.players.push(from.id); state.names.push(from.name); }
    if (state.players[turn] !== from.id) continue;
    state.cells[cell] = turn ? "○" : "✕";
    state.winner = LINES.some((line) => line.every((at) => state.cells[at] === state.cells[cell])) ? from.name : moves === 8 ? "nobody" : null;
  }
  return state;
}

function draw() {
  const { cells, players, names, winner } = stateOf(games.get(current) ?? []);
  const turn = cells.filter(Boolean).length % 2;
  const mayMove = current && !winner && (players[turn] === chat.user.id || (players.length === turn && !players.includes(chat.user.id)));
  byID("title").textContent = current ? `Game ${current.slice(5, 9)}` : "No game yet";
  byID("turn").textContent = !current ? "Choose a game, or make one." : winner ? `${winner === "nobody" ? "A draw" : `${winner} has won`}.`
    : mayMove ? "Your move." : `Waiting for ${names[turn] ?? "another player"}…`;
  byID("board").replaceChildren(...cells.map((mark, at) => {
    const cell = make("button", { type: "button", disabled: !mayMove || mark !== null, onclick: () => chat.send(current, `move ${at}`) }, mark ?? "");
    cell.setAttribute("aria-label", `${mark ?? "empty"}, row ${Math.floor(at / 3) + 1}, column ${at % 3 + 1}`);
    return cell;
  }));
}

async function open(room) {
  current = room;
  if (!followed.has(room)) {
    followed.add(room);
    follow(chat, room, (entries) => { games.set(room, entries); draw(); });
    await chat.join(room, { history: 200 });
  }
  draw();
  await listGames();
}

async function listGames() {
  const rooms = await roomsNamed(chat, "game-");
  const items = rooms.map(({ room }) => {
    const button = make("button", { type: "button", onclick: () => open(room) }, `Game ${room.slice(5, 9)}`);
    if (room === current) button.setAttribute("aria-current", "true");
    return make("li", {}, button);
  });
  byID("games").replaceChildren(...items);
}

function drawPlayers() {
  byID("players").replaceChildren(...[...members.values()].map((name) => make("li", {}, name)));
}

chat.on("room", ({ room, members: all }) => {
  if (room !== LOBBY) return;
  members.clear();
  for (const { id, name } of all) members.set(id, name);
  drawPlayers();
});
chat.on("presence", ({ room, joined, left }) => {
  if (room !== LOBBY) return;
  for (const { id, name } of joined) members.set(id, name);
  for (const { id } of left) members.delete(id);
  drawPlayers();
});
// Who makes a game says so in the lobby: nobody needs to ask again and again.
chat.on("message", ({ room }) => { if (room === LOBBY) listGames().catch(() => {}); });
byID("create").addEventListener("click", async () => {
  const room = `game-${newKey()}`;
  await open(room);
  await chat.send(LOBBY, `A new game: ${room}`);
});

await chat.join(LOBBY, { history: 0 });
await listGames();
draw();
