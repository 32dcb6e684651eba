import { createServer } from "node:net";
import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { listenFailure } from "@dropscope/model";

/**
 * Makes a gRPC server listen.
 * @returns the port
 * @throws DropscopeError `PORT_BUSY`, `PORT_DENIED`, `BIND_FAILED`
 */
export async function bind(
  server: Server,
  host: string,
  port: number,
  credentials: ServerCredentials,
): Promise<number> {
  // grpc-js hides why it could not listen, and prints a line of its own: try first.
  if (port !== 0) await tryPort(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(listenFailure(error, host, port));
    });
  });
}

async function tryPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error) => reject(listenFailure(error, host, port)));
    probe.listen({ host, port, exclusive: true }, resolve);
  });
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
