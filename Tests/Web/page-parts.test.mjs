// The page's pure parts: links, search, quiet hours, formatting marks, the window over a long conversation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkTo, readLink } from "../../Sources/ChatGateway/Web/js/links.js";
import { FORMATS, fence, formatOf, quote, wrap } from "../../Sources/ChatGateway/Web/js/markup.js";
import { MessageWindow } from "../../Sources/ChatGateway/Web/js/message-window.js";
import { isQuiet } from "../../Sources/ChatGateway/Web/js/quiet-hours.js";
import { Room } from "../../Sources/ChatGateway/Web/js/room.js";
import { findMessages } from "../../Sources/ChatGateway/Web/js/search.js";
import { seeded } from "./fake-server.mjs";

test("a link names a room, or a message in it; anything else means nothing", () => {
  assert.deepEqual(readLink("#lobby"), { room: "lobby" });
  assert.deepEqual(readLink(linkTo("a.b-c", 42)), { room: "a.b-c", offset: 42 });
  for (const hash of ["", "#", "#dm:a:b", "#UPPER", "#a/b", "#a/1/2", "#%E0%A4%A", `#${"a".repeat(65)}`, "#../x", "#a/9999999999999999"]) {
    assert.equal(readLink(hash), null, hash);
  }
});

test("quiet hours, also over midnight", () => {
  const at = (hours, minutes = 0) => new Date(2026, 0, 1, hours, minutes);
  const night = { quiet: "hours", quietFrom: "22:00", quietTo: "07:00" };
  assert.deepEqual([21, 22, 3, 7].map((hour) => isQuiet(night, at(hour))), [false, true, true, false]);
  const noon = { quiet: "hours", quietFrom: "12:00", quietTo: "12:30" };
  assert.deepEqual([[11, 59], [12, 0], [12, 29], [12, 30]].map((one) => isQuiet(noon, at(...one))), [false, true, true, false]);
  assert.equal(isQuiet({ ...night, quiet: "off" }, at(3)), false);
  assert.equal(isQuiet({ ...night, quiet: "on" }, at(12)), true);
});

test("search wants all words, knows authors, and skips what was deleted", () => {
  const message = (offset, name, text, more = {}) => ({ offset, from: { name }, text, deleted: false, ...more });
  const all = [message(1, "Ann", "Hello world"), message(2, "bob", "hello"), message(3, "bob", "", { attachment: { name: "World.png" } }),
    message(4, "bob", "hello world", { deleted: true })];
  const found = (typed) => findMessages(all, typed).map(({ offset }) => offset);
  assert.deepEqual(found("hello"), [2, 1]);
  assert.deepEqual(found("WORLD hello"), [1]);
  assert.deepEqual(found("from:ann"), [1]);
  assert.deepEqual(found("from:@bob hello"), [2]);
  assert.deepEqual(found("world.png"), [3]);
  assert.deepEqual(found("  "), []);
});

test("marks go around words, and away again", () => {
  const bold = wrap({ value: "so be it", start: 3, end: 5 }, "*");
  assert.deepEqual(bold, { value: "so *be* it", start: 4, end: 6 });
  assert.deepEqual(wrap(bold, "*"), { value: "so be it", start: 3, end: 5 });
  assert.equal(wrap({ value: "a b ", start: 0, end: 4 }, "**").value, "**a b** ");
  assert.deepEqual(wrap({ value: "", start: 0, end: 0 }, "`"), { value: "``", start: 1, end: 1 });
  assert.equal(quote({ value: "x\ny\nz", start: 2, end: 5 }).value, "x\n> y\n> z");
  assert.equal(quote({ value: "> y\n> z", start: 0, end: 7 }).value, "y\nz");
  assert.equal(fence({ value: "see x", start: 4, end: 5 }).value, "see \n```\nx\n```");
});

test("each key stands for one format", () => {
  const press = (key, shiftKey = false) => formatOf({ key, shiftKey, ctrlKey: true, metaKey: false, altKey: false })?.label;
  assert.deepEqual([press("b"), press("B", true), press("X", true), press(">", true), press("q")], ["Bold", undefined, "Strike", "Quote", undefined]);
  assert.equal(new Set(FORMATS.map(({ key, shift }) => `${shift} ${key}`)).size, FORMATS.length);
});

test("the window stays bounded and in place, whatever comes and goes (30 seeds)", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seeded(seed);
    const room = new Room("r");
    const view = new MessageWindow();
    const message = (offset) => ({ type: "message", room: "r", epoch: "e", offset, at: offset, from: { id: "b", name: "b" }, text: "x" });
    let first = 2_000;
    let last = 2_049;
    room.replace({ epoch: "e", offset: last, entries: Array.from({ length: 50 }, (_, i) => message(first + i)), changes: [] });
    for (let step = 0; step < 200; step++) {
      const what = Math.floor(random() * 6);
      const before = view.range(room);
      const shown = room.messages.slice(before.from, before.to).map(({ offset }) => offset);
      if (what === 0) view.up(room);
      else if (what === 1) view.down(room);
      else if (what === 2) { view.hold(room); for (let i = 0; i < 5; i++) room.add(message(++last)); }
      else if (what === 3 && first > 100) {
        view.hold(room);
        const held = view.range(room);
        const offsets = room.messages.slice(held.from, held.to).map(({ offset }) => offset);
        first -= 100;
        room.prepend({ epoch: "e", entries: Array.from({ length: 100 }, (_, i) => message(first + i)), more: true });
        const after = view.range(room);
        assert.deepEqual(room.messages.slice(after.from, after.to).map(({ offset }) => offset), offsets, "held");
      } else if (what === 4) view.around(room, first + Math.floor(random() * (last - first)));
      else if (random() < 0.2) view.followEnd();
      const { from, to } = view.range(room);
      assert.ok(from >= 0 && from <= to && to <= room.messages.length, `${from} ${to}`);
      assert.ok(to - from <= 330, `${to - from} shown`);
      assert.ok(shown.length === 0 || to > from);
      if (!view.isHeldBelow) assert.equal(to, room.messages.length);
    }
  }
});
