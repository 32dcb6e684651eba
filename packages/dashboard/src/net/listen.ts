import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DropscopeError, EXIT } from "@dropscope/model";

/** @throws DropscopeError `PORT_BUSY`, `PORT_DENIED`, `BIND_FAILED` */
export function listen(server: Server, address: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(explain(error, address, port));
    server.once("error", onError);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off("error", onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Stops accepting, lets open answers end, and cuts what is left at the deadline. */
export function closeServer(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection that falls idle after its last answer would be kept alive for seconds.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, address: string, port: number): DropscopeError {
  if (error.code === "EADDRINUSE") {
    return new DropscopeError("PORT_BUSY", `Port ${port} on ${address} is in use.`, {
      next: "Stop the program that has it, or choose another port (0 takes any free one).",
      exitCode: EXIT.unavailable,
      cause: error,
    });
  }
  if (error.code === "EACCES") {
    return new DropscopeError("PORT_DENIED", `This user may not listen on port ${port}.`, {
      next: "Choose a port of 1024 or above.",
      exitCode: EXIT.noPermission,
      cause: error,
    });
  }
  return new DropscopeError(
    "BIND_FAILED",
    `Cannot listen on ${address} port ${port} (${error.code ?? "unknown error"}).`,
    {
      next: "Use an address that this machine has, such as 127.0.0.1.",
      exitCode: EXIT.unavailable,
      cause: error,
    },
  );
}
