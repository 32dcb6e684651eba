import { DropscopeError, EXIT } from "./errors.js";

/**
 * Why a server does not listen, and what to do.
 * @param error as the system gave it; its `code` decides
 * @returns `PORT_BUSY`, `PORT_DENIED` or `BIND_FAILED`
 */
export function listenFailure(
  error: Error & { readonly code?: string | undefined },
  host: string,
  port: number,
): DropscopeError {
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
    default: {
      const why = `Cannot listen on ${host} port ${port} (${error.code ?? "unknown error"}).`;
      return new DropscopeError("BIND_FAILED", why, {
        next: "Use an address that this machine has, such as 127.0.0.1.",
        exitCode: EXIT.unavailable,
        cause: error,
      });
    }
  }
}
