// The SDK and moderation: what is asked, and what it makes of being removed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { FakeClock, FakeCluster, settle } from "./fake-server.mjs";

/** A client that is in the room, and what it told since. */
async function inRoom(room) {
  const clock = new FakeClock();
  const cluster = new FakeCluster(clock);
  const chat = new Martlet({ url: "ws://test/ws", transport: "websocket", WebSocket: cluster.WebSocket, clock, random: () => 0.5 });
  const told = [];
  for (const type of ["room", "configured", "kicked", "invited", "left", "failure"]) chat.on(type, (value) => told.push([type, value]));
  const connected = chat.connect();
  await clock.advance(10);
  await connected;
  await chat.join(room);
  return { chat, clock, cluster, told, socket: [...cluster.sockets].at(-1) };
}

test("each method sends its frame", async () => {
  const { chat, socket } = await inRoom("garden");
  const asked = [
    [chat.kick("garden", "u", "out"), { type: "kick", room: "garden", user: "u", reason: "out" }],
    [chat.ban("garden", "u", { duration: 5, reason: "spam" }), { type: "ban", room: "garden", user: "u", reason: "spam", duration: 5 }],
    [chat.ban(null, "u"), { type: "ban", room: null, user: "u" }],
    [chat.unban("garden", "u"), { type: "unban", room: "garden", user: "u" }],
    [chat.mute("garden", "u"), { type: "mute", room: "garden", user: "u" }],
    [chat.unmute("garden", "u"), { type: "unmute", room: "garden", user: "u" }],
    [chat.role("garden", "u", "owner"), { type: "role", room: "garden", user: "u", role: "owner" }],
    [chat.invite("garden", "u"), { type: "invite", room: "garden", user: "u" }],
    [chat.uninvite("garden", "u"), { type: "uninvite", room: "garden", user: "u" }],
    [chat.topic("garden", "birds"), { type: "topic", room: "garden", topic: "birds" }],
    [chat.configure("garden", { access: "private" }), { type: "configure", room: "garden", access: "private" }],
    [chat.moderation("garden", { after: "1:u" }), { type: "moderation", room: "garden", after: "1:u" }],
    [chat.audit(null, { limit: 5 }), { type: "audit", room: null, limit: 5 }],
  ];
  await Promise.allSettled(asked.map(([promise]) => promise));
  const sent = socket.sent.slice(-asked.length).map(({ id, ...frame }) => frame);
  assert.deepEqual(sent, asked.map(([, frame]) => JSON.parse(JSON.stringify(frame))));
});

test("who is kicked is told, is in the room no more, and does not resume it", async () => {
  const { chat, clock, cluster, told, socket } = await inRoom("garden");
  const unsent = assert.rejects(chat.send("garden", "too late"), { code: "kicked" });
  socket.say({ type: "kicked", room: "garden", reason: "enough" });
  await settle();
  const about = told.filter(([type]) => type === "kicked" || type === "left");
  assert.deepEqual(about, [["kicked", { room: "garden", reason: "enough" }], ["left", { room: "garden", reason: "kicked", message: "enough" }]]);
  assert.deepEqual(chat.rooms, []);
  await unsent;
  socket.drop();
  await clock.advance(2_000);
  const hello = [...cluster.sockets].at(-1).sent.find((frame) => frame.type === "hello");
  assert.equal(hello.resume, undefined);
});

test("how a room is set up comes with it, and when it changes", async () => {
  const { told, socket } = await inRoom("garden");
  const [, room] = told.find(([type]) => type === "room");
  assert.deepEqual([room.role, room.access, room.announcement, room.slowMode], ["member", "public", false, 0]);
  const change = { type: "room", room: "garden", topic: "birds", access: "unlisted", announcement: true, slowMode: 5_000, role: "moderator" };
  socket.say(change);
  socket.say({ type: "invited", room: "shed", by: { id: "u", name: "ann" } });
  assert.deepEqual(told.slice(-2), [["configured", change], ["invited", { type: "invited", room: "shed", by: { id: "u", name: "ann" } }]]);
});
