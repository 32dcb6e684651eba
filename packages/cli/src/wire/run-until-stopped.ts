import type { Part } from "@dropscope/model";
import type { Logger } from "pino";

/** Everything must be sealed and closed within this time after SIGTERM. */
const STOP_DEADLINE_MS = 9_000;

export interface NamedPart {
  readonly name: string;
  readonly part: Part;
}

/**
 * Starts the parts in order, waits for SIGINT, SIGTERM or `until`, and stops them in
 * reverse: what feeds stops before what it feeds. A part that fails to start
 * stops those before it. A second signal ends the process at once.
 */
export async function runUntilStopped(
  parts: readonly NamedPart[],
  logger: Logger,
  options: { started?: () => void; until?: () => Promise<unknown> } = {},
): Promise<void> {
  const running: NamedPart[] = [];
  const signalled = nextSignal(logger);
  try {
    for (const named of parts) {
      running.push(named);
      // A signal during a slow start must not wait for the start to end.
      const outcome = await Promise.race([
        named.part.start().then(() => "started" as const),
        signalled.promise,
      ]);
      if (outcome !== "started") return;
    }
    options.started?.();
    await Promise.race([signalled.promise, ...(options.until ? [options.until()] : [])]);
  } finally {
    await stopAll(running, logger);
    signalled.release();
  }
}

async function stopAll(parts: readonly NamedPart[], logger: Logger): Promise<void> {
  const deadline = Date.now() + STOP_DEADLINE_MS;
  for (const { name, part } of parts.toReversed())
    try {
      await part.stop(Math.max(500, deadline - Date.now()));
    } catch (error) {
      logger.error({ err: error, part: name }, "a part did not stop cleanly");
    }
}

function nextSignal(logger: Logger): { promise: Promise<NodeJS.Signals>; release(): void } {
  let seen = false;
  let listener: (signal: NodeJS.Signals) => void = () => undefined;
  const promise = new Promise<NodeJS.Signals>((resolve) => {
    listener = (signal) => {
      if (seen) process.exit(signal === "SIGINT" ? 130 : 143);
      seen = true;
      logger.info({ signal }, "stopping");
      resolve(signal);
    };
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
  });
  return {
    promise,
    release() {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
