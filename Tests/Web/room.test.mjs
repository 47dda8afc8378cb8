// The page's own state: a room's messages, their rows, unread counts; and what a typed line means.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Room, reactionsOf } from "../../Sources/ChatGateway/Web/js/room.js";
import { rowsOf } from "../../Sources/ChatGateway/Web/js/timeline-rows.js";
import { readLine, roomName } from "../../Sources/ChatGateway/Web/js/commands.js";
import { SOUNDS } from "../../Sources/ChatGateway/Web/js/sounds.js";

const ann = { id: "a", name: "ann" };
const bob = { id: "b", name: "bob" };
const DAY = 86_400_000;
const startOfDay = (at) => at - (at % DAY);
const message = (offset, from = bob, more = {}) =>
  ({ type: "message", room: "r", epoch: "e", offset, at: 10 * DAY + offset * 1_000, from, text: `m${offset}`, ...more });
const change = (type, offset, target, more = {}) => ({ type, room: "r", epoch: "e", offset, at: 1, from: bob, target, ...more });
const page = (entries, changes = [], more = {}) => ({ epoch: "e", offset: 99, entries, changes, ...more });
const texts = (room) => room.messages.map((one) => one.text);

test("messages stay in order and come once", () => {
  const room = new Room("r");
  room.replace(page([message(5), message(6)]));
  room.add(message(7));
  room.add(message(6));
  room.prepend(page([message(3), message(4), message(5)], [], { more: true }));
  assert.deepEqual(texts(room), ["m3", "m4", "m5", "m6", "m7"]);
  assert.equal(room.more, true);
});

test("the oldest go when there are too many, but not what is being read", () => {
  const room = new Room("r");
  for (let offset = 1; offset <= 5_000; offset++) room.add(message(offset));
  room.readFrom = 3;
  for (let offset = 5_001; offset <= 5_010; offset++) room.add(message(offset));
  assert.equal(room.messages[0].offset, 3);
  assert.equal(room.more, true);
  room.readFrom = Infinity;
  room.add(message(5_011));
  assert.deepEqual([room.messages[0].offset, room.messages.length], [12, 5_000]);
});

test("a page of another epoch is not mixed in", () => {
  const room = new Room("r");
  room.replace(page([message(5)]));
  room.prepend({ ...page([message(1)]), epoch: "other", more: false });
  assert.deepEqual(texts(room), ["m5"]);
});

test("the latest edit counts, in whatever order edits are told", () => {
  const room = new Room("r");
  room.replace(page([message(1)], [change("edited", 9, 1, { text: "second" })]));
  room.add(change("edited", 8, 1, { text: "first" }));
  assert.deepEqual(texts(room), ["second"]);
  room.add(change("deleted", 10, 1));
  room.add(change("edited", 11, 1, { text: "back?" }));
  assert.equal(room.messages[0].deleted, true);
  assert.deepEqual(texts(room), [""]);
});

test("reactions are a set, the latest of each person counts", () => {
  const room = new Room("r");
  room.replace(page([message(1)]));
  room.add(change("reacted", 2, 1, { emoji: "👍", on: true }));
  room.add(change("reacted", 2, 1, { emoji: "👍", on: true }));
  room.add(change("reacted", 3, 1, { emoji: "👍", on: true, from: ann }));
  assert.deepEqual(reactionsOf(room.messages[0]), [["👍", ["b", "a"]]]);
  room.add(change("reacted", 5, 1, { emoji: "👍", on: false }));
  room.add(change("reacted", 4, 1, { emoji: "👍", on: true }));
  assert.deepEqual(reactionsOf(room.messages[0]), [["👍", ["a"]]]);
});

test("what was pending goes when its message comes, live or in a snapshot", () => {
  const room = new Room("r");
  room.replace(page([]));
  room.pending = [{ key: "k1" }, { key: "k2" }];
  room.add(message(1, ann, { key: "k1" }));
  assert.deepEqual(room.pending.map((one) => one.key), ["k2"]);
  room.replace(page([message(1, ann, { key: "k1" }), message(2, ann, { key: "k2" })]));
  assert.deepEqual(room.pending, []);
});

test("unread is what others wrote beyond the last one read; of a direct room all of it is for me", () => {
  const room = new Room("r");
  room.replace(page([message(1), message(2, ann), message(3)]));
  room.readOffset = 1;
  room.count("a", (one) => one.text === "m3");
  assert.deepEqual([room.unread, room.mentioned], [1, 1]);
  const direct = new Room("dm:a:b", bob);
  direct.replace(page([message(1), message(2)]));
  direct.readOffset = 0;
  direct.count("a", () => false);
  assert.deepEqual([direct.unread, direct.mentioned], [2, 2]);
});

test("what the server counted beyond what is loaded counts, until something is read", () => {
  const room = new Room("r");
  room.replace(page([message(80), message(81)]));
  room.readOffset = 10;
  room.told = { readOffset: 10, head: 81, unread: 71, mentions: 3 };
  const isMention = (one) => one.text === "m82";
  room.count("a", isMention);
  assert.deepEqual([room.unread, room.mentioned], [71, 3]);
  room.add(message(82));
  room.add(message(83, ann));
  room.count("a", isMention);
  assert.deepEqual([room.unread, room.mentioned], [72, 4]);
  room.readOffset = 80;
  room.count("a", isMention);
  assert.deepEqual([room.unread, room.mentioned], [2, 1]);
});

test("a log that starts over takes the read mark back with it", () => {
  const room = new Room("r");
  room.replace(page([message(90)]));
  room.readOffset = 90;
  room.replace({ epoch: "new", offset: 2, entries: [{ ...message(2), epoch: "new" }], changes: [] });
  assert.equal(room.readOffset, 2);
});

test("a room keeps a bounded number of messages", () => {
  const room = new Room("r");
  room.replace(page([]));
  for (let offset = 1; offset <= 5_100; offset++) room.add(message(offset));
  assert.equal(room.messages.length, 5_000);
  assert.equal(room.messages[0].offset, 101);
  assert.equal(room.more, true);
});

test("rows: a divider for each day, one heading for a group, the line above what is new", () => {
  const room = new Room("r");
  room.replace(page([
    message(1), message(2), message(3, ann), { ...message(4, ann), at: 10 * DAY + 20 * 60_000 }, { ...message(5, ann), at: 11 * DAY },
  ]));
  room.newFrom = 3;
  room.pending = [{ key: "k", at: 11 * DAY + 1_000, action: false }];
  const rows = rowsOf(room, { from: 0, me: ann, startOfDay });
  assert.deepEqual(rows.map((row) => `${row.key}${row.head ? "*" : ""}`),
    [`d${10 * DAY}`, "m1*", "m2", "new", "m3*", "m4*", `d${11 * DAY}`, "m5*", "pk"]);
  assert.deepEqual(rowsOf(room, { from: 4, me: ann, startOfDay }).map((row) => row.key), [`d${11 * DAY}`, "m5", "pk"]);
});

test("a line is a text, a command, or a text with an escaped slash", () => {
  assert.deepEqual(readLine("hello /me"), { text: "hello /me" });
  assert.deepEqual(readLine("//me"), { text: "/me" });
  assert.deepEqual(readLine("/me waves  "), { name: "me", rest: "waves" });
  assert.deepEqual(readLine("/WHO"), { name: "who", rest: "" });
  assert.deepEqual(readLine("/usr/bin"), { text: "/usr/bin" });
  assert.equal(roomName(" #New Ideas "), "new-ideas");
});

test("sounds are short and within hearing", () => {
  for (const { notes } of Object.values(SOUNDS)) {
    for (const [start, length, from] of notes) assert.ok(start + length < 1 && from > 50 && from < 8_000);
  }
});
