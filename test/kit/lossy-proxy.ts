import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface LossyProxy {
  url: string;
  /** Answers that were cut after the server had given them. */
  cuts(): number;
  close(): Promise<void>;
}

/**
 * Stands before an HTTP server, hands every request on, and by `chance` cuts the connection
 * when the answer comes: the server has done its work and the client does not know it.
 */
export async function lossyProxy(
  target: string,
  options: { chance: number; seed: number },
): Promise<LossyProxy> {
  const { hostname, port } = new URL(target);
  const random = mulberry(options.seed);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (answer) => {
      // Only what the server answers to an insert that went well is worth losing.
      if (answer.toString("latin1").startsWith("HTTP/1.1 200") && random() < options.chance) {
        cuts += 1;
        client.destroy();
        upstream.destroy();
      } else client.write(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A small seeded generator of numbers in [0, 1). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
