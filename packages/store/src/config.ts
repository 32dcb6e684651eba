import { availableParallelism, totalmem } from "node:os";

const MIB = 1024 * 1024;

/** Where lines for the operator go; the command adapts its logger to it. */
export interface StoreLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const silentLogger: StoreLogger = { info() {}, warn() {}, error() {} };

/**
 * Memory that the embedded engine may use, bytes. Left alone it takes nine tenths
 * of the machine; a quarter leaves room for the rest of a laptop.
 */
export function defaultEngineMemory(): number {
  return Math.min(4096 * MIB, Math.max(768 * MIB, Math.floor(totalmem() / 4)));
}

/** Sessions for queries: one session runs one query at a time. */
export function defaultQuerySessions(): number {
  return Math.max(3, Math.min(8, availableParallelism() + 1));
}

/** Days that rows are kept, counted from the day they were stored. */
export interface Retention {
  /** Raw flows. */
  rawDays: number;
  /** Raw flows that were dropped, failed or audited. */
  dropDays: number;
  /** Counts by minute and hour, known losses, the ledger. */
  rollupDays: number;
  /** Problems and findings. */
  problemDays: number;
  /** Versions of policies, pods, namespaces and services that hold no more. */
  policyDays: number;
}

export const DEFAULT_RETENTION: Retention = {
  rawDays: 7,
  dropDays: 30,
  rollupDays: 90,
  problemDays: 90,
  policyDays: 90,
};

export const DATABASE = "dropscope";

/** Bytes of sealed batches that may wait on disk. */
export const DEFAULT_SPOOL_BYTES = 4096 * MIB;

/** Blocks whose tokens a table remembers; a token older than half of it is not trusted. */
export const DEDUPLICATION_WINDOW = 10_000;
