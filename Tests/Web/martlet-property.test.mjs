// Random drops, repeats, lost acks, outages and epoch changes: what the client tells must equal the log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { FakeClock, FakeCluster, seeded } from "./fake-server.mjs";

const ROOMS = ["lobby", "attic", "dm:bob:g-me"];

/** What an application that does as the events say has of each room. */
class View {
  rooms = new Map();
  mistakes = [];

  constructor(chat) {
    chat.on("snapshot", ({ room, epoch, entries }) => this.rooms.set(room, { epoch, entries: [...entries] }));
    chat.on("entry", (entry) => {
      const room = this.rooms.get(entry.room) ?? { epoch: entry.epoch, entries: [] };
      this.rooms.set(entry.room, room);
      if (entry.epoch !== room.epoch) this.mistakes.push(`${entry.epoch} after ${room.epoch}`);
      if (entry.offset <= (room.entries.at(-1)?.offset ?? 0)) this.mistakes.push(`${entry.room} ${entry.offset} again`);
      room.entries.push(entry);
    });
  }
}

async function run(seed) {
  const random = seeded(seed);
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock, random);
  cluster.chance = { ackLost: 0.1, dropOnSend: 0.15, unavailable: 0.1, repeat: 0.2, silentEpoch: 0.3 };
  const chat = new Martlet({ url: "ws://test/ws", transport: "websocket", WebSocket: cluster.WebSocket, clock, random });
  const view = new View(chat);
  const sends = new Map();
  const pick = (list) => list[Math.floor(random() * list.length)];
  chat.connect();
  for (const room of ROOMS) chat.join(room).catch(() => {});

  let losses = 0;
  const actions = [
    [8, () => cluster.append(pick(ROOMS), { id: "bob", name: "bob" }, `bob ${random()}`)],
    [6, () => {
      const key = `k${sends.size}`;
      const send = { room: pick(ROOMS), state: "open" };
      sends.set(key, send);
      chat.send(send.room, key, { key }).then((ack) => { send.state = "stored"; send.ack = ack; }, (e) => { send.state = e.code; });
    }],
    [2, () => cluster.live.forEach((socket) => socket.drop())],
    [1, () => cluster.trim(pick(ROOMS), 2)],
    [0.4, () => {
      const room = pick(ROOMS);
      const lost = random() < 0.5;
      if (lost) losses += 1;
      cluster.newEpoch(room, lost ? 3 : 0);
    }],
    [0.5, () => cluster.live.forEach((socket) => socket.say({ type: "goaway", reconnectAfter: random() * 3_000, reason: "drain" }))],
    [0.5, () => { cluster.unavailable = !cluster.unavailable; }],
  ];
  const total = actions.reduce((sum, [weight]) => sum + weight, 0);
  for (let step = 0; step < 120; step++) {
    let at = random() * total;
    actions.find(([weight]) => (at -= weight) < 0)[1]();
    await clock.advance(random() * 1_500);
  }

  cluster.unavailable = false;
  cluster.chance = { ackLost: 0, dropOnSend: 0, unavailable: 0, repeat: 0, silentEpoch: 0 };
  await clock.advance(120_000);
  // An epoch nobody announced shows itself with the next entry.
  for (const room of ROOMS) cluster.append(room, { id: "bob" }, "last");
  await clock.advance(120_000);

  assert.deepEqual(view.mistakes, []);
  assert.equal(chat.state, "online");
  assert.equal(chat.unsent, 0);
  for (const name of ROOMS) {
    const log = cluster.room(name);
    const mine = view.rooms.get(name);
    assert.equal(mine.epoch, log.epoch);
    const from = mine.entries[0]?.offset ?? log.head;
    const kept = mine.entries.filter((entry) => entry.offset >= (log.entries[0]?.offset ?? Infinity));
    assert.deepEqual(kept.map((e) => [e.offset, e.text]), log.entries.filter((e) => e.offset >= from).map((e) => [e.offset, e.text]));
  }
  for (const [key, send] of sends) {
    assert.equal(send.state, "stored", key);
    if (losses) continue; // what the log itself lost can't be looked up in it
    assert.equal(cluster.room(send.room).keys.get(key)?.offset, send.ack.offset);
  }
  return { sends: sends.size, connections: cluster.sockets.size };
}

test("no hole and no repeat, whatever happens on the way (60 seeds)", async () => {
  let connections = 0;
  for (let seed = 1; seed <= 60; seed++) {
    try {
      connections += (await run(seed)).connections;
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
  assert.ok(connections > 300, `the runs should reconnect often, but did only ${connections} times`);
});
