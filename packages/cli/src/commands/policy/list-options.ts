import { DropscopeError, EXIT } from "@dropscope/model";
import {
  type ConnectionOptions,
  connectionRefusals,
  type Focus,
  type Manifests,
  parseFocusConnection,
  PROFILES,
} from "@dropscope/policy";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import { loadManifests, printProblems } from "./load.js";
import { profileOf, profileOptions } from "./profile-options.js";

/** Flags of the commands that list connections. */
export function listOptions(formats: readonly string[]): Option[] {
  return [
    ...profileOptions().filter(({ long }) => long !== "--profile"),
    new Option(
      "--profile <NAME>",
      "data plane to judge for (default: cilium where there is a policy of Cilium's, else kubernetes)",
    ).choices(Object.keys(PROFILES)),
    new Option("-o, --output <FORMAT>", "output format").choices(formats).default(formats[0]),
  ];
}

/** Flags that ask for a part of a list. */
export function focusOptions(): Option[] {
  return [
    new Option(
      "--focus-workload <NAMES>",
      "only connections of these workloads: name or ns/name, separated by commas; ingress-controller for what Ingress and Route objects publish",
    ).argParser(names),
    new Option(
      "--focus-workload-peer <NAMES>",
      "only those whose other end is one of these workloads",
    ).argParser(names),
    new Option(
      "--focus-direction <DIRECTION>",
      "only connections to (ingress) or from (egress) the workloads in focus",
    ).choices(["ingress", "egress"]),
    new Option("--focus-conn <CONNECTION>", "only this connection, as tcp-80").argParser(
      connection,
    ),
  ];
}

function names(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter((name) => name !== "")];
}

function connection(text: string): Focus["connection"] {
  const read = parseFocusConnection(text);
  if (read !== undefined) return read;
  throw new DropscopeError("USAGE", `--focus-conn ${shown(text)} is no connection.`, {
    next: "Write protocol, hyphen and port: tcp-80, udp-53 or sctp-9000.",
    exitCode: EXIT.usage,
  });
}

/**
 * Reads manifests to make a list of.
 * @throws DropscopeError `POLICY_REFUSED` when a list of them would mislead, and what `loadManifests` throws
 */
export async function loadForList(
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
  mayBeEmpty = false,
): Promise<{ manifests: Manifests; list: ConnectionOptions }> {
  const manifests = await loadManifests(paths, {
    namespace: options["namespace"] as string,
    cluster: options["cluster"] as string,
    named: "DIR",
    mayBeEmpty,
  });
  const list = listOptionsFor(manifests, options);
  const refusals = connectionRefusals(manifests, list.profile);
  if (refusals.length > 0) {
    printProblems(refusals.filter((problem) => !manifests.problems.includes(problem)));
    throw new DropscopeError(
      "POLICY_REFUSED",
      `What ${shown(paths.join(", "))} allows cannot be said: ${refusals.length === 1 ? "a policy or namespace is" : `${refusals.length} policies or namespaces are`} refused, see above.`,
      { next: "Correct them: a list without them would mislead.", exitCode: EXIT.badInput },
    );
  }
  return { manifests, list };
}

function listOptionsFor(
  { policies }: Manifests,
  options: Readonly<Record<string, unknown>>,
): ConnectionOptions {
  const ofCilium = policies.some(({ kind }) => kind.startsWith("Cilium"));
  const name = options["profile"] ?? (ofCilium ? "cilium" : "kubernetes");
  const profile = profileOf({ ...options, profile: name });
  return {
    profile,
    // The API leaves host-network pods open; Cilium takes them for their node.
    hostNetworkPods: name === "cilium" ? "nodes" : "pods",
    focus: {
      workloads: (options["focusWorkload"] as string[] | undefined) ?? [],
      peers: (options["focusWorkloadPeer"] as string[] | undefined) ?? [],
      ...pick("direction", options["focusDirection"] as Focus["direction"]),
      ...pick("connection", options["focusConn"] as Focus["connection"]),
    },
  };
}

/** Nothing at all for a flag that was not given. */
function pick<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** What a list leaves out and why, on standard error. */
export function printWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`warning: ${shown(warning)}\n`);
}
