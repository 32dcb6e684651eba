import type { Http2Server } from "node:http2";
import { DropscopeError, EXIT } from "@dropscope/model";

/** @throws DropscopeError `PORT_BUSY`, `PORT_DENIED`, `BIND_FAILED` */
export async function listen(server: Http2Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(explain(error, host, port));
    server.once("error", failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", failed);
      resolve();
    });
  });
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
    default:
      return new DropscopeError("BIND_FAILED", `Cannot listen on ${host} port ${port}.`, {
        next: "Use an address that this machine has, such as 127.0.0.1.",
        exitCode: EXIT.unavailable,
        cause: error,
      });
  }
}
