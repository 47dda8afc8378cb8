// The SDK against a scripted cluster: connection, resume, dedup, sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Martlet, MartletError, backoff, directRoom, encodeAttachment, judge,
} from "../../Sources/ChatGateway/Web/martlet.js";
import { FakeClock, FakeCluster, settle } from "./fake-server.mjs";

/** A client, its cluster, and everything the client told. */
function setUp(options = {}) {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const chat = new Martlet({ url: "ws://test/ws", transport: "websocket", name: "ann", WebSocket: cluster.WebSocket, clock, random: () => 0.5, ...options });
  const told = [];
  for (const type of ["state", "identity", "snapshot", "entry", "left", "resumed", "degraded", "replaced"]) {
    chat.on(type, (value) => told.push({ type, ...value, event: type }));
  }
  const texts = () => told.filter((one) => one.event === "entry").map((one) => one.text);
  const states = () => told.filter((one) => one.event === "state").map((one) => one.state);
  return { clock, cluster, chat, told, texts, states, socket: () => [...cluster.sockets].at(-1) };
}

async function online(world, ...rooms) {
  const connected = world.chat.connect();
  await world.clock.advance(10);
  await connected;
  for (const room of rooms) await world.chat.join(room);
  return world;
}

test("backoff is full jitter between nothing and a bound that doubles from 1 s to 30 s", () => {
  assert.equal(backoff(0, () => 1), 1_000);
  assert.equal(backoff(3, () => 1), 8_000);
  assert.equal(backoff(50, () => 1), 30_000);
  assert.equal(backoff(50, () => 0), 0);
});

test("an entry is judged by epoch first, then by offset", () => {
  const position = { epoch: "a", offset: 5, at: 1 };
  assert.equal(judge(null, { epoch: "a", offset: 1 }), "new");
  assert.equal(judge(position, { epoch: "a", offset: 6 }), "new");
  assert.equal(judge(position, { epoch: "a", offset: 9 }), "new");
  assert.equal(judge(position, { epoch: "a", offset: 5 }), "old");
  assert.equal(judge(position, { epoch: "b", offset: 1 }), "foreign");
});

test("a direct room's name has the two ids in byte order", () => {
  assert.equal(directRoom("g-b", "g-a"), "dm:g-a:g-b");
  assert.equal(directRoom("Z", "a"), "dm:Z:a");
});

test("an attachment frame starts with the header's length, big endian", () => {
  const frame = encodeAttachment({ type: "attach" }, new Uint8Array([1, 2]));
  const length = new DataView(frame.buffer).getUint32(0);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(frame.subarray(4, 4 + length))), { type: "attach" });
  assert.deepEqual([...frame.subarray(4 + length)], [1, 2]);
});

test("says hello with name and token, and tells who we are", async () => {
  const world = await online(setUp({ token: "kept" }));
  const hello = world.socket().sent[0];
  assert.equal(hello.type, "hello");
  assert.equal(hello.token, "kept");
  assert.equal(hello.name, "ann");
  assert.equal(hello.resume, undefined);
  assert.equal(world.chat.user.name, "ann");
  assert.equal(world.chat.token, "t1");
  assert.deepEqual(world.states(), ["connecting", "online"]);
});

test("resumes with positions and gets exactly what it missed, once", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.append("lobby", { id: "bob" }, "one");
  world.socket().drop();
  world.cluster.append("lobby", { id: "bob" }, "two");
  world.cluster.append("lobby", { id: "bob" }, "three");
  await world.clock.advance(1_000);
  assert.deepEqual(world.socket().sent[0].resume, { lobby: { epoch: "e1", offset: 1, at: world.cluster.room("lobby").entries[0].at } });
  world.cluster.append("lobby", { id: "bob" }, "four");
  assert.deepEqual(world.texts(), ["one", "two", "three", "four"]);
  assert.equal(world.told.find((one) => one.event === "resumed").recovered, 1);
});

test("a repeated or older entry is dropped", async () => {
  const world = await online(setUp(), "lobby");
  const entry = world.cluster.append("lobby", { id: "bob" }, "one");
  world.cluster.append("lobby", { id: "bob" }, "two");
  world.socket().say(entry);
  world.socket().say(entry);
  assert.deepEqual(world.texts(), ["one", "two"]);
});

test("a reset replaces what one has", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.append("lobby", { id: "bob" }, "lost");
  world.cluster.newEpoch("lobby", 1);
  const snapshot = world.told.filter((one) => one.event === "snapshot").at(-1);
  assert.equal(snapshot.epoch, "e2");
  assert.deepEqual(snapshot.entries, []);
  world.cluster.append("lobby", { id: "bob" }, "new life");
  assert.deepEqual(world.texts(), ["lost", "new life"]);
});

test("an unrecovered resume replaces what one has", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.append("lobby", { id: "bob" }, "one");
  world.socket().drop();
  world.cluster.newEpoch("lobby");
  await world.clock.advance(1_000);
  assert.deepEqual(world.told.filter((one) => one.event === "snapshot").at(-1).entries.map((e) => e.text), ["one"]);
  assert.equal(world.told.find((one) => one.event === "resumed").replaced, 1);
});

test("an entry of another epoch that nobody announced makes the client ask", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.append("lobby", { id: "bob" }, "one");
  world.cluster.chance.silentEpoch = 1;
  world.cluster.random = () => 0;
  world.cluster.newEpoch("lobby");
  world.cluster.random = () => 1;
  world.cluster.append("lobby", { id: "bob" }, "two");
  await settle();
  assert.equal(world.socket().sent.at(-1).type, "join");
  assert.deepEqual(world.told.filter((one) => one.event === "snapshot").at(-1).entries.map((e) => e.text), ["one", "two"]);
});

test("entries of a direct room come unasked and are resumed; those of a left room are not shown", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().say({ type: "message", room: "dm:bob:g-me", epoch: "d", offset: 3, at: 9, from: { id: "bob" }, text: "psst" });
  await world.chat.leave("lobby");
  world.socket().say({ type: "message", room: "lobby", epoch: "e1", offset: 1, at: 9, from: { id: "bob" }, text: "late" });
  assert.deepEqual(world.texts(), ["psst"]);
  world.socket().drop();
  await world.clock.advance(1_000);
  assert.deepEqual(world.socket().sent[0].resume, { "dm:bob:g-me": { epoch: "d", offset: 3, at: 9 } });
});

test("a room refused on resume is left; one that is only unavailable is asked for again", async () => {
  const world = await online(setUp(), "lobby", "attic");
  let code = "unavailable";
  world.cluster.refuseResume = (room) => (room === "lobby" ? code : "forbidden");
  world.socket().drop();
  await world.clock.advance(600);
  assert.deepEqual(world.chat.rooms, ["lobby"]);
  assert.deepEqual(world.told.filter((one) => one.event === "left").map((one) => [one.room, one.reason]), [["attic", "forbidden"]]);
  await world.clock.advance(1_000);
  assert.ok(world.socket().joined.has("lobby"));
});

test("an unacknowledged send is repeated with its key after a reconnect", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.chance.ackLost = 1;
  world.cluster.random = () => 0.9;
  // Neither the ack nor our own message arrives: the connection dies first.
  world.socket().onframe = () => {};
  const sent = world.chat.send("lobby", "hello", { key: "k1" });
  world.cluster.append("lobby", { id: "somebody" }, "other");
  world.socket().drop();
  world.cluster.chance.ackLost = 0;
  await world.clock.advance(1_000);
  const ack = await sent;
  assert.equal(ack.offset, 2);
  assert.deepEqual(world.socket().sent.filter((f) => f.type === "send").map((f) => f.key), ["k1"]);
  assert.equal(world.chat.unsent, 0);
});

test("our own message among the recovered entries counts as the acknowledgement", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().onframe = () => {};
  const sent = world.chat.send("lobby", "hello", { key: "k1" });
  world.socket().drop();
  world.cluster.append("lobby", { id: "g-me" }, "hello", "k1");
  await world.clock.advance(1_000);
  assert.equal((await sent).offset, 1);
  assert.equal(world.socket().sent.some((frame) => frame.type === "send"), false);
});

test("unavailable means again with the same key, and later sends don't overtake", async () => {
  const world = await online(setUp(), "lobby");
  world.cluster.unavailable = true;
  const first = world.chat.send("lobby", "first");
  await settle();
  const second = world.chat.send("lobby", "second");
  world.cluster.unavailable = false;
  await world.clock.advance(5_000);
  assert.ok((await first).offset < (await second).offset);
  assert.deepEqual(world.cluster.room("lobby").entries.map((e) => e.text), ["first", "second"]);
});

test("a send without an answer is repeated after the deadline", async () => {
  const world = await online(setUp(), "lobby");
  const live = world.socket();
  const handler = live.onframe;
  live.onframe = (frame) => { if (frame.type !== "send") handler(frame); };
  const sent = world.chat.send("lobby", "hello");
  await settle();
  live.onframe = handler;
  await world.clock.advance(17_000);
  assert.equal((await sent).offset, 1);
  const sends = live.sent.filter((frame) => frame.type === "send");
  assert.equal(sends.length, 2);
  assert.equal(sends[0].key, sends[1].key);
});

test("sends wait for a connection, in a queue that is bounded", async () => {
  const world = setUp({ outboxMost: 2 });
  world.chat.join("lobby");
  const connected = world.chat.connect();
  const sends = [world.chat.send("lobby", "a"), world.chat.send("lobby", "b")];
  await assert.rejects(world.chat.send("lobby", "c"), { code: "queue_full" });
  await world.clock.advance(10);
  await connected;
  assert.deepEqual((await Promise.all(sends)).map((ack) => ack.offset), [1, 2]);
});

test("a final refusal rejects the send", async () => {
  const world = await online(setUp());
  await assert.rejects(world.chat.send("elsewhere", "x"), (error) => error instanceof MartletError && error.code === "not_member");
});

test("after the key's life an unanswered send is not repeated but told as unknown", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().onframe = () => {};
  const sent = world.chat.send("lobby", "hello");
  const outcome = assert.rejects(sent, { code: "outcome_unknown" });
  world.cluster.refuse = () => true;
  world.socket().drop();
  await world.clock.advance(10 * 60_000);
  world.cluster.refuse = null;
  world.cluster.newEpoch("lobby");
  await world.clock.advance(60_000);
  await outcome;
});

test("goaway: connects again after the time the server gave, not before", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().say({ type: "goaway", reconnectAfter: 4_000, reason: "drain" });
  await world.clock.advance(3_900);
  assert.equal(world.cluster.sockets.size, 1);
  await world.clock.advance(200);
  assert.equal(world.cluster.sockets.size, 2);
  assert.equal(world.chat.state, "online");
});

test("goaway: a node that closes early is not asked again before that time", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().say({ type: "goaway", reconnectAfter: 4_000, reason: "drain" });
  world.socket().drop(1001);
  await world.clock.advance(3_900);
  assert.equal(world.cluster.sockets.size, 1);
  await world.clock.advance(200);
  assert.equal(world.cluster.sockets.size, 2);
});

test("4403 is the end", async () => {
  const world = await online(setUp(), "lobby");
  const sent = world.chat.send("lobby", "x");
  await settle();
  world.socket().onframe = () => {};
  const lost = world.chat.send("lobby", "y");
  const refused = assert.rejects(lost, { code: "banned" });
  world.socket().drop(4403, "banned");
  await sent;
  await refused;
  await world.clock.advance(120_000);
  assert.equal(world.chat.state, "closed");
  assert.equal(world.cluster.sockets.size, 1);
});

test("4401 drops the token and tries once as a guest", async () => {
  const world = setUp({ token: "bad" });
  const connected = world.chat.connect();
  await world.clock.advance(20);
  await connected;
  const hellos = [...world.cluster.sockets].map((socket) => socket.sent[0].token);
  assert.deepEqual(hellos, ["bad", undefined]);
  assert.equal(world.chat.token, "t1");
});

test("a second 4401 is the end", async () => {
  const world = setUp({ token: "bad" });
  world.cluster.hello = (socket) => socket.drop(4401, "no guests");
  const refused = assert.rejects(world.chat.connect(), { code: "unauthorized" });
  await world.clock.advance(60_000);
  await refused;
  assert.equal(world.cluster.sockets.size, 2);
});

test("another identity drops the former's direct rooms and unanswered sends", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().say({ type: "message", room: "dm:bob:g-me", epoch: "d", offset: 3, at: 9, from: { id: "bob" }, text: "psst" });
  world.socket().onframe = () => {};
  const unknown = assert.rejects(world.chat.send("lobby", "x"), { code: "outcome_unknown" });
  world.cluster.identity = "g-other";
  world.socket().drop();
  await world.clock.advance(1_000);
  await unknown;
  assert.deepEqual(world.chat.rooms, ["lobby"]);
  assert.ok(world.told.some((one) => one.event === "replaced"));
});

test("two ping intervals of silence make a new connection; an answered ping does not", async () => {
  const world = await online(setUp());
  await world.clock.advance(120_000);
  assert.equal(world.cluster.sockets.size, 1);
  world.cluster.mute = true;
  await world.clock.advance(20_000);
  assert.equal(world.cluster.sockets.size, 1);
  world.cluster.mute = false;
  world.socket().onframe = () => {};
  await world.clock.advance(65_000);
  assert.equal(world.cluster.sockets.size, 2);
});

test("a server that never says welcome is given up after 10 s", async () => {
  const world = setUp();
  world.cluster.hello = () => {};
  world.chat.connect();
  await world.clock.advance(11_000);
  assert.equal(world.cluster.sockets.size, 2);
});

test("an unknown type is remembered as unsupported", async () => {
  const world = await online(setUp(), "lobby");
  await assert.rejects(world.chat.react("lobby", 1, "+"), { code: "unsupported" });
  assert.ok(world.chat.unsupported.has("react"));
});

test("a lost connection rejects requests but not joins", async () => {
  const world = await online(setUp());
  world.socket().onframe = () => {};
  const who = assert.rejects(world.chat.who("lobby"), { code: "offline" });
  const joined = world.chat.join("lobby");
  world.socket().drop();
  await who;
  await world.clock.advance(1_000);
  assert.equal((await joined).room, "lobby");
});

test("close rejects what is open and stays closed", async () => {
  const world = await online(setUp(), "lobby");
  world.socket().onframe = () => {};
  const sent = assert.rejects(world.chat.send("lobby", "x"), { code: "closed" });
  world.chat.close();
  await sent;
  await world.clock.advance(60_000);
  assert.equal(world.cluster.sockets.size, 1);
});

test("a throwing handler costs no entry", async () => {
  const world = await online(setUp(), "lobby");
  const seen = [];
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  world.chat.on("message", () => { throw new Error("mine"); });
  world.chat.on("message", (m) => seen.push(m.text));
  world.cluster.append("lobby", { id: "bob" }, "one");
  delete globalThis.reportError;
  assert.deepEqual(reported, ["mine"]);
  assert.deepEqual(seen, ["one"]);
});

test("what is asked for at once leaves as fast as the server allows, and in order", async () => {
  const world = setUp();
  const hello = world.cluster.hello;
  world.cluster.hello = (socket, frame) => {
    const say = socket.say.bind(socket);
    socket.say = (one) => say(one.type === "welcome" ? { ...one, limits: { burst: 20, framesPerSecond: 100 } } : one);
    hello.call(world.cluster, socket, frame);
  };
  await online(world);
  const joined = Promise.all(Array.from({ length: 80 }, (_, at) => world.chat.join(`room-${at}`)));
  await settle();
  const sent = () => world.socket().sent.filter(({ type }) => type === "join").map(({ room }) => room);
  assert.ok(sent().length > 5 && sent().length <= 20, `${sent().length} at once`);
  let allowed = 20;
  for (let tick = 0; tick < 100; tick++) {
    await world.clock.advance(10);
    allowed += 1;
    assert.ok(sent().length <= allowed, `${sent().length} after ${tick} ticks`);
  }
  await joined;
  assert.deepEqual(sent(), Array.from({ length: 80 }, (_, at) => `room-${at}`));
});
