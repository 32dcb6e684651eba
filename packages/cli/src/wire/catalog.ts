import {
  checkHistory,
  connectKubernetes,
  createFolderSource,
  createKubernetesSource,
  createLiveCatalog,
  isInCluster,
  type CatalogSource,
  type LiveCatalog,
} from "@dropscope/correlator";
import { DropscopeError, EXIT } from "@dropscope/model";
import type { StoreClient } from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";
import { policyFiles } from "./policy-files.js";
import { profileFor } from "./profile.js";
import { storeLogger } from "./store.js";

export interface CatalogWiring {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Where versions are kept; without it they last as long as the process. */
  readonly store?: { readonly client: StoreClient };
}

type CatalogSettings = Pick<
  Config,
  "catalog" | "policies" | "policies-history" | "kubeconfig" | "kube-context" | "cluster-name"
>;

/**
 * The policies, pods and namespaces that the settings name, with their past. Nothing is opened
 * before its start, but mistakes in the settings are said now.
 * @throws DropscopeError `KUBE_CONFIG`, `POLICY_FILE`, `CATALOG_SOURCE`, `GIT_HISTORY`
 */
export async function wireCatalog(wiring: CatalogWiring): Promise<LiveCatalog> {
  const { config, env, logger, store } = wiring;
  return createLiveCatalog({
    sources: await sourcesOf(config, env),
    profile: profileFor(config, config["cluster-name"]),
    logger: storeLogger(logger),
    ...(store === undefined ? {} : { store }),
  });
}

async function sourcesOf(
  config: CatalogSettings,
  env: NodeJS.ProcessEnv,
): Promise<CatalogSource[]> {
  const cluster = config["cluster-name"];
  switch (catalogKind(config, env)) {
    case "none":
      return [];
    case "folder":
      if (config.policies.length === 0)
        throw new DropscopeError("CATALOG_SOURCE", "--catalog folder needs folders.", {
          next: "Name them with --policies.",
          exitCode: EXIT.usage,
        });
      // A folder may vanish later; one that was never there is a mistake.
      policyFiles(config.policies);
      if (config["policies-history"]) checkHistory(config.policies);
      return [
        createFolderSource({
          paths: config.policies,
          cluster,
          history: config["policies-history"],
        }),
      ];
    case "kubernetes": {
      const context = config["kube-context"];
      const server = await connectKubernetes({
        env,
        ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
        ...(context === undefined ? {} : { context }),
      });
      return [createKubernetesSource({ server, cluster })];
    }
  }
}

/** A kubeconfig that merely lies in the home folder is not asked: the cluster may be any. */
export function catalogKind(
  config: CatalogSettings,
  env: NodeJS.ProcessEnv,
): "kubernetes" | "folder" | "none" {
  if (config.catalog === "kubernetes" || config.catalog === "folder" || config.catalog === "none")
    return config.catalog;
  if (config.policies.length > 0) return "folder";
  const isNamed = config.kubeconfig !== undefined || config["kube-context"] !== undefined;
  return isNamed || isInCluster(env) ? "kubernetes" : "none";
}
