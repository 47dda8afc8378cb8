// The SDK against a real node over a line that is cut again and again: what it tells must equal the node's log.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { CuttingProxy } from "./cutting-proxy.mjs";
import { seeded } from "./fake-server.mjs";
import { NodeProcess, isBuilt, until, webSocket } from "./node-process.mjs";

const MESSAGES = 60;

/** What an application that does as the events say has of each room, and what was told wrongly. */
class View {
  mistakes = [];

  constructor(chat, rooms) {
    this.rooms = new Map(rooms.map((room) => [room, []]));
    chat.on("snapshot", ({ room, entries }) => { if (this.rooms.has(room)) this.rooms.set(room, [...entries]); });
    chat.on("entry", (entry) => {
      const room = this.rooms.get(entry.room);
      if (!room) return;
      if (entry.offset <= (room.at(-1)?.offset ?? 0)) this.mistakes.push(`${entry.room} ${entry.offset} again`);
      room.push(entry);
    });
  }
}

for (const transport of ["websocket", "stream"]) {
  const WebSocket = transport === "websocket" ? webSocket() : undefined;
  const skip = !isBuilt ? "no release build" : transport === "websocket" && !WebSocket ? "no WebSocket: apt-get install node-ws" : false;
  describe(`over ${transport}, cut again and again`, { skip }, () => {
    let node;
    const open = [];
    before(async () => { node = await NodeProcess.start(); });
    after(async () => {
      for (const one of open) one.close();
      await node?.close();
    });

    for (const seed of [1, 2, 3]) {
      test(`no hole, no repeat, nothing lost, in two tabs and another's (seed ${seed})`, async () => {
        const random = seeded(seed);
        const proxy = await CuttingProxy.start(node.port, () => 1_500 + random() * 9_000);
        const client = async (options) => {
          const chat = new Martlet({ url: proxy.url, transport, WebSocket, random: () => random() * 0.1, ...options });
          open.push(chat);
          await chat.connect();
          return chat;
        };
        open.push(proxy);
        const ann = await client({ name: `ann-${transport}-${seed}` });
        const tab = await client({ token: ann.token });
        const bob = await client({ name: `bob-${transport}-${seed}` });
        assert.equal(tab.user.id, ann.user.id);
        const rooms = ["lobby", "attic"].map((room) => `${room}-${transport}-${seed}`);
        const views = [ann, tab, bob].map((chat) => new View(chat, rooms));
        for (const chat of [ann, tab, bob]) for (const room of rooms) chat.join(room).catch(() => {});

        const sends = [];
        for (let number = 0; number < MESSAGES; number++) {
          const chat = [ann, tab, bob][Math.floor(random() * 3)];
          const room = rooms[Math.floor(random() * rooms.length)];
          const text = `${number}`;
          const stored = number % 15 === 7 ? chat.attach({ room }, new Uint8Array(3_000), { name: "f.bin", text }) : chat.send(room, text);
          sends.push(stored.then((ack) => ({ room, text, ack })));
          await new Promise((resolve) => setTimeout(resolve, random() * 60));
        }
        const acks = await Promise.all(sends);
        proxy.calm = true;
        assert.ok(proxy.cuts > 5, `${proxy.cuts} cuts`);

        const reader = new Martlet({ url: node.url, transport, WebSocket });
        open.push(reader);
        await reader.connect();
        for (const room of rooms) {
          await reader.join(room);
          const { entries } = await reader.history(room, { limit: 200 });
          const log = entries.map(({ offset, text }) => [offset, text]);
          const mine = acks.filter((one) => one.room === room);
          assert.deepEqual(log.map(([, text]) => text).sort(), mine.map(({ text }) => text).sort(), "each is stored once");
          for (const { text, ack } of mine) assert.equal(log.find(([, one]) => one === text)[0], ack.offset);
          for (const view of views) {
            const seen = () => view.rooms.get(room).map(({ offset, text }) => [offset, text]);
            await until(() => seen().at(-1)?.[0] === log.at(-1)?.[0], 30_000, `${room}: all of the log`);
            assert.deepEqual(seen(), log.slice(-seen().length));
            assert.ok(seen().length === log.length || seen().length >= 50, "only a snapshot is shorter than the log");
          }
        }
        for (const view of views) assert.deepEqual(view.mistakes, []);
      });
    }
  });
}
