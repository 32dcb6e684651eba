import type { Worker } from "node:worker_threads";
import { DropscopeError, EXIT } from "@dropscope/model";
import type { SpoolDoor } from "@dropscope/store";
import { emptyBooks, type Books } from "./books.js";
import { startingStatus, type IngesterStatus } from "./status.js";
import { revive, serveDoor } from "./thread-door.js";
import type { Tell } from "./live-feed.js";
import type { FromWorker, ToWorker } from "./thread-messages.js";

/** The running pipeline, wherever it runs. */
export interface Runner {
  status(): IngesterStatus;
  books(): Books;
  stop(deadlineMs: number): Promise<void>;
}

/** Main's side of the worker: serves the door, keeps the last report, and tells when the worker dies. */
export function createThread(worker: Worker, door: SpoolDoor, tell: Tell, address: string): Runner {
  let status = startingStatus(address);
  let books = emptyBooks();
  let stopping: Promise<void> | undefined;
  let finished: () => void;
  const done = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const serve = serveDoor(door, worker);

  worker.on("message", (message: FromWorker) => {
    if (serve(message)) return;
    if (message.kind === "report") ({ status, books } = message);
    else if (message.kind === "notice") tell.notice(revive(message.error));
    else if (message.kind === "gap") tell.gap(message.gap);
    else if (message.kind === "fatal") tell.fatal(revive(message.error));
    else if (message.kind === "stopped") finished();
  });
  worker.on("error", (cause) => died(cause));
  worker.on("exit", (code) => {
    if (stopping === undefined) died(new Error(`exit ${code}`));
    finished();
  });

  function died(cause: unknown): void {
    const error = new DropscopeError("INGEST_THREAD", "The ingest thread has died.", {
      next: "Start again: what was acknowledged is safe, and the rest is read again from the rings.",
      exitCode: EXIT.internal,
      cause,
    });
    status = { ...status, state: "down", code: error.code, message: error.message, ended: true };
    tell.fatal(error);
  }

  async function stop(deadlineMs: number): Promise<void> {
    worker.postMessage({ kind: "stop", deadlineMs } satisfies ToWorker);
    const late = setTimeout(() => finished(), deadlineMs);
    await done;
    clearTimeout(late);
    await worker.terminate();
  }

  return {
    status: () => status,
    books: () => books,
    stop: (deadlineMs) => (stopping ??= stop(deadlineMs)),
  };
}
