// Cursors several times a second. Each place is a message in a room that nobody asks the history of; what is drawn goes
// along as a stroke. Sent at a steady pace, whatever the mouse does: a session may say 100 things a second.

import { startSession } from "./example-session.js";

const ROOM = "example-cursors";
const EVERY = 80;
const GONE_AFTER = 5_000;
const canvas = document.getElementById("field");
const context = canvas.getContext("2d");
const cursors = new Map();
const strokes = [];
const chat = await startSession("painter");
let place = null;
let told = "";

const colourOf = (id) => `hsl(${[...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 360, 7)} 65% 48%)`;

chat.on("message", ({ room, from, text }) => {
  if (room !== ROOM) return;
  const numbers = text.split(" ").map(Number);
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return;
  const [x, y, down] = numbers;
  const before = cursors.get(from.id);
  if (down && before?.down) strokes.push({ from: before, to: { x, y }, colour: colourOf(from.id) });
  if (strokes.length > 4_000) strokes.shift();
  cursors.set(from.id, { x, y, down, name: from.name, at: Date.now() });
});
chat.on("presence", ({ room, left, count }) => {
  if (room !== ROOM) return;
  for (const { id } of left) cursors.delete(id);
  document.getElementById("here").textContent = `${count} here`;
});

for (const type of ["pointermove", "pointerdown", "pointerup"]) {
  canvas.addEventListener(type, (event) => {
    const box = canvas.getBoundingClientRect();
    place = [Math.round((event.clientX - box.left) / box.width * canvas.width), Math.round((event.clientY - box.top) / box.height * canvas.height), event.buttons ? 1 : 0];
  });
}

setInterval(() => {
  const text = place?.join(" ") ?? "";
  if (!text || text === told || chat.state !== "online" || chat.unsent > 5) return; // behind already: the next one counts
  told = text;
  chat.send(ROOM, text).catch(() => {});
}, EVERY);

function draw() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = 3;
  context.lineCap = "round";
  for (const { from, to, colour } of strokes) {
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.font = "13px system-ui, sans-serif";
  for (const [id, { x, y, name, at }] of cursors) {
    if (Date.now() - at > GONE_AFTER) continue;
    context.fillStyle = colourOf(id);
    context.beginPath();
    context.arc(x, y, 6, 0, 7);
    context.fill();
    context.fillText(id === chat.user.id ? "you" : name, x + 10, y + 4);
  }
  requestAnimationFrame(draw);
}

await chat.join(ROOM, { history: 0 });
draw();
