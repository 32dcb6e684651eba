/** The thread that lints: a large cluster takes seconds, in which the server must go on answering. */
import { parentPort } from "node:worker_threads";
import { type LintInput, lintAll } from "./lint-run.js";

const port = parentPort;
if (port === null) throw new Error("lint-worker is the main file of a thread");
port.on("message", ({ ticket, input }: { ticket: number; input: LintInput }) => {
  try {
    port.postMessage({ ticket, findings: lintAll(input) });
  } catch (error) {
    port.postMessage({ ticket, failure: error instanceof Error ? error.message : String(error) });
  }
});
