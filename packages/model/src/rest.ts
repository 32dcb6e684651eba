/**
 * REST between the dashboard server and the page, beside the answers in live.ts.
 *
 *     GET /api/v1/overview?from=MS&to=MS&filter=LINE        OverviewAnswer
 *     GET /api/v1/flows?from=MS&to=MS&filter=LINE&limit=N&cursor=C   FlowsAnswer
 *     GET /api/v1/flows/UUID                                FlowDetail
 *     GET /api/v1/filters                                   FiltersAnswer
 *     GET /api/v1/complete?what=KIND&prefix=TEXT            CompleteAnswer
 *
 * MS is ms since 1970. Every status of 400 and above carries `{ "error": ApiError }`.
 */
import type { ApiError } from "./live.js";

/** What the store can list for completion. */
export type CompletionKind = "namespace" | "pod" | "workload" | "node";

/** One flag of the filter line. */
export interface FilterFlag {
  /** With its dashes: `--verdict`. */
  name: string;
  /** The one-letter form with its dash, `-n`. */
  short?: string;
  /** What follows it, `port`, `namespace/pod`; "" for a switch. */
  value: string;
  /** One line for people. */
  help: string;
  /** The closed set of values, where there is one. */
  values?: string[];
  /** Where the values come from, when they are in the store. */
  complete?: CompletionKind;
}

export interface FiltersAnswer {
  flags: FilterFlag[];
}

export interface CompleteAnswer {
  values: string[];
}

export interface ErrorAnswer {
  error: ApiError;
}
