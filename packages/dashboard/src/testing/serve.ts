import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Coverage } from "@dropscope/model";
import pino from "pino";
import { Registry } from "prom-client";
import type { DashboardOptions } from "../config.js";
import { createDashboard, type Dashboard } from "../dashboard.js";
import { lintAll } from "../policies/lint-run.js";
import { answerInPlace } from "../tuning/bench.js";
import { coverageOf } from "./coverage.js";
import { createMemoryKnowledge, type MemoryKnowledge } from "./memory-knowledge.js";
import { createMemoryReader, type MemoryReader } from "./memory-reader.js";

export interface ServedDashboard {
  dashboard: Dashboard;
  reader: MemoryReader;
  knowledge: MemoryKnowledge;
  registry: Registry;
  /** `http://127.0.0.1:port` */
  url: string;
  port: number;
  /** What the server says about its coverage; tests put another one here. */
  setCoverage(coverage: Coverage): void;
  /** Log lines, parsed. */
  logs: Record<string, unknown>[];
  close(): Promise<void>;
}

/** A dashboard on a free loopback port, with a small page, over a memory store unless a reader is given. */
export async function serveDashboard(
  change: Partial<DashboardOptions> = {},
): Promise<ServedDashboard> {
  const webDir = mkdtempSync(join(tmpdir(), "dropscope-web-"));
  mkdirSync(join(webDir, "assets"));
  writeFileSync(join(webDir, "index.html"), "<!doctype html><title>dropscope</title>");
  writeFileSync(join(webDir, "assets", "main-a1b2c3.js"), "export {};");
  writeFileSync(join(webDir, "favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
  const knowledge = createMemoryKnowledge();
  const reader = createMemoryReader(() => (change.clock ?? Date).now());
  const registry = new Registry();
  const logs: Record<string, unknown>[] = [];
  let coverage = coverageOf();
  const dashboard = createDashboard({
    listen: { host: "127.0.0.1", port: 0 },
    auth: "none",
    reader,
    knowledge,
    coverage: () => coverage,
    webDir,
    logger: pino({}, { write: (line) => void logs.push(JSON.parse(line)) }),
    version: "0.0.0-test",
    registry,
    // The files of the threads are there only once they are built.
    lintRun: { run: async (input) => lintAll(input), stop: () => undefined },
    tuningRun: answerInPlace(),
    ...change,
  });
  await dashboard.start();
  const port = dashboard.address()?.port ?? 0;
  return {
    dashboard,
    reader,
    knowledge,
    registry,
    url: `http://127.0.0.1:${port}`,
    port,
    logs,
    setCoverage(next) {
      coverage = next;
    },
    async close() {
      await dashboard.stop(2_000);
      rmSync(webDir, { recursive: true, force: true });
    },
  };
}
