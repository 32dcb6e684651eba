import { join } from "node:path";
import { type HubbleTarget, type Ingester, resolveHubbleTarget } from "@dropscope/ingester";
import { createSimulator, type IncidentName } from "@dropscope/ingester/simulator";
import { type DropscopeError, type Part, systemClock } from "@dropscope/model";
import type { Store } from "@dropscope/store";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { LoadedConfig } from "../config/load.js";
import type { Config } from "../config/settings.js";
import type { SourceView } from "./coverage.js";
import { fileSource } from "./file-source.js";
import { hubbleTarget, relayIsNamed } from "./hubble-target.js";
import { wireIngester } from "./ingester.js";
import { registerIngesterMetrics } from "./metrics.js";
import { createPolicyEngine } from "./policy-engine.js";
import type { NamedPart } from "./run-until-stopped.js";
import { createSourceLog, troubleText } from "./source-log.js";

export interface SourceWiring {
  readonly loaded: LoadedConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly store: Store;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly onFatal: (error: DropscopeError) => void;
}

export interface WiredSource {
  /** To be started in this order, after the store. */
  readonly parts: readonly NamedPart[];
  view(): SourceView;
  books?(): Record<string, number>;
  /** The simulated cluster's own policies, and its name. */
  readonly simulated?: { readonly policies: string; readonly cluster: string };
  /** Resolves with the query of the page that shows what was read; absent for live sources. */
  readonly finished?: Promise<string>;
}

/** Files where some are named, else a relay where one is named, else a simulated cluster. */
export function wireSource(wiring: SourceWiring): WiredSource {
  const { loaded, env } = wiring;
  if (loaded.config.from.length > 0) return wireFiles(wiring);
  return relayIsNamed(loaded, env)
    ? wireRelay(wiring, "relay", always(hubbleTarget(loaded, env)))
    : wireSimulated(wiring);
}

/** Read before anything starts: a mistake in the address must not cost a start of the engine. */
const always =
  <T>(value: T): (() => T) =>
  () =>
    value;

function wireFiles({ loaded, store, logger }: SourceWiring): WiredSource {
  const files = fileSource(loaded.config, store, logger);
  return {
    parts: [{ name: "files", part: files }],
    view: () => files.view(),
    finished: files.finished.then(() => files.rangeQuery()),
  };
}

/** @param target asked at start: a simulated relay has its port only then */
function wireRelay(
  wiring: SourceWiring,
  kind: "relay" | "simulator",
  target: () => HubbleTarget,
): WiredSource {
  let ingester: Ingester | undefined;
  registerIngesterMetrics(wiring.registry, () => ingester);
  const part: Part = {
    async start() {
      const { loaded, store, logger, onFatal } = wiring;
      ingester = wireIngester(loaded.config, target(), store, logger, onFatal);
      await ingester.start();
    },
    stop: async (deadlineMs) => ingester?.stop(deadlineMs),
  };
  return {
    parts: [
      { name: "ingester", part },
      {
        name: "source log",
        part: createSourceLog(() => ingester?.status(), wiring.logger, systemClock),
      },
    ],
    view() {
      const status = ingester?.status();
      return status ? { kind, ...status, message: troubleText(status) } : notStarted(kind);
    },
    books() {
      if (!ingester) return {};
      const { rejectedBy: _, ...counts } = ingester.books();
      return counts;
    },
  };
}

/** Traffic that the demo's rings hold at the start, so that the page has something to show at once. */
const DEMO_HISTORY_SECONDS = 20;
export const SIMULATED_CLUSTER = "shop";

function wireSimulated(wiring: SourceWiring): WiredSource {
  const { config } = wiring.loaded;
  const policies = join(config.data, "simulated-policies");
  const simulator = createSimulator({
    ...simulatorOptions(config),
    cluster: SIMULATED_CLUSTER,
    policiesDir: policies,
    // Who tries out a fix in that folder sees the drops end.
    engine: createPolicyEngine(SIMULATED_CLUSTER),
    listen: { host: "127.0.0.1", port: 0 },
    historySeconds: DEMO_HISTORY_SECONDS,
  });
  const relay = wireRelay(wiring, "simulator", () => {
    const flags = { server: simulator.address() };
    const result = resolveHubbleTarget({ flags });
    if (!result.ok) throw new Error(`the simulator listens on ${flags.server}`);
    return result.target;
  });
  return {
    ...relay,
    parts: [{ name: "simulator", part: simulator }, ...relay.parts],
    simulated: { policies, cluster: SIMULATED_CLUSTER },
  };
}

const notStarted = (kind: SourceView["kind"]): SourceView => ({
  kind,
  address: "",
  state: "starting",
  message: "The source is starting.",
  nodes: { connected: 0, total: 0, unavailable: [] },
  flowsPerSecond: 0,
});

export function simulatorOptions(config: Config) {
  const named = config.incidents;
  return {
    seed: config.seed,
    rate: config.rate,
    ...(named.length === 0
      ? {}
      : { incidents: (named[0] === "none" ? [] : named) as IncidentName[] }),
  };
}
