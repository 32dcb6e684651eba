import { dirname, join } from "node:path";
import { fileLabels } from "@dropscope/correlator";
import { re2 } from "@dropscope/hubble/re2";
import {
  DropscopeError,
  EXIT,
  type Flow,
  LOCAL_VIEWER,
  type ObservedTraffic,
  parseFilterWords,
  type Part,
  type Problem,
  systemClock,
} from "@dropscope/model";
import { type Manifests, type Profile, type ProfileName, PROFILES } from "@dropscope/policy";
import {
  createObjectReader,
  createObservedReader,
  createProblemReader,
  createReader,
  type FlowReader,
  type StoreClient,
} from "@dropscope/store";
import {
  clusterAt,
  clusterOfManifests,
  clusterOfObjects,
  type FileFor,
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
import { readTraffic } from "../tuning/read-flows.js";
import { createStoredProfile } from "../wire/profile.js";
import { rangeOf } from "../wire/range-options.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { storeToRead } from "../wire/store.js";

/** What an edit is looked for in. */
export interface RepairInputs {
  readonly cluster: TuningCluster;
  /** The flow that was asked about; undefined where two ends were named. */
  readonly flow: Flow | undefined;
  /** The problem that was asked about, if it was one. */
  readonly problem: Problem | undefined;
  readonly files: PolicyFiles;
  /** The cluster at the time of the drop, where it was another one: the store's, as it was then. */
  atDrop(): Promise<TuningCluster | undefined>;
  /** Observed traffic with an end in one of the namespaces; null where there is none to look at. */
  traffic(namespaces: readonly string[]): Promise<ObservedTraffic | null>;
}

/** Where the policies of `--policies` stand on disk. */
export interface PolicyFiles {
  /** Path of a file as answers name it → path on disk; empty where policies come from the store. */
  readonly paths: ReadonlyMap<string, string>;
  /** File of a policy that is not there yet: beside those of its namespace. */
  readonly fileFor: FileFor;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DEFAULT_SINCE = "7d";

type Work = (inputs: RepairInputs) => Promise<void> | void;

/**
 * Reads what is needed: of files alone where the line names all of it, else of the store.
 * @throws DropscopeError `USAGE`, `FLOW_MISSING`, `PROBLEM_NOT_FOUND`, and those of store and files
 */
export async function withRepair(invocation: Invocation, work: Work): Promise<void> {
  const { options, loaded } = invocation;
  const { policies } = loaded.config;
  const uuid = options["flow"] as string | undefined;
  if (uuid !== undefined && !UUID.test(uuid))
    throw usage(
      `--flow ${JSON.stringify(shown(uuid))} is no id of a flow.`,
      "An id looks like 1b4e28ba-2fa1-4d2b-883f-0016d3cca427; `dropscope observe -o jsonpb` prints them.",
    );
  const input = options["flows"] as string | undefined;
  const isStored = options["problem"] !== undefined || (uuid !== undefined && input === undefined);
  if (input !== undefined || (!isStored && policies.length > 0))
    return work(await readFiles(invocation, input, uuid));
  return withStore(invocation, uuid, work);
}

async function readFiles(
  { loaded, options }: Invocation,
  input: string | undefined,
  uuid: string | undefined,
): Promise<RepairInputs> {
  const { policies } = loaded.config;
  if (policies.length === 0)
    throw usage(
      "--policies is missing: without a store nobody else tells what is in force.",
      "Name the folder of the policies.",
    );
  if (input === "-" && policies.includes("-"))
    throw usage(
      "Standard input cannot be both flows and policies.",
      "Name a file or folder for one of the two.",
    );
  let flow: Flow | undefined;
  const { sinceNs, untilNs } = rangeOf(options, systemClock.now());
  const read =
    input === undefined
      ? undefined
      : await readTraffic(input, {
          ...(sinceNs === undefined ? {} : { sinceNs }),
          ...(untilNs === undefined ? {} : { untilNs }),
          // Every flow passes by here once, standard input too.
          matches: (one) => {
            if (uuid !== undefined && one.uuid === uuid) flow = one;
            return true;
          },
        });
  if (uuid !== undefined && flow === undefined) throw noFlow(uuid, "The file");
  const { config, origins } = loaded;
  const isNamed = origins["cluster-name"] !== "default";
  const profile: Profile = {
    ...PROFILES[config.profile as ProfileName],
    cluster: isNamed ? config["cluster-name"] : (read?.cluster ?? config["cluster-name"]),
  };
  const { manifests, files } = await readPolicies(policies, profile, namespaceOf(options));
  const traffic = read?.traffic;
  const at = traffic === undefined ? systemClock.now() : Number(traffic.untilNs / 1_000_000n);
  const known = clusterOfManifests(manifests, { at, profile });
  const inferred = inferObjects(traffic?.edges ?? [], known.objects);
  const cluster =
    inferred.length === 0
      ? known
      : clusterOfObjects([...known.objects, ...inferred], { at, profile, sources: known.sources });
  return {
    cluster,
    flow,
    problem: undefined,
    files,
    atDrop: () => Promise.resolve(undefined),
    traffic: () => Promise.resolve(traffic ?? null),
  };
}

async function withStore(
  { loaded, options }: Invocation,
  uuid: string | undefined,
  work: Work,
): Promise<void> {
  const { config } = loaded;
  const range = rangeOf(
    { ...options, since: options["since"] ?? DEFAULT_SINCE },
    systemClock.now(),
  );
  const logger = createQuietLogger(config);
  const store = storeToRead(config, logger);
  const { client } = store;
  const judged = createStoredProfile({ loaded, client, clock: systemClock });
  const stopping = new AbortController();
  const { signal } = stopping;
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  const read = async (): Promise<void> => {
    const profile = await judged.known();
    const reader = createReader(client);
    const id = options["problem"] as string | undefined;
    const problem = id === undefined ? undefined : await readProblem(id, client, signal);
    const flow =
      problem === undefined
        ? uuid === undefined
          ? undefined
          : await readFlow(uuid, reader, signal)
        : await exampleOf(problem, reader, signal);
    const now = systemClock.now();
    const at = Math.min(now, Number((range.untilNs ?? BigInt(now) * 1_000_000n) / 1_000_000n));
    const knowledge = { objects: createObjectReader(client), profile };
    const stored = await clusterAt(knowledge, LOCAL_VIEWER, at, "all", signal);
    const { cluster, files } = await withFiles(stored, config.policies, namespaceOf(options));
    await work({
      cluster,
      flow,
      problem,
      files,
      atDrop: async () => {
        const time = Date.parse(problem?.explanation.time ?? flow?.time ?? "");
        const isEarlier = Number.isFinite(time) && time < at && config.policies.length === 0;
        return isEarlier ? clusterAt(knowledge, LOCAL_VIEWER, time, "all", signal) : undefined;
      },
      traffic: (namespaces) =>
        createObservedReader(client).traffic(
          {
            viewer: LOCAL_VIEWER,
            selection: parseFilterWords(
              namespaces.flatMap((one) => ["--namespace", one]),
              { regex: re2 },
            ),
            ...(range.sinceNs === undefined ? {} : { since: range.sinceNs }),
            until: range.untilNs ?? BigInt(now) * 1_000_000n,
          },
          signal,
        ),
    });
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "repair", part },
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

async function readProblem(id: string, client: StoreClient, signal: AbortSignal): Promise<Problem> {
  const found = await createProblemReader(client).problem(id, LOCAL_VIEWER, {}, signal);
  if (found !== undefined) return found;
  throw new DropscopeError("PROBLEM_NOT_FOUND", `The store holds no problem ${shown(id)}.`, {
    next: "`dropscope problems` lists them with their ids; name another store with --data.",
    exitCode: EXIT.noInput,
  });
}

async function readFlow(uuid: string, reader: FlowReader, signal: AbortSignal): Promise<Flow> {
  const flow = (await reader.detail(uuid, LOCAL_VIEWER, signal))?.flow;
  if (flow === undefined) throw noFlow(uuid, "The store");
  return flow;
}

const MOST_EXAMPLES = 3;

/** One flow of a problem whole: the first that tells both ends' labels. */
async function exampleOf(
  { samples }: Problem,
  reader: FlowReader,
  signal: AbortSignal,
): Promise<Flow | undefined> {
  let first: Flow | undefined;
  for (const uuid of samples.slice(0, MOST_EXAMPLES)) {
    const found = (await reader.detail(uuid, LOCAL_VIEWER, signal))?.flow;
    const ends = [found?.source, found?.destination];
    if (ends.every((end) => (end?.labels ?? []).length > 0)) return found;
    first ??= found;
  }
  return first;
}

/** The cluster of the store with the policies of files in place of its own, so that the files are what is edited. */
async function withFiles(
  cluster: TuningCluster,
  paths: readonly string[],
  namespace: string,
): Promise<{ cluster: TuningCluster; files: PolicyFiles }> {
  if (paths.length === 0)
    return { cluster, files: { paths: new Map(), fileFor: ({ name }) => `${name}.yaml` } };
  const { manifests, files } = await readPolicies(paths, cluster.profile, namespace);
  const changed = withPolicies(cluster, {
    set: manifests.policies,
    sources: sourcesOfManifests(manifests),
    remove: cluster.policies.map(objectKey),
  });
  return { cluster: changed, files };
}

async function readPolicies(
  paths: readonly string[],
  { cluster }: Profile,
  namespace: string,
): Promise<{ manifests: Manifests; files: PolicyFiles }> {
  const label = fileLabels(paths);
  const known = new Map<string, string>();
  const labelOf = (path: string): string => {
    const told = label(path);
    if (path !== "-") known.set(told, path);
    return told;
  };
  const manifests = await loadManifests(paths, {
    named: "--policies",
    cluster,
    namespace,
    labelOf,
  });
  const places = manifests.policies.map(({ namespace: own, place }) => ({ own, file: place.file }));
  const fileFor: FileFor = ({ namespace: own, name }) => {
    const beside = places.find((one) => one.own === own && one.file !== "-") ?? places[0];
    const folder = beside === undefined || beside.file === "-" ? "." : dirname(beside.file);
    let path = join(folder, `${name}.yaml`);
    // Another kind may have a file of that name.
    for (let at = 2; known.has(path); at++) path = join(folder, `${name}-${at}.yaml`);
    return path;
  };
  return { manifests, files: { paths: known, fileFor } };
}

const namespaceOf = (options: Invocation["options"]): string => options["namespace"] as string;

const noFlow = (uuid: string, where: string): DropscopeError =>
  new DropscopeError("FLOW_MISSING", `${where} holds no flow ${uuid}.`, {
    next: "It may have been older than the store keeps flows, or belong to another store; name that with --data.",
    exitCode: EXIT.noInput,
  });

const usage = (message: string, next: string): DropscopeError =>
  new DropscopeError("USAGE", message, { next, exitCode: EXIT.usage });
