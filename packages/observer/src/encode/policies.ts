import { createWire, type Wire } from "@dropscope/hubble";
import type { Wide } from "@dropscope/store";
import { key64, type Columns } from "./columns.js";
import { putStrings } from "./put.js";
import { bytes, varint } from "./tags.js";

/** Policies as bytes, by their keys in the store; those never change. */
export type KnownPolicies = Map<string, Uint8Array>;

const KEPT = 10_000;

/** Writes one of the lists of `flow.Policy` that a verdict names. */
export function createPolicies(
  columns: Columns,
  name: string,
  known: KnownPolicies,
): (wire: Wire, number: number, row: number) => void {
  const list = columns.lists(name);
  const { words } = list.items as Wide;
  return (wire, number, row) => {
    const end = list.ends[row] as number;
    for (let at = row === 0 ? 0 : (list.ends[row - 1] as number); at < end; at++) {
      const key = key64(words, at);
      let message = known.get(key);
      if (message === undefined) {
        if (known.size >= KEPT) known.clear();
        message = encodePolicy(columns.block.policy(key) ?? {});
        known.set(key, message);
      }
      wire.delimited(bytes(number), message, 0, message.length);
    }
  };
}

interface Policy {
  name?: string;
  namespace?: string;
  labels?: readonly string[];
  revision?: string | number;
  kind?: string;
}

function encodePolicy(policy: Policy): Uint8Array {
  const wire = createWire();
  if (policy.name !== undefined) wire.string(bytes(1), policy.name);
  if (policy.namespace !== undefined) wire.string(bytes(2), policy.namespace);
  putStrings(wire, 3, policy.labels ?? []);
  if (policy.revision !== undefined) wire.varint64(varint(4), BigInt(policy.revision));
  if (policy.kind !== undefined) wire.string(bytes(5), policy.kind);
  return wire.bytes();
}
