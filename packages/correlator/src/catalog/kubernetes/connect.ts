import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { DropscopeError, EXIT } from "@dropscope/model";

/** An API server, and how to be let in. */
export interface ApiServer {
  /** Address without credentials, for people. */
  readonly name: string;
  readonly base: URL;
  /** Headers, certificates and agent for one request; tokens are renewed as they run out. */
  options(): Promise<RequestOptions>;
}

export interface KubernetesTarget {
  /** A kubeconfig file; `KUBECONFIG`, `~/.kube/config` or the pod's own account when absent. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig; its current one when absent. */
  readonly context?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Whether this process runs in a pod that has an account. */
export function isInCluster(env: NodeJS.ProcessEnv): boolean {
  return (env["KUBERNETES_SERVICE_HOST"] ?? "") !== "";
}

/**
 * The API server that the configuration names. Nothing is connected to.
 * @throws DropscopeError `KUBE_CONFIG` when the configuration cannot be read or names nothing
 */
export async function connectKubernetes(target: KubernetesTarget = {}): Promise<ApiServer> {
  // It takes most of a second and 80 MB: only who asks for a cluster pays.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    load(config, target);
  } catch (error) {
    throw wrong(reasonOf(error));
  }
  const { context } = target;
  if (context !== undefined) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(context))
      throw wrong(
        `there is no context ${JSON.stringify(context)} (there are: ${names.join(", ") || "none"})`,
      );
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw wrong("its current context names no cluster");
  const base = urlOf(cluster.server);
  return {
    name: `${base.protocol}//${base.host}`,
    base,
    options: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      trimToken(options);
      return options;
    },
  };
}

function load(config: KubeConfig, { kubeconfig, env = process.env }: KubernetesTarget): void {
  if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
  else if (isInCluster(env) && (env["KUBECONFIG"] ?? "") === "") config.loadFromCluster();
  else config.loadFromDefault();
}

function urlOf(server: string): URL {
  try {
    return new URL(server);
  } catch {
    throw wrong("the address of its cluster is not a URL");
  }
}

/** A token that was read from a file ends with the file's newline, which no header may hold. */
function trimToken(options: RequestOptions): void {
  const headers = options.headers as Record<string, string> | undefined;
  const token = headers?.["Authorization"];
  if (headers !== undefined && token !== undefined) headers["Authorization"] = token.trim();
}

/** Only what the file system and the parser say: the content may hold secrets. */
function reasonOf(error: unknown): string {
  const { code, path, name } = error as { code?: unknown; path?: unknown; name?: unknown };
  if (typeof code === "string") return `${typeof path === "string" ? path : "it"}: ${code}`;
  return name === "YAMLException" ? "it is not YAML" : "it is not a kubeconfig";
}

function wrong(reason: string): DropscopeError {
  return new DropscopeError("KUBE_CONFIG", `The kubeconfig cannot be used: ${reason}.`, {
    next: "Check --kubeconfig and --kube-context, or try `kubectl get namespaces` with the same.",
    exitCode: EXIT.config,
  });
}
