import {
  createCorrelator,
  type Correlator,
  type CorrelatorStats,
  type ExplainedDrop,
  type LiveCatalog,
} from "@dropscope/correlator";
import { type CatalogStatus, type Clock, type Part } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import {
  createCorrelatorStore,
  folderLeader,
  leaseLeader,
  type CorrelatorStore,
  type Store,
} from "@dropscope/store";
import type { Logger } from "pino";
import type { LoadedConfig } from "../config/load.js";
import type { Config } from "../config/settings.js";
import { catalogKind, wireCatalog } from "./catalog.js";
import { profileFor } from "./profile.js";
import { storeLogger } from "./store.js";

export interface CorrelatorWiring {
  readonly loaded: LoadedConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly store: Pick<Store, "client">;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The simulated cluster's own policies, and its name. */
  readonly simulated?: { readonly policies: string; readonly cluster: string };
  readonly onExplained?: (told: ExplainedDrop) => void;
}

export interface WiredCorrelator extends Part {
  /** Undefined until the cluster is known. */
  stats(): CorrelatorStats | undefined;
  catalog(): CatalogStatus | undefined;
  /** The data plane that policies are judged for; its cluster is the default until it is known. */
  profile(): Profile;
}

const LOOK_MS = 1_000;
/** Looks at flows that do not name their cluster before its default name is taken. */
const PATIENCE = 5;

/**
 * The correlator with the policies that the settings name. Mistakes in the settings are said at once.
 * @throws DropscopeError `KUBE_CONFIG`, `POLICY_FILE`, `CATALOG_SOURCE`
 */
export async function wireCorrelator(wiring: CorrelatorWiring): Promise<WiredCorrelator> {
  const { loaded, env, store, logger, clock, simulated } = wiring;
  // Before anything starts; the folder of the simulated cluster is made by its own start.
  if (catalogKind(loaded.config, env) !== "none")
    await wireCatalog({ config: loaded.config, env, logger });
  const known = createCorrelatorStore(store.client, { clock });
  const stopping = new AbortController();
  let catalog: LiveCatalog | undefined;
  let correlator: Correlator | undefined;
  let beginning: Promise<void> = Promise.resolve();
  let cluster = simulated?.cluster ?? loaded.config["cluster-name"];

  async function begin(): Promise<void> {
    if (simulated === undefined && loaded.origins["cluster-name"] === "default")
      cluster = await clusterOf(known);
    if (stopping.signal.aborted) return;
    catalog = await wireCatalog({ config: configFor(cluster), env, logger, store });
    correlator = createCorrelator({
      store: known,
      leader:
        loaded.config.clickhouse === undefined
          ? folderLeader(loaded.config.data)
          : leaseLeader(store.client, { clock }),
      knowledge: catalog,
      profile: profile(),
      clock,
      resolvedAfterMs: loaded.config["resolved-after"],
      logger: storeLogger(logger),
      ...(wiring.onExplained === undefined ? {} : { onExplained: wiring.onExplained }),
    });
    await catalog.start();
    await correlator.start();
  }

  function configFor(name: string): Config {
    const policies = simulated ? [simulated.policies] : [];
    const { config } = loaded;
    return { ...config, policies: [...policies, ...config.policies], "cluster-name": name };
  }

  /** Selectors are limited to the own cluster, so its name must be right: the flows tell it. */
  async function clusterOf(asked: CorrelatorStore): Promise<string> {
    for (let silent = 0; !stopping.signal.aborted; await pause()) {
      // The store may be away; the correlator would wait for it all the same.
      const name = await asked.clusterName(stopping.signal).catch(() => undefined);
      if (name) return name;
      // Old exports never tell; a live source does with one of its first flows.
      if (name === "" && ++silent >= PATIENCE) break;
    }
    return cluster;
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        stopping.signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = clock.after(LOOK_MS, end);
      stopping.signal.addEventListener("abort", end);
    });
  }

  function profile(): Profile {
    return profileFor(loaded.config, cluster);
  }

  return {
    stats: () => correlator?.stats(),
    catalog: () => catalog?.status(),
    profile,
    start() {
      beginning = begin().catch((error: unknown) =>
        logger.error({ err: error }, "drops cannot be explained"),
      );
      return Promise.resolve();
    },
    async stop(deadlineMs) {
      stopping.abort();
      await beginning;
      await correlator?.stop(deadlineMs / 2);
      await catalog?.stop(deadlineMs / 2);
    },
  };
}
