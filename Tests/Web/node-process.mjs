// A real node with its private Redis, in a temporary folder, for the SDK's tests.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const BINARY = process.env.MARTLET_BIN ?? fileURLToPath(new URL("../../.build/release/martlet", import.meta.url));
export const isBuilt = existsSync(BINARY);

/** Node's own from 22 on; below, Debian's node-ws, where it is installed. */
export function webSocket() {
  if (globalThis.WebSocket) return globalThis.WebSocket;
  try {
    return createRequire(import.meta.url)("/usr/share/nodejs/ws").WebSocket;
  } catch {
    return undefined;
  }
}

export class NodeProcess {
  #process = null;

  static async start() {
    const node = new NodeProcess();
    node.folder = mkdtempSync(join(tmpdir(), "martlet-sdk-"));
    node.port = await freePort();
    await node.run();
    return node;
  }

  get url() {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  async run() {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("MARTLET_")));
    this.#process = spawn(BINARY, ["serve", "--host", "127.0.0.1", "--port", String(this.port), "--data", this.folder], {
      env: environment, stdio: "ignore",
    });
    await until(async () => (await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => null))?.ok, 20_000, "the node is ready");
  }

  /** Ends it and waits. SIGKILL leaves no time for good-byes. */
  async end(signal = "SIGTERM") {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill(signal);
    await ended;
  }

  async close() {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(condition, within, what) {
  const end = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${within} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
