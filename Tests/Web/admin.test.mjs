// The parts of the operators' page that are pure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rateText, Samples, spanText } from "../../Sources/ChatGateway/Web/js/admin/figures.js";
import { Paged } from "../../Sources/ChatGateway/Web/js/admin/paged.js";

test("spans of time", () => {
  assert.deepEqual([-5, 0, 59_000, 61_000, 7_300_000, 90_000_000].map(spanText), ["0 s", "0 s", "59 s", "1 min", "2 h", "1 d"]);
});

test("rates have a decimal while they are small", () => {
  const decimals = (rate) => /[.,]\d$/.test(rateText(rate));
  assert.deepEqual([0, 1.25, 99.9, 123.4].map(decimals), [false, true, true, false]);
  assert.equal(rateText(undefined), "0");
});

test("samples are bounded, and none comes twice", () => {
  const samples = new Samples(3);
  for (const [at, value] of [[1, 5], [1, 9], [2, 6], [3, 7], [4, 1]]) samples.add(at, value);
  assert.deepEqual(samples.all.map(({ at }) => at), [2, 3, 4]);
  assert.equal(samples.highest, 7);
});

test("the line ends at the right, with the highest at the top", () => {
  const samples = new Samples(10);
  assert.equal(samples.line(100, 50, 10), "");
  for (const [at, value] of [[0, 99], [10, 0], [15, 10], [20, 5]]) samples.add(at, value);
  samples.all.shift();
  assert.equal(samples.line(100, 50, 10), "M0.0 50.0L50.0 0.0L100.0 25.0");
  const silent = new Samples(10);
  silent.add(1, 0);
  silent.add(2, 0);
  assert.equal(silent.line(10, 10, 10), "M9.0 10.0L10.0 10.0");
});

test("pages are read again as far as they were read before", async () => {
  const asked = [];
  const pages = new Paged(async (after = "0") => {
    asked.push(after);
    const page = Number(after) + 1;
    return { rows: [page], after: page < 3 ? String(page) : undefined };
  }, ({ rows }) => rows);
  assert.deepEqual([(await pages.load()).rows, pages.hasMore], [[1], true]);
  pages.more();
  pages.more();
  assert.deepEqual([(await pages.load()).rows, pages.hasMore], [[1, 2, 3], false]);
  pages.more();
  assert.deepEqual((await pages.load()).rows, [1, 2, 3]);
  assert.deepEqual(asked, ["0", "0", "1", "2", "0", "1", "2"]);
});
