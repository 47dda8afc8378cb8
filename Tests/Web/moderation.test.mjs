// What the page knows of roles and of rooms where not everybody may write.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Room } from "../../Sources/ChatGateway/Web/js/room.js";
import { actText, isAbove, secondsText, writingBar } from "../../Sources/ChatGateway/Web/js/moderation.js";
import { COMMANDS, commandsOf } from "../../Sources/ChatGateway/Web/js/commands.js";

const room = (settings = {}) => {
  const made = new Room("r");
  made.configure(settings);
  return made;
};

test("only somebody above may see to somebody", () => {
  const roles = ["member", "moderator", "owner"];
  const table = [...roles, "operator"].map((role) => roles.map((other) => isAbove(role, other)));
  assert.deepEqual(table, [[false, false, false], [true, false, false], [true, true, false], [true, true, true]]);
  assert.equal(isAbove("moderator", undefined), true);
  assert.equal(isAbove("toString", "member"), false, "no role of an object's own");
});

test("an event says all of a room, what it leaves out is as usual; the role stays", () => {
  const made = room({ role: "owner", topic: "birds", access: "private", announcement: true, slowMode: 5_000 });
  made.configure({ topic: "owls" });
  assert.deepEqual([made.role, made.topic, made.access, made.announcement, made.slowMode], ["owner", "owls", "public", false, 0]);
});

test("why nothing can be written", () => {
  assert.equal(writingBar(room(), 0), null);
  assert.equal(writingBar(room({ announcement: true }), 0).kind, "announcement");
  assert.equal(writingBar(room({ announcement: true, role: "moderator" }), 0), null);
  const operated = room({ announcement: true });
  operated.isOperated = true;
  assert.equal(writingBar(operated, 0), null, "operators write everywhere");
  const slow = room({ slowMode: 5_000 });
  slow.slowUntil = 100;
  assert.deepEqual([writingBar(slow, 99)?.kind, writingBar(slow, 100)], ["slow", null]);
  slow.configure({});
  assert.equal(writingBar(slow, 1), null, "slow mode ended");
  const muted = room();
  muted.muted = { until: 50, reason: "spam" };
  assert.deepEqual(writingBar(muted, 49), { kind: "muted", until: 50, reason: "spam" });
  assert.equal(writingBar(muted, 51), null);
  const direct = new Room("dm:a:b", { id: "b", name: "b" });
  direct.announcement = true;
  assert.equal(writingBar(direct, 0), null);
});

test("what was done, in words", () => {
  const by = { id: "a", name: "ann" };
  const user = { id: "b", name: "bob" };
  const at = (time) => `[${time}]`;
  assert.equal(actText({ act: "ban", by, user, until: 5 }, at), "banned bob until [5]");
  assert.equal(actText({ act: "kick", by, user }, at), "kicked bob");
  assert.equal(actText({ act: "role", by, user, role: "owner" }, at), "made bob an owner");
  assert.equal(actText({ act: "topic", by, topic: "owls" }, at), "set the topic “owls”");
  assert.equal(actText({ act: "topic", by }, at), "took the topic away");
  assert.equal(actText({ act: "configure", by, access: "private", slowMode: 0 }, at), "made the room private, ended slow mode");
  assert.equal(actText({ act: "delete", by, user, offset: 7 }, at), "delete bob message 7");
});

test("spans are whole and rounded up", () => {
  assert.deepEqual([1, 1_000, 1_001, 89_000, 120_000, 7_200_000].map(secondsText), ["1 second", "1 second", "2 seconds", "89 seconds", "2 minutes", "2 hours"]);
});

test("commands that moderate are offered to moderators", () => {
  const store = (role, direct = false) => ({ supports: () => true, current: { standing: role, direct } });
  const names = (one) => commandsOf(one).map(([name]) => name);
  assert.ok(!names(store("member")).includes("kick") && names(store("member")).includes("topic"));
  assert.deepEqual(names(store("owner")), Object.keys(COMMANDS));
  assert.ok(!names(store("owner", true)).includes("ban"));
  assert.ok(!names({ supports: () => true, current: undefined }).includes("ban"));
});
