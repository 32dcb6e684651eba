import { DropscopeError, nearest, type ObservedTraffic, type ReplayAnswer } from "@dropscope/model";
import { parseManifests, type SourceObject } from "@dropscope/policy";
import {
  clusterOfObjects,
  createReplayer,
  readCandidate,
  readinessOf,
  type Replayer,
  suggest,
  type TuningCluster,
  useOfRules,
} from "@dropscope/tuning";
import { lintsOf } from "./candidate-lints.js";
import type {
  ClusterInput,
  TuningAnswers,
  TuningInput,
  TuningKeys,
  TuningQuestion,
  TuningRun,
} from "./question.js";

/** Where traffic and clusters lie while questions about them are answered. */
export interface TuningBench {
  keep(key: string, input: TuningInput): void;
  forget(key: string): void;
  /** @throws DropscopeError of the answer; Error for a key that is not kept */
  answer(question: TuningQuestion, keys: TuningKeys): TuningAnswers[TuningQuestion["of"]];
}

export function createTuningBench(): TuningBench {
  const traffic = new Map<string, ObservedTraffic>();
  /** Made at the first question: one that nobody asks about costs nothing. */
  const clusters = new Map<string, ClusterInput | TuningCluster>();
  /** What is edited: everything is judged by the policies in force once, and each edit costs little more than itself. */
  let edited: { readonly keys: TuningKeys; readonly replayer: Replayer } | undefined;

  function clusterOf(key: string): TuningCluster {
    const found = clusters.get(key);
    if (found === undefined) throw new Error(`no cluster is kept as ${key}`);
    if ("moment" in found) return found;
    const made = clusterOfInput(found);
    clusters.set(key, made);
    return made;
  }

  function trafficOf(key: string): ObservedTraffic {
    const found = traffic.get(key);
    if (found === undefined) throw new Error(`no traffic is kept as ${key}`);
    return found;
  }

  function replayerOf(keys: TuningKeys): Replayer {
    if (edited?.keys.traffic !== keys.traffic || edited.keys.cluster !== keys.cluster)
      edited = { keys, replayer: createReplayer(clusterOf(keys.cluster), trafficOf(keys.traffic)) };
    return edited.replayer;
  }

  function drop(key: string): void {
    if (edited?.keys.traffic === key || edited?.keys.cluster === key) edited = undefined;
  }

  return {
    keep(key, input) {
      drop(key);
      if (input.of === "traffic") traffic.set(key, input.traffic);
      else clusters.set(key, input.cluster);
    },
    forget(key) {
      drop(key);
      traffic.delete(key);
      clusters.delete(key);
    },
    answer(question, keys) {
      const [seen, cluster] = [trafficOf(keys.traffic), clusterOf(keys.cluster)];
      switch (question.of) {
        case "suggestion": {
          const { of: _, namespace, ...options } = question;
          refuseUnknown(namespace, seen, cluster);
          return suggest(seen, cluster, { ...options, namespaces: [namespace] });
        }
        case "replay":
          return replayed(question, replayerOf(keys));
        case "rules":
          return useOfRules(seen, cluster, question);
        case "readiness":
          return readinessOf(seen, cluster, question);
      }
    },
  };
}

/** Of a name that is misspelt nothing is seen either; that it is not there says more. */
function refuseUnknown(
  namespace: string,
  { edges }: ObservedTraffic,
  { objects }: TuningCluster,
): void {
  const names = objects.flatMap((one) => (one.kind === "Namespace" ? [one.name] : []));
  if (edges.length > 0 || names.length === 0 || names.includes(namespace)) return;
  const near = nearest(namespace, names);
  throw new DropscopeError(
    "TUNING_NO_NAMESPACE",
    `There is no namespace ${JSON.stringify(namespace)}, neither in the cluster nor in the flows.`,
    { next: near === undefined ? "Name one that is there." : `Did you mean ${near}?` },
  );
}

function replayed(
  { yaml, remove }: Extract<TuningQuestion, { readonly of: "replay" }>,
  replayer: Replayer,
): ReplayAnswer {
  const { cluster } = replayer;
  const candidate = readCandidate(yaml, { cluster: cluster.profile.cluster, remove });
  const answer = replayer.replay(candidate);
  // Lints tell of what reading found as well, and say it better.
  return { ...answer, problems: lintsOf(yaml, candidate, cluster) };
}

function clusterOfInput({ at, profile, objects, texts }: ClusterInput): TuningCluster {
  const sources = new Map<string, SourceObject>();
  for (const { key, file, text } of texts) {
    const [source] = parseManifests(text, file, { cluster: profile.cluster }).sources;
    if (source !== undefined) sources.set(key, source);
  }
  const since = texts.flatMap((text) =>
    text.since === undefined ? [] : [[text.key, text.since] as const],
  );
  return clusterOfObjects(objects, { at, profile, sources, since: new Map(since) });
}

/** Answers at once, where it stands: for tests, which have no thread. */
export function answerInPlace(): TuningRun {
  const bench = createTuningBench();
  return {
    life: 0,
    keep: (key, input) => bench.keep(key, input),
    forget: (key) => bench.forget(key),
    ask: async (question, keys) => bench.answer(question, keys),
    stop: () => undefined,
  };
}
