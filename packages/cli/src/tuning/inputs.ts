import { catalogObjects, fileLabels } from "@dropscope/correlator";
import { re2 } from "@dropscope/hubble/re2";
import {
  DropscopeError,
  EXIT,
  type Flow,
  LOCAL_VIEWER,
  type ObservedTraffic,
  parseFilterWords,
  type Part,
  systemClock,
} from "@dropscope/model";
import {
  type Manifests,
  mergeManifests,
  type Profile,
  type ProfileName,
  PROFILES,
} from "@dropscope/policy";
import { createObjectReader, createObservedReader } from "@dropscope/store";
import {
  clusterAt,
  clusterOfObjects,
  inferObjects,
  objectKey,
  sourcesOfManifests,
  type TuningCluster,
  withPolicies,
} from "@dropscope/tuning";
import { loadManifests } from "../commands/policy/load.js";
import { createQuietLogger } from "../log.js";
import { shown } from "../observe/paint.js";
import type { Invocation } from "../program.js";
import { createStoredProfile } from "../wire/profile.js";
import { rangeOf } from "../wire/range-options.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { storeToRead } from "../wire/store.js";
import { readTraffic } from "./read-flows.js";

/** What every command about observed traffic works on. */
export interface TuningInputs {
  readonly traffic: ObservedTraffic;
  /** The cluster at the end of the range: the store's, with the policies of `--policies` in place of its own where some are named. */
  readonly cluster: TuningCluster;
  readonly signal: AbortSignal;
}

export interface TuningAsk {
  /** Only traffic with an end in this namespace is read. */
  readonly namespace?: string;
  /** Policies that hold instead of those in force; those of `--policies` unless the command means something else by it. */
  readonly policies?: readonly string[];
}

const DEFAULT_SINCE = "7d";

/**
 * Reads traffic and cluster of the store, or of files with `--flows`, and lets the command work on them.
 * @throws DropscopeError of the options (`BAD_TIME`, `BAD_RANGE`, `USAGE`), of the store (`DATA_MISSING` …) and of
 *   the files; `TUNING_EMPTY` or `TUNING_NO_NAMESPACE` (exit 66) when no flow is in the range
 */
export async function withTuning(
  invocation: Invocation,
  ask: TuningAsk,
  work: (inputs: TuningInputs) => Promise<void> | void,
): Promise<void> {
  const input = invocation.options["flows"] as string | undefined;
  if (input === undefined) return withStore(invocation, ask, work);
  const { signal } = new AbortController();
  return work({ ...(await readOffline(input, invocation, ask)), signal });
}

async function readOffline(
  input: string,
  { loaded, options }: Invocation,
  ask: TuningAsk,
): Promise<Omit<TuningInputs, "signal">> {
  const { policies = loaded.config.policies } = ask;
  if (input === "-" && policies.includes("-"))
    throw new DropscopeError("USAGE", "Standard input cannot be both flows and policies.", {
      next: "Name a file or folder for one of the two.",
      exitCode: EXIT.usage,
    });
  const { sinceNs, untilNs } = rangeOf(options, systemClock.now());
  const { traffic, cluster: named } = await readTraffic(input, {
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(untilNs === undefined ? {} : { untilNs }),
    ...(ask.namespace === undefined ? {} : { matches: inNamespace(ask.namespace) }),
  });
  const { config, origins } = loaded;
  const isNamed = origins["cluster-name"] !== "default";
  const profile: Profile = {
    ...PROFILES[config.profile as ProfileName],
    cluster: isNamed ? config["cluster-name"] : (named ?? config["cluster-name"]),
  };
  const manifests = await manifestsOf(policies, profile);
  const objects = catalogObjects(manifests);
  const cluster = clusterOfObjects([...objects, ...inferObjects(traffic.edges, objects)], {
    at: Number(traffic.untilNs / 1_000_000n),
    profile,
    sources: sourcesOfManifests(manifests),
  });
  refuseNothing(traffic, cluster, ask.namespace);
  return { traffic, cluster };
}

/** Without any policy everything is allowed, which is what is asked about then. */
function manifestsOf(paths: readonly string[], { cluster }: Profile): Promise<Manifests> {
  if (paths.length === 0) return Promise.resolve(mergeManifests([]));
  return loadManifests(paths, { named: "--policies", cluster, labelOf: fileLabels(paths) });
}

async function withStore(
  { loaded, options }: Invocation,
  ask: TuningAsk,
  work: (inputs: TuningInputs) => Promise<void> | void,
): Promise<void> {
  const now = systemClock.now();
  const { sinceNs, untilNs = BigInt(now) * 1_000_000n } = rangeOf(
    { ...options, since: options["since"] ?? DEFAULT_SINCE },
    now,
  );
  const logger = createQuietLogger(loaded.config);
  const store = storeToRead(loaded.config, logger);
  const judged = createStoredProfile({ loaded, client: store.client, clock: systemClock });
  const stopping = new AbortController();
  const { signal } = stopping;
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  const { namespace, policies = loaded.config.policies } = ask;
  const words = namespace === undefined ? [] : ["--namespace", namespace];
  const read = async (): Promise<void> => {
    const profile = await judged.known();
    const query = {
      viewer: LOCAL_VIEWER,
      selection: parseFilterWords(words, { regex: re2 }),
      ...(sinceNs === undefined ? {} : { since: sinceNs }),
      until: untilNs,
    };
    const traffic = await createObservedReader(store.client).traffic(query, signal);
    const at = Math.min(now, Number(untilNs / 1_000_000n));
    const knowledge = { objects: createObjectReader(store.client), profile };
    const stored = await clusterAt(knowledge, LOCAL_VIEWER, at, "all", signal);
    refuseNothing(traffic, stored, namespace);
    await work({ traffic, cluster: await withFiles(stored, policies), signal });
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "tuning", part },
    ],
    logger,
    {
      until: () =>
        read().catch((error: unknown) => {
          if (!signal.aborted) throw error;
        }),
    },
  );
}

/** The cluster of the store with the policies of files in place of all of its own. */
async function withFiles(cluster: TuningCluster, paths: readonly string[]): Promise<TuningCluster> {
  if (paths.length === 0) return cluster;
  const manifests = await manifestsOf(paths, cluster.profile);
  return withPolicies(cluster, {
    set: manifests.policies,
    sources: sourcesOfManifests(manifests),
    remove: cluster.policies.map(objectKey),
  });
}

function inNamespace(namespace: string): (flow: Flow) => boolean {
  return ({ source, destination }) =>
    source?.namespace === namespace || destination?.namespace === namespace;
}

/** Without any flow every rule would look unused, and every policy safe. */
function refuseNothing(
  { flows }: ObservedTraffic,
  { objects }: TuningCluster,
  namespace: string | undefined,
): void {
  if (flows > 0) return;
  const declared = objects.flatMap(({ kind, name }) => (kind === "Namespace" ? [name] : []));
  if (namespace !== undefined && declared.length > 0 && !declared.includes(namespace))
    throw new DropscopeError(
      "TUNING_NO_NAMESPACE",
      `There is no namespace ${shown(namespace)}, neither in the cluster nor in the flows.`,
      {
        next: `Name one of those that there are: ${declared.sort().slice(0, 10).map(shown).join(", ")}${declared.length > 10 ? " …" : ""}.`,
        exitCode: EXIT.noInput,
      },
    );
  const whose = namespace === undefined ? "" : ` of namespace ${shown(namespace)}`;
  throw new DropscopeError("TUNING_EMPTY", `No flow${whose} is in the range.`, {
    next: "Choose an earlier --since, or correct the namespace; `dropscope status` tells what is stored.",
    exitCode: EXIT.noInput,
  });
}
