import type { Clock, Coverage } from "@dropscope/model";
import type { FlowReader } from "@dropscope/store";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Knowledge } from "./knowledge.js";
import type { LintRun } from "./policies/lint-thread.js";
import type { TuningRun } from "./tuning/question.js";

export interface Listen {
  host: string;
  /** 0 takes any free port. */
  port: number;
}

export interface DashboardOptions {
  listen: Listen;
  /** `none`: whoever reaches the port sees everything, so only loopback is bound. */
  auth: "none";
  reader: FlowReader;
  knowledge: Knowledge;
  /** Called at most once a second and room, and on each status answer. Must not throw or block. */
  coverage: () => Coverage;
  /** Folder with index.html and assets/, as `vite build` leaves it. */
  webDir: string;
  logger: Logger;
  version: string;
  clock?: Clock;
  registry?: Registry;
  /** Serves /metrics on a port of its own; without it /metrics is on the main port. */
  metricsListen?: Listen;
  /** The ingester's books, where it runs in this process. */
  books?: () => Record<string, number>;
  /** Values of the Host header to accept beside loopback names with our port: the near end of a tunnel. */
  hosts?: readonly string[];
  limits?: Partial<Limits>;
  /** Where policies are linted; a thread of its own when absent. */
  lintRun?: LintRun;
  /** Where suggestions, replays, rules and readiness are made; a thread of its own when absent. */
  tuningRun?: TuningRun;
}

export interface Limits {
  /** History queries of one address in a minute. */
  queriesPerMinute: number;
  /** The same for loopback: the machine's own user, whose page asks several things at once. */
  loopbackQueriesPerMinute: number;
  /** Socket handshakes of one address in a minute. */
  handshakesPerMinute: number;
  /** Open sockets of one address. */
  socketsPerAddress: number;
  /** Messages of one socket in ten seconds. */
  messagesPer10s: number;
  /** Distinct (scope, filter) pairs that are kept live at once. */
  rooms: number;
  /** Longest span that is answered from raw rows, ms. */
  rawSpanMs: number;
  /** Longest span of all, ms. */
  spanMs: number;
  /** A socket that holds more than this is behind, and is sent nothing until it has taken it. */
  backlogPackets: number;
  backlogBytes: number;
  /** A socket that takes nothing for so long is cut, ms. */
  stalledMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_LIMITS: Limits = {
  queriesPerMinute: 60,
  loopbackQueriesPerMinute: 1_200,
  handshakesPerMinute: 300,
  socketsPerAddress: 10,
  messagesPer10s: 20,
  rooms: 32,
  rawSpanMs: 24 * HOUR,
  spanMs: 400 * 24 * HOUR,
  backlogPackets: 12,
  backlogBytes: 512 * 1024,
  stalledMs: 30_000,
};
