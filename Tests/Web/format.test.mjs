// The formatter: what is formatted, what stays as typed, and that nothing a user types becomes more than text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isOnlyEmoji, parse, plainText } from "../../Sources/ChatGateway/Web/js/format.js";
import { emojiByName } from "../../Sources/ChatGateway/Web/js/emoji.js";
import { FakeDocument } from "./fake-dom.mjs";
import { seeded } from "./fake-server.mjs";

/** The tree in short: [bold: …] */
function short(pieces) {
  return pieces.map((piece) => {
    if (piece.type === "text") return piece.text;
    if (piece.type === "break") return "⏎";
    if (piece.type === "link") return `[link: ${piece.href}]`;
    if (piece.type === "mention") return `[@${piece.name}]`;
    return `[${piece.type}: ${piece.children ? short(piece.children) : piece.text}]`;
  }).join("");
}

const CASES = [
  ["plain", "plain"],
  ["*bold* and **bold**", "[bold: bold] and [bold: bold]"],
  ["_italic_ ~~gone~~", "[italic: italic] [strike: gone]"],
  ["**bold _both_**", "[bold: bold [italic: both]]"],
  ["*a _b_ c*", "[bold: a [italic: b] c]"],
  ["snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"],
  ["* not bold *", "* not bold *"],
  ["*open", "*open"],
  ["**", "**"],
  ["****", "****"],
  ["`*code*`", "[code: *code*]"],
  ["``a ` b``", "[code: a ` b]"],
  ["`", "`"],
  ["```\nlet a = 1\n*b*\n```", "[codeblock: let a = 1\n*b*]"],
  ["```swift\nlet a = 1\n```\nafter", "[codeblock: let a = 1]after"],
  ["```one line```", "[codeblock: one line]"],
  ["```\nnever closed", "[codeblock: never closed]"],
  ["> quoted\n> *more*\nnot", "[quote: quoted⏎[bold: more]]not"],
  [">> twice", "[quote: [quote: twice]]"],
  ["a > b", "a > b"],
  ["a\nb", "a⏎b"],
  ["see https://example.org/a_b_c.", "see [link: https://example.org/a_b_c]."],
  ["(https://example.org/x_(y))", "([link: https://example.org/x_(y)])"],
  ["HTTP://EXAMPLE.org", "[link: http://example.org/]"],
  ["*https://example.org*", "[bold: [link: https://example.org/]]"],
  ["xhttp://example.org", "xhttp://example.org"],
  ["https://", "https://"],
  ["hi @ann, @bob.", "hi [@ann], [@bob]."],
  ["mail me@example.org", "mail me@example.org"],
  ["@", "@"],
  [":tada: :nosuch: 10:30:00", "[emoji: 🎉] :nosuch: 10:30:00"],
  ["a\r\nb", "a⏎b"],
  ["", ""],
];

for (const [text, expected] of CASES) {
  test(`formats ${JSON.stringify(text)}`, () => assert.equal(short(parse(text)), expected));
}

test("a mention may be a known name with a space in it", () => {
  assert.equal(short(parse("hello @Mary Ann!", { names: ["Mary Ann", "Mary"] })), "hello [@Mary Ann]!");
  assert.equal(short(parse("hello @Mary Annette", { names: ["Mary Ann"] })), "hello [@Mary] Annette");
});

test("only emoji are shown large, and only a few", () => {
  assert.equal(isOnlyEmoji(parse(":tada:")), true);
  assert.equal(isOnlyEmoji(parse("🎉 :tada:")), true);
  assert.equal(isOnlyEmoji(parse("🎉🎉🎉🎉🎉")), false);
  assert.equal(isOnlyEmoji(parse("yes :tada:")), false);
  assert.equal(isOnlyEmoji(parse("")), false);
});

test("plain text is one line without marks", () => {
  assert.equal(plainText(parse("*a*\n> _b_ @c :tada:")), "a b @c 🎉");
});

test("every shortcode has an emoji", () => {
  assert.ok(emojiByName.size > 200);
  for (const [name, emoji] of emojiByName) assert.match(emoji, /\p{Emoji}/u, name);
});

const HOSTILE = [
  "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe srcdoc='<script>1'>",
  "\"><script>alert(1)</script>", "javascript:alert(1)", "[x](javascript:alert(1))", "https://x\"onmouseover=alert(1)",
  "https://example.org/<script>", "https://example.org/\u0022onclick=alert(1)", "http://javascript:alert(1)@x/",
  "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "&lt;script&gt;", "&#60;script&#62;",
  "**<b onclick=alert(1)>**", "`<img src=x onerror=alert(1)>`", "```\n</code></pre><script>alert(1)</script>\n```",
  "> <a href=javascript:alert(1)>x</a>", "@<script>alert(1)</script>", ":<script>:", "{{constructor.constructor('x')()}}",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "\u202Ehttps://example.org", "https://exa\u0000mple.org",
  "http://[::1", "https://%", "jAvAsCrIpT:alert(1) https://ok.example", "__proto__ constructor :constructor: :__proto__:",
];

const ALLOWED = new Set(["STRONG", "EM", "DEL", "BLOCKQUOTE", "CODE", "PRE", "A", "SPAN", "BR"]);
const ATTRIBUTES = new Set(["href", "target", "rel", "class", "className", "role", "aria-label", "title", "tabIndex"]);

/** Renders with a DOM that records, and checks every node of it. */
async function checkInert(text) {
  globalThis.document = new FakeDocument();
  const { render } = await import("../../Sources/ChatGateway/Web/js/render.js");
  const nodes = render(parse(text), { isMe: () => false });
  const walk = (node) => {
    if (node.nodeType === 3) return node.data;
    assert.ok(ALLOWED.has(node.tagName), `${node.tagName} of ${JSON.stringify(text)}`);
    for (const name of node.attributeNames()) assert.ok(ATTRIBUTES.has(name), `${name} of ${JSON.stringify(text)}`);
    if (node.tagName === "A") assert.match(node.href, /^https?:\/\//);
    return node.childNodes.map(walk).join("");
  };
  return nodes.map(walk).join("");
}

test("hostile text becomes text", async () => {
  for (const text of HOSTILE) {
    await checkInert(text);
    await checkInert(`**${text}** _${text}_ > ${text}`);
  }
  assert.equal(await checkInert(HOSTILE[0]), HOSTILE[0]);
  assert.equal(await checkInert(HOSTILE[1]), HOSTILE[1]);
});

test("random text never throws, is quick, and loses no letter (2,000 texts)", async () => {
  const random = seeded(7);
  const parts = ["*", "**", "_", "~~", "`", "```", ">", "\n", " ", "a", "Zz", "@ann", ":tada:", ":", "https://e.org/(", ")", "<b>", "é", "😀"];
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: Math.floor(random() * 40) }, () => parts[Math.floor(random() * parts.length)]).join("");
    const shown = await checkInert(text);
    // A word after a fence names a language and is not shown; everything else that is a letter is.
    if (!text.includes("```") && !text.includes(":tada:")) {
      assert.equal(shown.replace(/[^\p{L}]/gu, ""), text.replace(/[^\p{L}]/gu, ""), JSON.stringify(text));
    }
  }
});

test("the longest text with the worst nesting takes no noticeable time", () => {
  for (const piece of ["*a ", "**a", "_a ", "> ", "`a", "*_~~a", "@a", "https://a(", "((((", ":a", "~~"]) {
    const text = piece.repeat(Math.ceil(4_096 / piece.length));
    const began = performance.now();
    parse(text);
    assert.ok(performance.now() - began < 1_000, `${piece} took ${performance.now() - began} ms`);
  }
});
