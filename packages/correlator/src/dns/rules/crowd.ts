import type { Ledger } from "../ledger/ledger.js";
import { SLOT_MS } from "../limits.js";

/** What the clients of one server meet at the same time, which tells how far a failure reaches. */
export interface Crowd {
  /** Namespaces of the clients that were dropped at the server's ingress within the window. */
  shutOut(serverKey: string, slot: number): ReadonlySet<string>;
  /** How far a failure within the window reaches that a pod of this node has. */
  scope(serverKey: string, slot: number, node: string): Scope;
}

/** One pod, the pods of one node, or clients all over. */
export const SCOPES = ["pod", "node", "cluster"] as const;
export type Scope = (typeof SCOPES)[number];

/** A pod that asked: where, and whether some query had no answer. */
export interface Asking {
  readonly pod: string;
  readonly node: string;
  readonly failed: boolean;
}

interface Numbers {
  pods: number;
  failing: number;
}

interface Summary extends Numbers {
  readonly nodes: Map<string, Numbers>;
}

/**
 * Looks at all clients once for each server and slot, and keeps the answers: for one evaluation only.
 * @param asking attempts of a client at a server in one slot
 */
export function createCrowd(
  ledgers: () => Iterable<Ledger>,
  windowMs: number,
  asking: (ledger: Ledger, serverKey: string, slot: number) => Iterable<Asking>,
): Crowd {
  const reach = Math.ceil(windowMs / SLOT_MS);
  const namespaces = new Map<string, ReadonlySet<string>>();
  const pods = new Map<string, ReadonlyMap<string, Asking>>();
  const unions = new Map<string, ReadonlySet<string>>();
  const summaries = new Map<string, Summary>();

  const namespacesIn = (serverKey: string, slot: number): ReadonlySet<string> =>
    remember(namespaces, `${slot} ${serverKey}`, () => {
      const found = new Set<string>();
      for (const { client, slots } of ledgers())
        for (const { verdict } of slots.get(slot)?.servers.get(serverKey)?.drops.values() ?? [])
          if (verdict.direction === "ingress") found.add(client.namespace || client.key);
      return found;
    });

  const podsIn = (serverKey: string, slot: number): ReadonlyMap<string, Asking> =>
    remember(pods, `${slot} ${serverKey}`, () => {
      const found = new Map<string, Asking>();
      for (const ledger of ledgers())
        for (const one of asking(ledger, serverKey, slot))
          if (one.failed || !found.has(one.pod)) found.set(one.pod, one);
      return found;
    });

  const summaryOf = (serverKey: string, slot: number): Summary =>
    remember(summaries, `${slot} ${serverKey}`, () => {
      const all = new Map<string, Asking>();
      for (let at = slot - reach; at <= slot + reach; at++)
        for (const [pod, one] of podsIn(serverKey, at))
          if (one.failed || !all.has(pod)) all.set(pod, one);
      return summarize(all.values());
    });

  return {
    shutOut: (serverKey, slot) =>
      remember(unions, `${slot} ${serverKey}`, () => {
        const found = new Set<string>();
        for (let at = slot - reach; at <= slot + reach; at++)
          for (const namespace of namespacesIn(serverKey, at)) found.add(namespace);
        return found;
      }),
    scope: (serverKey, slot, node) => scopeOf(summaryOf(serverKey, slot), node),
  };
}

/**
 * Everywhere: most of the pods that ask fail, on more than one node. One node: most of its pods,
 * and more than one. Else the pod alone.
 */
function scopeOf({ pods, failing, nodes }: Summary, node: string): Scope {
  const failingNodes = [...nodes.values()].filter((one) => one.failing > 0).length;
  if (failingNodes >= 2 && failing * 2 > pods) return "cluster";
  const own = nodes.get(node) ?? { pods: 0, failing: 0 };
  return own.failing >= 2 && own.failing * 2 > own.pods ? "node" : "pod";
}

function summarize(all: Iterable<Asking>): Summary {
  const summary: Summary = { pods: 0, failing: 0, nodes: new Map() };
  for (const { node, failed } of all) {
    const own = summary.nodes.get(node) ?? { pods: 0, failing: 0 };
    summary.nodes.set(node, own);
    for (const numbers of [summary, own]) {
      numbers.pods++;
      if (failed) numbers.failing++;
    }
  }
  return summary;
}

function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
