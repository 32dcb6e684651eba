import {
  type Clock,
  DropscopeError,
  EXIT,
  type FlowSelection,
  LOCAL_VIEWER,
} from "@dropscope/model";
import type { ExportFormat, FlowExporter, FlowReader } from "@dropscope/store";
import { bytesText, countText } from "../import/units.js";
import type { Selector } from "./options.js";
import type { OutputTarget } from "./output-target.js";

export interface ExportTask {
  readonly exporter: FlowExporter;
  readonly reader: Pick<FlowReader, "gaps">;
  readonly format: ExportFormat;
  readonly selection: FlowSelection;
  readonly selector: Selector;
  readonly target: OutputTarget;
  /** Where people read how far it is: standard error. */
  readonly said: Pick<NodeJS.WriteStream, "write" | "isTTY">;
  readonly quiet: boolean;
  /** Of the file; undefined for standard output. */
  readonly name: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** ms between two looks of a person. */
const SAY_EVERY_MS = 250;

/** @throws DropscopeError `OBSERVE_BINARY` (exit 2) before a terminal gets what it cannot show */
export function refuseBinary(format: string, file: string | undefined, isTerminal: boolean): void {
  if (format !== "parquet" || file !== undefined || !isTerminal) return;
  throw new DropscopeError("OBSERVE_BINARY", "Parquet is no text for a terminal.", {
    next: "Name a file: -o parquet -O flows.parquet, or redirect the output.",
    exitCode: EXIT.usage,
  });
}

/** Writes the flows as one file, as fast as it is taken. */
export async function exportFlows(task: ExportTask): Promise<void> {
  const { selection, selector, target, signal, said } = task;
  const query = { viewer: LOCAL_VIEWER, selection, ...selector };
  const file = await task.exporter.export(task.format, query, signal);
  const progress = createProgress(task, file.expected);
  const cancel = progress.begin();
  let last = { rows: 0, bytes: 0 };
  try {
    for await (const bytes of file.bytes((now) => (last = { ...now }))) {
      target.write(bytes);
      if (target.full()) await target.drained();
      progress.now(last);
      if (signal.aborted) return;
    }
  } finally {
    cancel();
  }
  if (task.quiet) return;
  if (task.name !== undefined)
    said.write(`${countText(last.rows)} flows in ${task.name}, ${bytesText(last.bytes)}\n`);
  await sayLosses(task);
}

/** A file of rows cannot show what is missing between them. */
async function sayLosses({ reader, selector, said, signal }: ExportTask): Promise<void> {
  const { since, until } = selector;
  const gaps = await reader.gaps(
    { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
    signal,
  );
  if (gaps.length === 0) return;
  const events = gaps.reduce((sum, gap) => sum + gap.count, 0);
  const many =
    gaps.length === 1 ? "1 known loss lies" : `${countText(gaps.length)} known losses lie`;
  said.write(
    `${many} in this time${events > 0 ? ` (${countText(events)} events)` : ""}; the file has no rows of them: the page shows them, and \`dropscope observe -o json\` those that Hubble told of\n`,
  );
}

function createProgress({ said, quiet, clock, format }: ExportTask, expected: number) {
  const shown = said.isTTY && !quiet;
  const began = clock.now();
  let saidAt = 0;
  let at = { rows: 0, bytes: 0 };
  let cancel = (): void => undefined;

  function say(): void {
    saidAt = clock.now();
    const seconds = Math.max(0.001, (saidAt - began) / 1000);
    const text =
      at.bytes === 0 || (format === "parquet" && at.rows === 0)
        ? `${countText(expected)} flows are being sorted and packed, ${seconds.toFixed(0)} s`
        : `${countText(at.rows)} of ${countText(expected)} flows, ${bytesText(at.bytes)}, ${countText(Math.round(at.rows / seconds))} flows/s`;
    said.write(`\r\u001B[K${text}`);
  }

  function tick(): void {
    cancel = clock.after(SAY_EVERY_MS, () => {
      say();
      tick();
    });
  }

  return {
    /** @returns how it ends: the line is taken away */
    begin(): () => void {
      if (!shown) return () => undefined;
      tick();
      return () => {
        cancel();
        said.write("\r\u001B[K");
      };
    },
    now(progress: { rows: number; bytes: number }): void {
      at = progress;
      if (shown && clock.now() - saidAt >= SAY_EVERY_MS) say();
    },
  };
}
