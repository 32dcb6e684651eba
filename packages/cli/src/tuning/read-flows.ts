import type { Readable } from "node:stream";
import { type ImportedFile, readFlowFile } from "@dropscope/ingester";
import {
  enumNumber,
  type Flow,
  type Gap,
  type GapCause,
  LOST_EVENT_SOURCES,
  type LostEvents,
  type ObservedItem,
  type ObservedTraffic,
} from "@dropscope/model";
import { createFold } from "@dropscope/tuning";
import { clusterNamed } from "../commands/explain/cluster.js";
import { shown } from "../observe/paint.js";

/** Traffic of a file, and what its flows call their cluster. */
export interface FileTraffic {
  readonly traffic: ObservedTraffic;
  readonly cluster: string | undefined;
}

/** Flows that are asked for the name of their cluster. */
const MOST_ASKED = 1_000;

/**
 * Folds the flows of a file, without a store; memory grows with its edges alone. What could not be read
 * is said on standard error, and makes a gap.
 * @throws DropscopeError of reading flows (`IMPORT_NO_FILE` …, `NOT_FLOWS`)
 */
export async function readTraffic(
  input: string,
  options: {
    readonly sinceNs?: bigint;
    readonly untilNs?: bigint;
    readonly matches?: (flow: Flow) => boolean;
    /** What is read for `-` in place of standard input. */
    readonly stdin?: Readable;
  },
): Promise<FileTraffic> {
  const fold = createFold(options);
  let cluster: string | undefined;
  let asked = 0;
  const items = readFlowFile({
    input,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  });
  // Not `for await`: what the file as a whole was like comes with its end.
  for (;;) {
    const step = await items.next();
    if (step.done === true) {
      sayRejected(step.value);
      for (const gap of gapsOf(step.value)) fold.addGap(gap);
      return { traffic: fold.result(), cluster };
    }
    const { flow, lost_events: lost } = step.value;
    if (lost !== undefined) fold.addGap(gapOf(lost, step.value));
    if (flow === undefined) continue;
    if (cluster === undefined && asked++ < MOST_ASKED) cluster = clusterNamed(flow);
    fold.add(flow);
  }
}

const CAUSES: readonly (GapCause | undefined)[] = [
  undefined,
  "perf-ring",
  "observer-queue",
  "hubble-ring",
];

function gapOf(lost: LostEvents, { node_name: node = "", time = "" }: ObservedItem): Gap {
  const { first, last, cpu } = lost;
  return {
    time,
    node,
    cause: CAUSES[enumNumber(LOST_EVENT_SOURCES, lost.source) ?? 0] ?? "lost-other",
    count: Math.min(Number(lost.num_events_lost ?? 0), Number.MAX_SAFE_INTEGER),
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { to: last }),
    ...(cpu === undefined ? {} : { cpu }),
  };
}

/** What a file holds and nobody could read is missing like what was lost on the way. */
function gapsOf({ name, damage, rejected }: ImportedFile): Gap[] {
  if (damage === undefined && rejected === 0) return [];
  const what = damage === undefined ? "" : ` (${damage})`;
  const message = `${rejected} values of ${name} could not be read${what}`;
  return [{ time: "", node: "", cause: "lost-other", count: rejected, message }];
}

function sayRejected({ name, damage, rejected, rejections }: ImportedFile): void {
  const say = (text: string): unknown => process.stderr.write(`${shown(text)}\n`);
  if (damage !== undefined) say(`${name} is damaged: ${damage}; what stood before it counts`);
  for (const { line, message } of rejections) say(`${name}:${line}: ${message}`);
  const more = rejected - rejections.length;
  if (more > 0) say(`${name}: ${more} more were rejected`);
}
