import { createHash } from "node:crypto";
import {
  type DropExplanation,
  type Flow,
  type Folded,
  layer4,
  type Peer,
  peerOf,
  type PolicyName,
} from "@dropscope/model";
import { networkOf } from "./network.js";

/** What folds: equal keys are one problem. */
export interface ProblemKey {
  readonly id: string;
  readonly folded: Folded;
  readonly source: Peer;
  readonly destination: Peer;
  readonly protocol: string;
  readonly port: number;
  readonly policies: readonly PolicyName[];
}

export interface FoldKeys {
  readonly exact: ProblemKey;
  /** The coarser keys that it belongs to, the finest first. Made when asked for. */
  readonly coarser: () => readonly ProblemKey[];
  /** Who is affected: `namespace/pod`; empty where neither end is a pod. */
  readonly pod: string;
  /** The other end: `namespace/pod`, DNS name, entity or address. */
  readonly peer: string;
}

/** The name under which an address was looked up, where the flow does not tell it. */
export type NameOf = (flow: Flow, end: "source" | "destination") => string | undefined;

const WORLD: Peer = { kind: "entity", namespace: "", name: "world" };
const ANYBODY: Peer = { kind: "unknown", namespace: "", name: "" };

/** Keys of an explained flow, from the one that tells everything apart to the one that tells nothing. */
export function keysOf(flow: Flow, explanation: DropExplanation, nameOf: NameOf): FoldKeys {
  const turned = isAnswer(flow);
  const [from, to] = turned
    ? (["destination", "source"] as const)
    : (["source", "destination"] as const);
  const source = endOf(flow, from, nameOf);
  const destination = endOf(flow, to, nameOf);
  const found = layer4(flow);
  const protocol = found?.name ?? "";
  const port = (turned ? found?.ports?.source : found?.ports?.destination) ?? 0;
  // What somebody can do something about is inside the cluster, and of two pods the one that asks.
  const ownIsSource = source.peer.namespace !== "" || destination.peer.namespace === "";
  const own = ownIsSource ? source : destination;
  const far = ownIsSource ? destination : source;
  const policies = responsible(explanation);
  const { outcome, direction, reason } = explanation;

  const keyOf = (
    folded: Folded,
    ends: { own: Peer; far: Peer },
    at: { port: number; policies: readonly PolicyName[]; protocol: string; reason: string },
  ): ProblemKey => {
    const [first, second] = ownIsSource ? [ends.own, ends.far] : [ends.far, ends.own];
    const names = at.policies.map(({ kind, namespace, name }) => [kind, namespace, name]);
    const parts = [
      folded,
      textOf(first),
      textOf(second),
      at.protocol,
      at.port,
      direction,
      outcome,
      at.reason,
      names,
    ];
    return {
      id: idOf(JSON.stringify(parts)),
      folded,
      source: first,
      destination: second,
      protocol: at.protocol,
      port: at.port,
      policies: at.policies,
    };
  };

  const coarser = (): ProblemKey[] => {
    const keys: ProblemKey[] = [];
    const all = { port, policies, protocol, reason };
    const ends = { own: own.peer, far: far.peer };
    if (far.peer.kind === "ip") {
      const network = networkOf(far.peer.name);
      if (network !== undefined)
        keys.push(keyOf("addresses", { ...ends, far: { ...far.peer, name: network } }, all));
      keys.push(keyOf("addresses", { ...ends, far: WORLD }, all));
      keys.push(keyOf("ports", { ...ends, far: WORLD }, { ...all, port: 0 }));
    } else keys.push(keyOf("ports", ends, { ...all, port: 0 }));
    const rest = { port: 0, policies: [], protocol: "", reason: "" };
    const namespace = own.peer.namespace;
    keys.push(
      keyOf("peers", { ...ends, far: ANYBODY }, { ...all, port: 0 }),
      keyOf("workloads", { own: { ...ANYBODY, namespace }, far: ANYBODY }, rest),
      keyOf("everything", { own: ANYBODY, far: ANYBODY }, rest),
    );
    return keys;
  };

  return {
    exact: keyOf("", { own: own.peer, far: far.peer }, { port, policies, protocol, reason }),
    coarser: once(coarser),
    pod: own.pod,
    peer: far.pod || far.peer.name,
  };
}

/** Drops come in thousands with the same few keys: so many hashes are kept. */
const MOST_IDS = 10_000;
const ids = new Map<string, string>();

function idOf(text: string): string {
  let id = ids.get(text);
  if (id !== undefined) return id;
  id = createHash("sha256").update(text).digest("hex").slice(0, 16);
  if (ids.size >= MOST_IDS) ids.clear();
  ids.set(text, id);
  return id;
}

interface End {
  readonly peer: Peer;
  readonly pod: string;
}

/** Entities that stand for any address of the internet: there the address says more. */
const OUTSIDE = new Set(["world", "world-ipv4", "world-ipv6"]);

function endOf(flow: Flow, end: "source" | "destination", nameOf: NameOf): End {
  const peer = peerOf(flow, end);
  const name = flow[end]?.pod_name ?? "";
  const pod = name === "" ? "" : `${flow[end]?.namespace ?? ""}/${name}`;
  const isOutside = peer.kind === "ip" || (peer.kind === "entity" && OUTSIDE.has(peer.name));
  const address = flow.IP?.[end] ?? "";
  if (!isOutside || address === "") return { peer, pod };
  const known = nameOf(flow, end);
  if (known !== undefined && known !== "")
    return { peer: { kind: "name", namespace: "", name: known }, pod };
  return { peer: { kind: "ip", namespace: "", name: address }, pod };
}

/** An answer goes to a port that is new for each connection; what was asked for is where it comes from. */
function isAnswer(flow: Flow): boolean {
  const flags = flow.l4?.TCP?.flags;
  return flow.is_reply === true || (flags?.SYN === true && flags.ACK === true);
}

/** By the list of an explanation, which equal drops share. */
const named = new WeakMap<readonly PolicyName[], readonly PolicyName[]>();

/** Policies that denied it; where none did, those that make deny the default. */
function responsible({ denying, selecting }: DropExplanation): readonly PolicyName[] {
  const told = denying.length > 0 ? denying : selecting;
  let policies = named.get(told);
  if (policies !== undefined) return policies;
  const names = new Map<string, PolicyName>();
  for (const { kind, namespace, name } of told)
    names.set(JSON.stringify([kind, namespace, name]), { kind, namespace, name });
  policies = [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, policy]) => policy);
  named.set(told, policies);
  return policies;
}

/** `kind` is left out: of one workload some flows tell the kind and some only the pod's name. */
function textOf({ kind, namespace, name }: Peer): string[] {
  return [kind === "workload" || kind === "pod" ? "pod" : kind, namespace, name];
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
