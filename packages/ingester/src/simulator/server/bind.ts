import { createServer } from "node:net";
import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { DropscopeError, EXIT } from "@dropscope/model";

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
      else reject(explain(error, host, port));
    });
  });
}

async function tryPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error) => reject(explain(error, host, port)));
    probe.listen({ host, port, exclusive: true }, resolve);
  });
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): DropscopeError {
  switch (error.code) {
    case "EADDRINUSE":
      return new DropscopeError("PORT_BUSY", `Port ${port} on ${host} is in use.`, {
        next: "Stop the program that has it, or choose another port (0 takes any free one).",
        exitCode: EXIT.unavailable,
        cause: error,
      });
    case "EACCES":
      return new DropscopeError("PORT_DENIED", `This user may not listen on port ${port}.`, {
        next: "Choose a port of 1024 or above.",
        exitCode: EXIT.noPermission,
        cause: error,
      });
    case undefined:
    default:
      return new DropscopeError("BIND_FAILED", `Cannot listen on ${host} port ${port}.`, {
        next: "Use an address that this machine has, such as 127.0.0.1.",
        exitCode: EXIT.unavailable,
        cause: error,
      });
  }
}
