// The SDK against a real node: once over a WebSocket, once over the HTTP stream.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Martlet } from "../../Sources/ChatGateway/Web/martlet.js";
import { NodeProcess, isBuilt, until, webSocket } from "./node-process.mjs";

/** What somebody has of a room, made of the events alone. */
function follow(chat, room) {
  const log = { entries: [], resets: 0 };
  chat.on("snapshot", (one) => {
    if (one.room !== room) return;
    log.resets += 1;
    log.entries = one.entries.map((entry) => ({ ...entry }));
  });
  chat.on("entry", (entry) => { if (entry.room === room) log.entries.push(entry); });
  return log;
}

for (const transport of ["websocket", "stream"]) {
  const WebSocket = transport === "websocket" ? webSocket() : undefined;
  const skip = !isBuilt ? "no release build" : transport === "websocket" && !WebSocket ? "no WebSocket: apt-get install node-ws" : false;
  describe(`a real node over ${transport}`, { skip }, () => {
    let node;
    let streams = true;
    const open = [];
    const client = async (options = {}) => {
      const chat = new Martlet({ url: node.url, transport, WebSocket, ...options });
      open.push(chat);
      await chat.connect();
      return chat;
    };

    before(async () => {
      node = await NodeProcess.start();
      if (transport === "stream") {
        const answer = await fetch(node.url.replace(/^ws(.*)ws$/, "http$1stream"), { method: "POST", body: "-" });
        streams = answer.status !== 404 && answer.status !== 405;
      }
    });
    after(async () => {
      for (const chat of open) chat.close();
      await node?.close();
    });

    test("join, send, hear, history, who, direct", async (t) => {
      if (!streams) return t.skip("this node has no stream");
      const ann = await client({ name: `ann-${transport}` });
      const bob = await client({ name: `bob-${transport}` });
      await Promise.all([ann.join("lobby"), bob.join("lobby")]);
      const log = follow(bob, "lobby");
      const acks = await Promise.all(["one", "two", "three"].map((text) => ann.send("lobby", text)));
      await until(() => log.entries.length === 3, 5_000, "bob hears three");
      assert.deepEqual(log.entries.map((entry) => [entry.text, entry.offset]), ["one", "two", "three"].map((text, i) => [text, acks[i].offset]));
      assert.deepEqual((await ann.history("lobby")).entries.map((entry) => entry.text), ["one", "two", "three"]);
      assert.equal((await ann.who("lobby")).count, 2);
      const direct = ann.events("message");
      await bob.direct(ann.user.id, "psst");
      for await (const entry of direct) {
        if (!entry.room.startsWith("dm:")) continue;
        assert.equal(entry.text, "psst");
        break;
      }
      await assert.rejects(ann.send("lobby", "   "), { code: "bad_frame" });
      return undefined;
    });

    test("a killed node: what was typed meanwhile is stored once, what was said is heard once", async (t) => {
      if (!streams) return t.skip("this node has no stream");
      const ann = await client({ name: `carl-${transport}` });
      const bob = await client({ name: `dora-${transport}` });
      await Promise.all([ann.join("resume"), bob.join("resume")]);
      const log = follow(bob, "resume");
      const sent = [];
      const say = (text) => sent.push(ann.send("resume", text));
      for (let i = 0; i < 10; i++) say(`before ${i}`);
      await node.end("SIGKILL");
      for (let i = 0; i < 10; i++) say(`while away ${i}`);
      await node.run();
      await Promise.all(sent);
      await until(() => log.entries.length >= 20 && bob.state === "online", 40_000, "bob has all of it");
      const page = await bob.history("resume", { limit: 200 });
      assert.equal(page.entries.length, 20);
      assert.equal(new Set(log.entries.map((entry) => entry.text)).size, 20);
      assert.deepEqual(log.entries.map((entry) => entry.offset), page.entries.map((entry) => entry.offset));
      return undefined;
    });
  });
}
