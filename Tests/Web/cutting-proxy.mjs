// A TCP proxy that cuts connections in the middle of what passes: what was sent may have arrived, its answer not.
import { connect, createServer } from "node:net";

export class CuttingProxy {
  cuts = 0;
  #sockets = new Set();

  /** @param {number} port where to @param {() => number} budget bytes that pass until a connection is cut */
  static async start(port, budget) {
    const proxy = new CuttingProxy();
    proxy.calm = false;
    proxy.server = createServer((near) => proxy.#pass(near, connect(port, "127.0.0.1"), budget()));
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    proxy.url = `ws://127.0.0.1:${proxy.server.address().port}/ws`;
    return proxy;
  }

  #pass(near, far, budget) {
    let left = budget;
    const end = () => { near.destroy(); far.destroy(); this.#sockets.delete(near); };
    const relay = (from, to) => {
      from.on("data", (data) => {
        left -= data.length;
        if (left >= 0 || this.calm) return to.write(data);
        // A part goes on, so that a frame or a request is cut in two.
        this.cuts += 1;
        to.write(data.subarray(0, Math.max(0, data.length + left)), end);
        return undefined;
      });
      from.on("close", end);
      from.on("error", end);
    };
    this.#sockets.add(near);
    relay(near, far);
    relay(far, near);
  }

  close() {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
