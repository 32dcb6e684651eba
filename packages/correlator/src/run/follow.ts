import { type DropExplanation, formatTimeNs } from "@dropscope/model";
import type { TailCursor } from "@dropscope/store";
import type { CorrelatorOptions } from "./options.js";

/** Tells what another correlator explains, for one that stands by and is asked to print it. */
export function createFollower({ store, onExplained }: CorrelatorOptions): {
  step(signal: AbortSignal): Promise<void>;
} {
  let cursor: TailCursor | undefined;
  return {
    async step(signal) {
      if (onExplained === undefined) return;
      const leading = await store.cursor(signal);
      if (leading === undefined) return;
      cursor ??= leading.tail;
      const { batches } = await store.tail(cursor, signal);
      const until = BigInt(leading.tail.storedAt) / 1_000_000n;
      const done = batches.filter(({ storedAt }) => BigInt(storedAt) <= until);
      if (done.length === 0) return;
      const order = new Map(done.map(({ id }, i) => [id, i]));
      const rows = await store.explained(done, signal);
      rows.sort(
        (a, b) =>
          (order.get(a.batch) ?? 0) - (order.get(b.batch) ?? 0) ||
          (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.uuid < b.uuid ? -1 : 1),
      );
      for (const { uuid, timeNs, explanation, node, problem } of rows) {
        const content = JSON.parse(explanation) as Omit<DropExplanation, "uuid" | "time">;
        const time = timeNs > 0n ? formatTimeNs(timeNs) : "";
        onExplained({ explanation: { uuid, time, ...content }, node, problem });
      }
      cursor = leading.tail;
    },
  };
}
