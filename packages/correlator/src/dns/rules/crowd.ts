import type { Ledger } from "../ledger/ledger.js";
import { slotsAround } from "../ledger/ledger.js";
import { SLOT_MS } from "../limits.js";

/** What the clients of one server meet at the same time, which tells how far a failure reaches. */
export interface Crowd {
  /** Namespaces of the clients that were dropped at the server's ingress within the window. */
  shutOut(serverKey: string, slot: number): ReadonlySet<string>;
  /** Clients within the window, by pod: the node, and whether some query had no answer. */
  asking(serverKey: string, slot: number): ReadonlyMap<string, Asking>;
}

export interface Asking {
  readonly node: string;
  failing: boolean;
}

/** How far a failure reaches: one pod, the pods of one node, or clients all over. */
export const SCOPES = ["pod", "node", "cluster"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Looks at all clients once for each server and slot, and keeps the answer: for one evaluation only.
 * @param failing pods and nodes of unanswered and of all attempts at a server in a client's slot
 */
export function createCrowd(
  ledgers: () => Iterable<Ledger>,
  windowMs: number,
  failing: (
    ledger: Ledger,
    serverKey: string,
    slot: number,
  ) => Iterable<{ readonly pod: string; readonly node: string; readonly failed: boolean }>,
): Crowd {
  const shutOut = new Map<string, Set<string>>();
  const asking = new Map<string, Map<string, Asking>>();
  return {
    shutOut: (serverKey, slot) =>
      remember(shutOut, `${serverKey} ${slot}`, () => {
        const found = new Set<string>();
        for (const ledger of ledgers())
          for (const { servers } of slotsAround(ledger, slot, windowMs))
            for (const { direction } of servers.get(serverKey)?.drops.values() ?? [])
              if (direction === "ingress") found.add(ledger.client.namespace || ledger.client.key);
        return found;
      }),
    asking: (serverKey, slot) =>
      remember(asking, `${serverKey} ${slot}`, () => {
        const found = new Map<string, Asking>();
        const reach = Math.ceil(windowMs / SLOT_MS);
        for (const ledger of ledgers())
          for (let number = slot - reach; number <= slot + reach; number++)
            for (const { pod, node, failed } of failing(ledger, serverKey, number)) {
              const known = found.get(pod);
              if (known === undefined) found.set(pod, { node, failing: failed });
              else known.failing ||= failed;
            }
        return found;
      }),
  };
}

/**
 * Everywhere: most of the pods that ask fail, on more than one node. One node: most of its pods,
 * and more than one. Else the pod alone.
 */
export function scopeOf(asking: ReadonlyMap<string, Asking>, node: string): Scope {
  const all = [...asking.values()];
  const failing = all.filter((one) => one.failing);
  const nodes = new Set(failing.map((one) => one.node));
  if (nodes.size >= 2 && failing.length * 2 > all.length) return "cluster";
  const own = all.filter((one) => one.node === node);
  const ownFailing = own.filter((one) => one.failing);
  return ownFailing.length >= 2 && ownFailing.length * 2 > own.length ? "node" : "pod";
}

function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
