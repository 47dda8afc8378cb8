// Tokens that end: fetched before a connection, replaced in time, asked for again when refused. And event iterators.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { FakeClock, FakeCluster, settle } from "./fake-server.mjs";

function setUp(getToken) {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const welcome = cluster.hello;
  const tokens = [];
  cluster.hello = (socket, frame) => {
    tokens.push(frame.token);
    welcome.call(cluster, socket, frame);
  };
  const chat = new Martlet({
    url: "ws://test/ws", transport: "websocket", WebSocket: cluster.WebSocket, clock, random: () => 0.5, getToken,
  });
  return { chat, clock, cluster, tokens };
}

test("the first connection waits for its token", async () => {
  const { chat, clock, tokens } = setUp(async () => "mine");
  chat.connect();
  await clock.advance(20);
  assert.deepEqual(tokens, ["mine"]);
  assert.equal(chat.state, "online");
});

test("a token that could not be fetched is tried for again", async () => {
  let calls = 0;
  const { chat, clock } = setUp(async () => { if (calls++ < 2) throw new Error("offline"); return "mine"; });
  chat.connect();
  await clock.advance(10);
  assert.equal(chat.state, "waiting");
  await clock.advance(10_000);
  assert.equal(chat.state, "online");
  assert.equal(calls, 3);
});

test("a refused token is replaced once; refused again, it is the end", async () => {
  let calls = 0;
  const { chat, clock, tokens } = setUp(async () => (calls++ ? "good" : "bad"));
  chat.connect();
  await clock.advance(50);
  assert.deepEqual(tokens, ["bad", "good"]);
  assert.equal(chat.state, "online");

  const other = setUp(async () => "bad");
  const refused = assert.rejects(other.chat.connect(), { code: "unauthorized" });
  await other.clock.advance(50);
  await refused;
  assert.deepEqual(other.tokens, ["bad", "bad"]);
  assert.equal(other.chat.state, "closed");
});

test("an application that refuses a token for good ends the session", async () => {
  const { chat, clock } = setUp(async () => { throw Object.assign(new Error("logged out"), { code: "unauthorized" }); });
  const refused = assert.rejects(chat.connect(), { code: "unauthorized", message: "logged out" });
  await clock.advance(10);
  await refused;
  assert.equal(chat.state, "closed");
});

test("a token is replaced before it ends, without a reconnection", async () => {
  let calls = 0;
  const { chat, clock, cluster } = setUp(async () => `t${++calls}`);
  const refreshed = [];
  const handle = cluster.handle;
  cluster.handle = (socket, frame) => {
    if (frame.type !== "refresh") return handle.call(cluster, socket, frame);
    refreshed.push(frame.token);
    return socket.say({ type: "ack", re: frame.id, expiresAt: clock.now() + 600_000 });
  };
  const hello = cluster.hello;
  cluster.hello = (socket, frame) => {
    const say = socket.say.bind(socket);
    socket.say = (one) => say(one.type === "welcome" ? { ...one, expiresAt: clock.now() + 600_000 } : one);
    hello(socket, frame);
  };
  chat.connect();
  await clock.advance(20);
  await clock.advance(530_000);
  assert.deepEqual(refreshed, []);
  await clock.advance(30_000);
  assert.deepEqual(refreshed, ["t2"]);
  assert.equal(chat.token, "t2");
  await clock.advance(600_000);
  assert.deepEqual(refreshed, ["t2", "t3"]);
  assert.equal(cluster.sockets.size, 1);
});

test("events can be awaited, of one room only, until the session ends", async () => {
  const { chat, clock, cluster } = setUp();
  chat.connect();
  await clock.advance(20);
  await Promise.all([chat.join("lobby"), chat.join("attic")]);
  const heard = [];
  const reading = (async () => { for await (const { text } of chat.events("message", { room: "lobby" })) heard.push(text); })();
  for (const [room, text] of [["lobby", "a"], ["attic", "b"], ["lobby", "c"]]) cluster.append(room, { id: "bob" }, text);
  await settle();
  assert.deepEqual(heard, ["a", "c"]);
  chat.close();
  await reading;
});

test("a reader that stops reading is told of the hole", async () => {
  const { chat, clock, cluster } = setUp();
  chat.connect();
  await clock.advance(20);
  await chat.join("lobby");
  const events = chat.events("message", { limit: 2 });
  for (const text of ["1", "2", "3"]) cluster.append("lobby", { id: "bob" }, text);
  assert.equal((await events.next()).value.text, "1");
  assert.equal((await events.next()).value.text, "2");
  await assert.rejects(events.next(), { code: "overflow" });
  assert.equal((await events.next()).done, true);
});

test("a signal ends an iteration", async () => {
  const { chat } = setUp();
  const stop = new AbortController();
  const next = chat.events("message", { signal: stop.signal }).next();
  stop.abort();
  assert.equal((await next).done, true);
});

test("the types say what the module has", () => {
  const types = readFileSync(new URL("../../Sources/ChatGateway/Web/martlet.d.ts", import.meta.url), "utf8");
  const body = types.slice(types.indexOf("export class Martlet "));
  const names = [...Object.getOwnPropertyNames(Martlet.prototype), ...Object.getOwnPropertyNames(Object.getPrototypeOf(Martlet.prototype))];
  for (const name of names) {
    if (name !== "emit") assert.match(body, new RegExp(`^  (readonly )?${name}[(:<]`, "m"), name);
  }
});
