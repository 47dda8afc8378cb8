// Prices are messages in one room. Who comes late finds the latest in the room's history; nobody polls.

import { follow, make, startSession } from "./example-session.js";

const ROOM = "example-ticker";
const NAMES = ["Bluebird", "Kestrel", "Plover", "Swift"];
const KEPT = 30;
const chat = await startSession("reader");
const body = document.getElementById("prices");
const source = document.getElementById("source");

/** @returns {{name: string, price: number} | null} what a stranger's message says, if it is a price */
function priceOf(entry) {
  try {
    const { name, price } = JSON.parse(entry.text);
    return NAMES.includes(name) && Number.isFinite(price) ? { name, price } : null;
  } catch {
    return null;
  }
}

function line(prices) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const low = Math.min(...prices);
  const range = Math.max(...prices) - low || 1;
  svg.setAttribute("viewBox", "0 0 120 28");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", prices.map((price, at) => `${at ? "L" : "M"}${(at / Math.max(1, prices.length - 1)) * 118 + 1} ${26 - ((price - low) / range) * 24}`).join(""));
  svg.append(path);
  return svg;
}

let latest = new Map();
follow(chat, ROOM, (entries) => {
  latest = new Map(NAMES.map((name) => [name, []]));
  for (const entry of entries) {
    const one = priceOf(entry);
    if (one) latest.get(one.name).push(one.price);
  }
  body.replaceChildren(...[...latest].map(([name, all]) => {
    const prices = all.slice(-KEPT);
    const change = prices.length > 1 ? prices.at(-1) - prices.at(-2) : 0;
    const mark = change > 0 ? "▲" : change < 0 ? "▼" : "–";
    const tone = change > 0 ? "up" : change < 0 ? "down" : "";
    return make("tr", {}, make("td", {}, name), make("td", {}, prices.at(-1)?.toFixed(2) ?? "–"),
      make("td", { className: tone }, `${mark} ${Math.abs(change).toFixed(2)}`), make("td", { className: tone }, prices.length > 1 ? line(prices) : ""));
  }));
});
await chat.join(ROOM, { history: 100 });

setInterval(() => {
  if (!source.checked || chat.state !== "online") return;
  const name = NAMES[Math.floor(Math.random() * NAMES.length)];
  const price = Math.max(1, (latest.get(name)?.at(-1) ?? 100) * (1 + (Math.random() - 0.5) / 50));
  chat.send(ROOM, JSON.stringify({ name, price: Math.round(price * 100) / 100 })).catch(() => {});
}, 500);
