// The page as files: whole, small, and free of anything a strict content security policy forbids.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const WEB = fileURLToPath(new URL("../../Sources/ChatGateway/Web", import.meta.url));
const files = readdirSync(WEB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.path, entry.name).slice(WEB.length + 1));
const read = (file) => readFileSync(join(WEB, file), "utf8");
const html = read("index.html");
const scripts = files.filter((file) => file.endsWith(".js"));

const isExample = (file) => file.startsWith("examples/");

/** All modules that one needs, itself included. */
function modulesOf(entry) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, target] of read(file).matchAll(/^(?:import|export)[^;]*?from "([^"]+)"/gm)) {
      assert.ok(target.startsWith("."), `${file} imports ${target}`);
      visit(posix.join(posix.dirname(file), target));
    }
  };
  visit(entry);
  return reached;
}

test("every module is imported from app.js or admin.js on, and those of the page are preloaded", () => {
  const page = modulesOf("js/app.js");
  const all = new Set([...page, ...modulesOf("js/admin/admin.js"), "js/theme-boot.js"]);
  assert.deepEqual([...all].sort(), scripts.filter((file) => !isExample(file)).sort());
  const preloaded = [...html.matchAll(/rel="modulepreload" href="\/([^"]+)"/g)].map(([, file]) => file);
  assert.deepEqual(["js/app.js", ...preloaded].sort(), [...page].sort());
  assert.ok([...page].every((file) => !file.startsWith("js/admin/")), "who chats loads nothing of the operators' page");
});

test("what the pages name exists, and on this server", () => {
  for (const file of files.filter((one) => one.endsWith(".html"))) {
    for (const [, target] of read(file).matchAll(/(?:src|href)="([^"#?]+)/g)) {
      assert.ok(target === "/" || files.includes(target.slice(1)), `${target} of ${file}`);
    }
  }
});

test("examples import the library and one another, nothing else", () => {
  for (const file of scripts.filter(isExample)) {
    for (const [, target] of read(file).matchAll(/from "([^"]+)"/g)) {
      assert.ok(files.includes(posix.join("examples", target)), `${target} of ${file}`);
    }
  }
});

test("every id a script looks for is in the page or made by a script", () => {
  const made = new Set([...files.filter((one) => one.endsWith(".html")).map(read).join("").matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const file of scripts) for (const [, id] of read(file).matchAll(/\bid: "([^"]+)"/g)) made.add(id);
  for (const file of scripts) {
    for (const [, id] of read(file).matchAll(/(?:getElementById|byID)\("([^"]+)"\)/g)) assert.ok(made.has(id), `${id} of ${file}`);
  }
});

test("no inline script, style or handler; no string becomes HTML or code", () => {
  for (const file of files.filter((one) => one.endsWith(".html"))) {
    assert.doesNotMatch(read(file), /<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=/i, file);
  }
  for (const file of scripts) {
    assert.doesNotMatch(
      read(file).replace(/^\s*(\/\/|\*).*$/gm, ""),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createContextualFragment|DOMParser|srcdoc|setAttribute\("(style|on)/,
      file,
    );
  }
});

test("file names are told apart by their last part alone", () => {
  assert.equal(new Set(files.map((file) => basename(file))).size, files.length);
});

test("the first load is small", () => {
  const named = [...html.matchAll(/<(?:link|script)[^>]*(?:href|src)="\/([^"]+)"/g)].map(([, file]) => file);
  const all = ["index.html", ...named].map((file) => gzipSync(read(file)).length).reduce((sum, size) => sum + size, 0);
  assert.ok(all < 120_000, `${all} bytes, compressed`);
});
