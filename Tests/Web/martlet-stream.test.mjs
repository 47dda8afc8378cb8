// The fallback: when the stream is taken, how long it is remembered, and that it keeps order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser, Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { FakeClock, FakeCluster, seeded } from "./fake-server.mjs";
import { FakeStreams } from "./fake-stream.mjs";

function setUp(options = {}) {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const streams = new FakeStreams(cluster);
  const chat = new Martlet({
    url: "ws://test/ws", name: "ann", WebSocket: cluster.WebSocket, fetch: streams.fetch, clock, random: () => 0.5, ...options,
  });
  const texts = [];
  chat.on("message", ({ text }) => texts.push(text));
  return { clock, cluster, streams, chat, texts };
}

test("a WebSocket that opens is what is used", async () => {
  const { chat, clock, streams } = setUp();
  chat.connect();
  await clock.advance(10);
  assert.equal(chat.via, "websocket");
  assert.equal(streams.sessions.size, 0);
});

test("a refused WebSocket is replaced by the stream at once", async () => {
  const { chat, clock, cluster, texts } = setUp();
  cluster.refuse = (socket) => { socket.drop(); return true; };
  chat.connect();
  await clock.advance(10);
  assert.equal(chat.state, "online");
  assert.equal(chat.via, "stream");
  await chat.join("lobby");
  const ack = await chat.send("lobby", "over HTTP");
  await clock.advance(10);
  assert.equal(ack.offset, 1);
  assert.deepEqual(texts, ["over HTTP"]);
});

test("a WebSocket that hangs is replaced within 3 s", async () => {
  const { chat, clock, cluster } = setUp();
  cluster.refuse = () => true;
  chat.connect();
  await clock.advance(2_000);
  assert.equal(chat.state, "connecting");
  await clock.advance(1_000);
  assert.equal(chat.via, "stream");
});

test("one that opens but passes nothing on, too", async () => {
  const { chat, clock, cluster } = setUp();
  cluster.hello = () => {};
  const original = FakeCluster.prototype.hello;
  chat.connect();
  await clock.advance(2_000);
  cluster.hello = original;
  await clock.advance(1_000);
  assert.equal(chat.via, "stream");
});

test("what works is remembered for an hour, then a WebSocket is tried again", async () => {
  const { chat, clock, cluster, streams } = setUp();
  let tried = 0;
  cluster.refuse = (socket) => { tried += 1; socket.drop(); return true; };
  chat.connect();
  await clock.advance(10);
  assert.equal(tried, 1);
  for (const session of streams.sessions.values()) session.socket.drop();
  await clock.advance(2_000);
  assert.equal(chat.via, "stream");
  assert.equal(tried, 1);
  await clock.advance(60 * 60_000);
  cluster.refuse = undefined;
  for (const session of streams.sessions.values()) session.socket.drop();
  await clock.advance(2_000);
  assert.equal(chat.via, "websocket");
});

test("where WebSockets have worked, a node that is away is no reason to change", async () => {
  const { chat, clock, cluster, streams } = setUp();
  chat.connect();
  await clock.advance(10);
  streams.down = true;
  cluster.refuse = (socket) => { socket.drop(); return true; };
  for (const socket of cluster.live) socket.drop();
  await clock.advance(1_200);
  assert.equal(chat.state, "waiting");
  cluster.refuse = undefined;
  await clock.advance(5_000);
  assert.equal(chat.via, "websocket");
});

test("a node that closes by itself was reached", async () => {
  const { chat, clock, cluster, streams } = setUp();
  cluster.hello = (socket) => socket.drop(1011, "Redis is away");
  chat.connect();
  await clock.advance(20);
  assert.equal(chat.state, "waiting");
  assert.equal(streams.sessions.size, 0);
});

test("a server without a stream is not asked for it again", async () => {
  const { chat, clock, cluster, streams } = setUp();
  let asked = 0;
  const fetch = streams.fetch;
  const other = new Martlet({
    url: "ws://test/ws", WebSocket: cluster.WebSocket, clock, random: () => 0.5,
    fetch: (...all) => { asked += 1; streams.status = 404; return fetch(...all); },
  });
  cluster.refuse = (socket) => { socket.drop(); return true; };
  other.connect().catch(() => {});
  await clock.advance(30_000);
  assert.equal(asked, 1);
  cluster.refuse = undefined;
  await clock.advance(30_000);
  assert.equal(other.via, "websocket");
  assert.equal(chat.state, "idle");
});

test("a close that the stream tells is a close with its code", async () => {
  const { chat, clock, streams } = setUp({ transport: "stream" });
  const states = [];
  chat.on("state", ({ state, code }) => states.push([state, code]));
  chat.connect().catch(() => {});
  await clock.advance(10);
  for (const session of streams.sessions.values()) session.socket.drop(4403, "banned");
  await clock.advance(10);
  assert.deepEqual(states.at(-1), ["closed", 4403]);
});

test("the stream is told in time that we are still here", async () => {
  const { chat, clock, cluster, streams } = setUp({ transport: "stream" });
  chat.connect();
  await clock.advance(10);
  cluster.append("lobby", { id: "bob" }, "noise"); // what we hear is not what the server hears
  const before = streams.posts;
  for (let second = 0; second < 60; second++) {
    for (const socket of cluster.live) socket.say({ type: "presence", room: "x", joined: [], left: [], count: 1 });
    await clock.advance(1_000);
  }
  assert.ok(streams.posts - before >= 2, `${streams.posts - before} posts in a minute`);
  assert.equal(chat.state, "online");
});

test("a stream that brings but takes nothing is given up, and what was said is said over the next one", async () => {
  const { chat, clock, cluster, streams } = setUp({ transport: "stream" });
  chat.connect();
  await clock.advance(10);
  await chat.join("lobby");
  streams.chance.refused = 1;
  streams.random = () => 0.5;
  const sent = chat.send("lobby", "at last");
  await clock.advance(5 * 60_000);
  assert.ok(streams.sessions.size > 1, "connected anew");
  assert.deepEqual(cluster.room("lobby").entries, []);
  streams.chance.refused = 0;
  await clock.advance(60_000);
  assert.equal((await sent).offset, 1);
  assert.deepEqual(cluster.room("lobby").entries.map(({ text }) => text), ["at last"]);
});

test("a file goes in a POST of its own, in its place among the frames", async () => {
  const { chat, cluster, clock, streams } = setUp({ transport: "stream" });
  chat.connect();
  await clock.advance(10);
  await chat.join("lobby");
  const before = streams.posts;
  const parts = [];
  const sent = [chat.send("lobby", "first"), chat.attach({ room: "lobby" }, new Uint8Array(300), { name: "a.bin", text: "file", onProgress: (part) => parts.push(part) }), chat.send("lobby", "last")];
  await clock.advance(1_000);
  await Promise.all(sent);
  assert.deepEqual(cluster.room("lobby").entries.map(({ text }) => text), ["first", "file[300]", "last"]);
  assert.ok(streams.posts - before >= 3);
  assert.ok(parts.every((part) => part >= 0 && part <= 1));
});

test("POSTs that are lost, refused or repeated change neither order nor number (40 seeds)", async () => {
  let repeats = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const clock = new FakeClock();
    const cluster = new FakeCluster(clock);
    const streams = new FakeStreams(cluster, random, { lost: 0.2, refused: 0.2 });
    const chat = new Martlet({ url: "ws://test/ws", transport: "stream", fetch: streams.fetch, clock, random });
    const heard = [];
    chat.on("snapshot", ({ entries }) => heard.splice(0, heard.length, ...entries.map((entry) => entry.text)));
    chat.on("message", ({ text }) => heard.push(text));
    chat.connect();
    chat.join("lobby").catch(() => {});
    const sent = [];
    for (let step = 0; step < 40; step++) {
      sent.push(`${step}`);
      const isFile = random() < 0.2;
      if (isFile) sent[step] += "[8]";
      const stored = isFile ? chat.attach({ room: "lobby" }, new Uint8Array(8), { name: "f", text: `${step}` }) : chat.send("lobby", `${step}`);
      stored.catch((error) => assert.fail(error.message));
      if (random() < 0.1) for (const session of streams.sessions.values()) if (!session.closed) session.socket.drop();
      await clock.advance(random() * 800);
    }
    await clock.advance(120_000);
    assert.deepEqual(cluster.room("lobby").entries.map((entry) => entry.text), sent, `stored, seed ${seed}`);
    assert.deepEqual(heard, sent, `heard, seed ${seed}`);
    repeats += streams.repeats;
    chat.close();
  }
  assert.ok(repeats > 40, `${repeats} repeats`);
});

test("events are split wherever the text is cut", () => {
  const events = [];
  const parser = new EventParser((event, data) => events.push([event, data]));
  for (const char of ": hi\r\n\r\ndata: {\"a\":1}\r\n\r\nevent: close\ndata:x\ndata: y\n\nid: 7\n\n") parser.push(char);
  assert.deepEqual(events, [["message", "{\"a\":1}"], ["close", "x\ny"]]);
  assert.equal(new EventParser(() => {}).push("x".repeat(2_000_000)), false);
});
