import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createDashboard, type Dashboard, type Knowledge } from "@dropscope/dashboard";
import { type Clock, DropscopeError, EXIT, type Part } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import {
  createAuditReader,
  createCompareReader,
  createObjectReader,
  createObservedReader,
  createProblemReader,
  createExporter,
  createSavedViews,
  DEFAULT_LIMITS,
  readSpace,
  createViewReader,
  type FlowReader,
  type StoreClient,
} from "@dropscope/store";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Config } from "../config/settings.js";
import { version } from "../version.js";
import type { CoverageWatch } from "./coverage.js";

/** The built page. @throws DropscopeError `PAGE_NOT_BUILT` */
export function webDir(): string {
  const manifest = createRequire(import.meta.url).resolve("@dropscope/web/package.json");
  const folder = join(dirname(manifest), "dist");
  if (existsSync(join(folder, "index.html"))) return folder;
  throw new DropscopeError(
    "PAGE_NOT_BUILT",
    `The page is not built: ${folder} has no index.html.`,
    {
      next: "Run `npm run build`.",
      exitCode: EXIT.internal,
    },
  );
}

/** As any question, but a browser takes a file as slowly as its line allows. */
const DOWNLOAD_LIMITS = { ...DEFAULT_LIMITS, seconds: 600 };

/** What the store knows beyond flows. @param profile asked for anew: the cluster's name may come late */
export function storedKnowledge(
  client: StoreClient,
  profile: () => Profile,
  config: Pick<Config, "resolved-after">,
): Knowledge {
  return {
    problems: createProblemReader(client, { resolvedAfterMs: config["resolved-after"] }),
    objects: createObjectReader(client),
    views: createViewReader(client),
    compare: createCompareReader(client),
    audit: createAuditReader(client),
    observed: createObservedReader(client),
    saved: createSavedViews(client),
    exporter: createExporter(client, { limits: DOWNLOAD_LIMITS }),
    space: (now, signal) => readSpace(client, now, signal),
    get profile() {
      return profile();
    },
  };
}

export interface DashboardWiring {
  readonly config: Config;
  readonly reader: FlowReader;
  readonly knowledge: Knowledge;
  readonly watch: CoverageWatch;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly books?: () => Record<string, number>;
}

/** The dashboard as a part; while it runs, its address stands in the data folder for `status`. */
export function wireDashboard(wiring: DashboardWiring): Part & { url(): string } {
  const { config } = wiring;
  const dashboard: Dashboard = createDashboard({
    listen: { host: config.host, port: config.port },
    auth: "none",
    reader: wiring.reader,
    knowledge: wiring.knowledge,
    coverage: () => wiring.watch.coverage(),
    webDir: webDir(),
    logger: wiring.logger,
    version,
    clock: wiring.clock,
    registry: wiring.registry,
    ...(config["metrics-port"] === undefined
      ? {}
      : { metricsListen: { host: "127.0.0.1", port: config["metrics-port"] } }),
    ...(wiring.books ? { books: wiring.books } : {}),
  });
  const url = (): string => {
    const address = dashboard.address();
    if (!address) return "";
    return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  };
  const note = dashboardFile(config.data);
  return {
    url,
    async start() {
      await dashboard.start();
      writeFileSync(note, JSON.stringify({ url: url(), pid: process.pid }), { mode: 0o600 });
    },
    async stop(deadlineMs) {
      if (runningDashboard(config.data)?.pid === process.pid) rmSync(note, { force: true });
      await dashboard.stop(deadlineMs);
    },
  };
}

const dashboardFile = (dataDir: string): string => join(dataDir, "dashboard.json");

/** Address of the dashboard that last started on the data folder; it may be gone since. */
export function runningDashboard(dataDir: string): { url: string; pid: number } | undefined {
  try {
    return JSON.parse(readFileSync(dashboardFile(dataDir), "utf8")) as { url: string; pid: number };
  } catch {
    return undefined;
  }
}
