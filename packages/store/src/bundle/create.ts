import type { StoreClient } from "../clickhouse/client.js";
import { LookupCache } from "../read/lookup.js";
import { createRunner } from "../read/run.js";
import { explainedIn, explanationTexts, factsOf, minutesIn } from "./explained.js";
import type { FlowWriter } from "./flow-text.js";
import { countFlows, itemsIn, linesIn } from "./flows.js";
import { gapRows } from "./gaps.js";
import { namesIn } from "./names.js";
import type {
  BundledExplained,
  BundledGap,
  BundledItem,
  BundledLine,
  BundledMinute,
  BundleQuery,
  ProblemFacts,
} from "./types.js";

/**
 * Reads everything of a range in an order that is always the same. Long answers stream; no
 * limits apply, because a bundle is made once and may take as long as it takes. An abort of
 * `signal` cancels the query in the engine.
 */
export interface BundleReader {
  countFlows(query: BundleQuery): Promise<number>;
  items(query: BundleQuery): AsyncIterable<BundledItem[]>;
  /** As `items`, each flow as a line. */
  lines(query: BundleQuery, writer: FlowWriter): AsyncIterable<BundledLine[]>;
  explained(query: BundleQuery): AsyncIterable<BundledExplained[]>;
  /** By hash: a `DropExplanation` without uuid and time, as JSON. */
  explanations(
    problems: readonly string[],
    hashes: readonly string[],
    query: BundleQuery,
  ): Promise<Map<string, string>>;
  minutes(query: BundleQuery): AsyncIterable<BundledMinute[]>;
  facts(problems: readonly string[], query: BundleQuery): Promise<ProblemFacts[]>;
  gaps(query: BundleQuery): Promise<BundledGap[]>;
  /** Names that the flows carry; labels as `source:key=value`. */
  names(query: BundleQuery): AsyncIterable<string[]>;
}

export function createBundleReader(client: StoreClient, signal?: AbortSignal): BundleReader {
  const run = createRunner(client, undefined);
  const lookup = new LookupCache(run);
  return {
    countFlows: (query) => countFlows(run, query, signal),
    items: (query) => itemsIn(run, lookup, query, signal),
    lines: (query, writer) => linesIn(run, lookup, query, writer, signal),
    explained: (query) => explainedIn(run, query, signal),
    explanations: (problems, hashes, query) =>
      explanationTexts(run, problems, hashes, query, signal),
    minutes: (query) => minutesIn(run, query, signal),
    facts: (problems, query) => factsOf(run, problems, query, signal),
    gaps: (query) => gapRows(run, query, signal),
    names: (query) => namesIn(run, query, signal),
  };
}
