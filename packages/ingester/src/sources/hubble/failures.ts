import { status as Code } from "@grpc/grpc-js";
import { DropscopeError, EXIT } from "@dropscope/model";

/** `eof`: the server ended a follow stream without an error, which means "come again". */
export type EndKind = "retry" | "fatal";

/**
 * Answers that another try cannot change. Everything else, the end without an error included,
 * is retried: an outage of relay shows as nearly any code.
 */
const FATAL: ReadonlySet<Code> = new Set([
  Code.INVALID_ARGUMENT,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
  Code.PERMISSION_DENIED,
]);

export function classify(code: Code): EndKind {
  return FATAL.has(code) ? "fatal" : "retry";
}

/** Why a stream ended, in words. `details` is the server's text and may be anything. */
export function streamError(code: Code, details: string, address: string): DropscopeError {
  const said = details === "" ? "" : `: ${clean(details)}`;
  switch (code) {
    case Code.OK:
      return new DropscopeError(
        "HUBBLE_NO_NODES",
        `${address} ended the stream at once: relay knows no nodes yet.`,
        {
          next: "Wait for relay to find its agents; if it does not, check that hubble.enabled is on and look at relay's log.",
          exitCode: EXIT.unavailable,
        },
      );
    case Code.INVALID_ARGUMENT:
      return fatal("HUBBLE_REQUEST", `${address} refused the request${said}.`, {
        next: "Report this with the version of relay: the request carries only `follow` and `since`.",
      });
    case Code.UNIMPLEMENTED:
      return fatal("HUBBLE_NOT_HUBBLE", `${address} does not offer Hubble's flows${said}.`, {
        next: "Check the address: relay listens on 4245 (service port 80 or 443), its health port 4222 and the UI are something else.",
      });
    case Code.UNAUTHENTICATED:
    case Code.PERMISSION_DENIED:
      return fatal("HUBBLE_DENIED", `${address} refused us${said}.`, {
        next: "Check the client certificate, or the proxy in front of relay.",
      });
    case Code.UNAVAILABLE:
      return new DropscopeError("HUBBLE_UNAVAILABLE", `${address} cannot be reached${said}.`, {
        next: "Check that relay runs and that the address is right; it is tried again by itself.",
        exitCode: EXIT.unavailable,
      });
    default:
      return new DropscopeError(
        "HUBBLE_STREAM",
        `${address} broke the stream (${Code[code] ?? code})${said}.`,
        {
          next: "Nothing to do unless it repeats: it is resumed by itself.",
          exitCode: EXIT.unavailable,
        },
      );
  }
}

function fatal(code: string, message: string, options: { next: string }): DropscopeError {
  return new DropscopeError(code, message, { ...options, exitCode: EXIT.unavailable });
}

/** Text of the other side: one line, printable, short. */
function clean(text: string): string {
  const printable = text
    // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]+/g, " ")
    // What grpc-js wraps around the socket's own words says nothing more than they do.
    .replace(/^No connection established\. Last error: (?:Error: )?/, "")
    .replace(/\.?\s*Resolution note: ?\.?\s*$/, "");
  return printable.length > 300 ? `${printable.slice(0, 300)}…` : printable;
}
