import type { Clock, Coverage, Viewer } from "@dropscope/model";
import type { FlowReader } from "@dropscope/store";
import type { z } from "zod";
import type { Limits } from "../config.js";
import type { Knowledge } from "../knowledge.js";
import type { Linter } from "../policies/linter.js";
import type { TuningDesk } from "../tuning/desk.js";
import type { Worlds } from "../world/worlds.js";

/** What a route may use to answer one request. */
export interface ApiContext {
  reader: FlowReader;
  knowledge: Knowledge;
  linter: Linter;
  worlds: Worlds;
  tuning: TuningDesk;
  coverage: () => Coverage;
  books: (() => Record<string, number>) | undefined;
  clock: Clock;
  limits: Limits;
  version: string;
  viewer: Viewer;
  /** Aborts when the asker goes away. */
  signal: AbortSignal;
}

/** One address below /api/v1, described and served from the same schemas. */
export interface ApiRoute {
  /** What changes something, or asks with more than fits an address: only for the dashboard's own page. Absent: it reads, by GET. */
  change?: "put" | "post" | "delete";
  /** In Express's form: `/flows/:uuid`. */
  path: string;
  /** operationId of the OpenAPI document. */
  name: string;
  summary: string;
  /** Path and query parameters together; of a `put` or `post` path and body. */
  input: z.ZodObject;
  answer: z.ZodType;
  /** Content types of a route that answers with a file and not with JSON. */
  types?: readonly string[];
  /** Answers 404 for what it does not know, though its address names nothing. */
  mayMiss?: boolean;
  /** Longest body, as express reads it; 32kb when absent. */
  bodyLimit?: string;
  /** Costs a query: counts against the address's limit. */
  asksStore: boolean;
  answerTo(input: never, context: ApiContext): Promise<unknown>;
}

/** Ties the types of input and answer to the schemas. */
export function route<I extends z.ZodObject, A extends z.ZodType>(
  definition: Omit<ApiRoute, "input" | "answer" | "answerTo"> & {
    input: I;
    answer: A;
    answerTo(input: z.output<I>, context: ApiContext): Promise<z.output<A>>;
  },
): ApiRoute {
  return definition;
}

export function takesBody({ change }: ApiRoute): boolean {
  return change === "put" || change === "post";
}
