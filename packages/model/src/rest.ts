/**
 * REST between the dashboard server and the page, beside the answers in live.ts.
 *
 *     GET /api/v1/overview?from=MS&to=MS&filter=LINE        OverviewAnswer
 *     GET /api/v1/flows?from=MS&to=MS&filter=LINE&limit=N&cursor=C   FlowsAnswer
 *     GET /api/v1/flows/UUID                                FlowDetail
 *     GET /api/v1/filters                                   FiltersAnswer
 *     GET /api/v1/complete?what=KIND&prefix=TEXT            CompleteAnswer
 *     GET /api/v1/views                                     SavedViewsAnswer
 *     PUT /api/v1/views/NAME  { place, filter, since, until }   SavedViewsAnswer
 *     DELETE /api/v1/views/NAME                             SavedViewsAnswer
 *
 * MS is ms since 1970. Every status of 400 and above carries `{ "error": ApiError }`.
 */
import type { ApiError } from "./live.js";

/** What can be listed for completion; labels by their keys until a `=` is typed, problems by id. */
export const COMPLETION_KINDS = [
  "namespace",
  "pod",
  "workload",
  "service",
  "node",
  "cluster",
  "fqdn",
  "label",
  "node-label",
  "port",
  "verdict",
  "drop-reason",
  "policy",
  "problem",
] as const;
export type CompletionKind = (typeof COMPLETION_KINDS)[number];

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
  /** Those that begin so before those that hold it, and the most frequent first. */
  values: string[];
  /** What to say beside each value, where the values do not speak for themselves. */
  notes?: string[];
}

/** A named filter with the place and the time range that it was saved in. */
export interface SavedView {
  name: string;
  /** Place of the page: `problems`, `live`, `map` … */
  place: string;
  filter: string;
  /** RFC 3339, ms since 1970, or an age such as `1h`; both empty: live. */
  since: string;
  until: string;
  /** ms since 1970. */
  savedAt: number;
}

export interface SavedViewsAnswer {
  /** By name. */
  views: SavedView[];
}

export interface ErrorAnswer {
  error: ApiError;
}
