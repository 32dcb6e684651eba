import { DropscopeError, EXIT } from "@dropscope/model";
import type { Batch, SpoolDoor } from "@dropscope/store";
import type { FromWorker, PlainError, ToWorker } from "./thread-messages.js";

/** The half of a MessagePort that is used here. */
export interface Sender<T> {
  postMessage(message: T, transfer?: readonly ArrayBuffer[]): void;
}

/**
 * The door as the worker sees it. Batches are handed over without a copy; main keeps one that
 * was refused, so that it can be tried again.
 */
export function createRemoteDoor(port: Sender<FromWorker>): {
  door: SpoolDoor;
  /** True when the message was the door's. */
  receive(message: ToWorker): boolean;
} {
  const tickets = new WeakMap<Batch, number>();
  const waiting = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  let last = 0;

  function answer(ticket: number): Promise<void> {
    return new Promise((resolve, reject) => waiting.set(ticket, { resolve, reject }));
  }

  const door: SpoolDoor = {
    seal(batch) {
      const known = tickets.get(batch);
      const ticket = known ?? ++last;
      if (known === undefined) {
        tickets.set(batch, ticket);
        port.postMessage({ kind: "seal", ticket, batch }, buffersOf(batch));
      } else port.postMessage({ kind: "seal-again", ticket });
      return answer(ticket);
    },
    spaceFreed() {
      const ticket = ++last;
      port.postMessage({ kind: "space", ticket });
      return answer(ticket);
    },
  };

  return {
    door,
    receive(message) {
      if (message.kind !== "sealed" && message.kind !== "refused" && message.kind !== "space")
        return false;
      const waiter = waiting.get(message.ticket);
      waiting.delete(message.ticket);
      if (message.kind === "refused") waiter?.reject(revive(message.error));
      else waiter?.resolve();
      return true;
    },
  };
}

/** Main's side: gives what comes over the port to the real door. */
export function serveDoor(
  door: SpoolDoor,
  port: Sender<ToWorker>,
): (message: FromWorker) => boolean {
  const refused = new Map<number, Batch>();

  async function seal(ticket: number, batch: Batch): Promise<void> {
    try {
      await door.seal(batch);
      port.postMessage({ kind: "sealed", ticket });
    } catch (error) {
      refused.set(ticket, batch);
      port.postMessage({ kind: "refused", ticket, error: flatten(error) });
    }
  }

  return (message) => {
    switch (message.kind) {
      case "seal":
        void seal(message.ticket, message.batch);
        return true;
      case "seal-again": {
        const batch = refused.get(message.ticket);
        refused.delete(message.ticket);
        if (batch !== undefined) void seal(message.ticket, batch);
        return true;
      }
      case "space":
        void door
          .spaceFreed()
          .then(() => port.postMessage({ kind: "space", ticket: message.ticket }));
        return true;
      default:
        return false;
    }
  };
}

/** Buffers that belong to one chunk alone; a view into something bigger is copied instead. */
function buffersOf(batch: Batch): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const block of batch.blocks)
    for (const chunk of block.chunks)
      if (chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength)
        buffers.add(chunk.buffer);
  return [...buffers];
}

/** Errors lose their class on the way through a thread. */
export function flatten(error: unknown): PlainError {
  if (error instanceof DropscopeError)
    return { code: error.code, message: error.message, next: error.next, exitCode: error.exitCode };
  return {
    code: "INTERNAL",
    message: error instanceof Error ? error.message : "unknown failure",
    next: "Report this with the log.",
    exitCode: EXIT.internal,
  };
}

export function revive(error: PlainError): DropscopeError {
  return new DropscopeError(error.code, error.message, {
    next: error.next,
    exitCode: error.exitCode,
  });
}
