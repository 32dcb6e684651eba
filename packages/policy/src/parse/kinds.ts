import type { Manifests } from "../objects.js";
import type { Slot } from "../source/slot.js";
import { readCiliumPolicy } from "./cilium-policy.js";
import { readNetworkPolicy } from "./network-policy.js";
import type { Report } from "./report.js";

/** One object to be read, and where its problems go. */
export interface ObjectInput {
  readonly root: Slot;
  readonly report: Report;
  /** Its namespace is empty for clusterwide kinds. */
  readonly object: { readonly namespace: string; readonly name: string };
  readonly uid: { readonly uid?: string };
  /** The cluster that selectors mean when they name none. */
  readonly cluster: string;
}

/** What an object adds to the manifests; nothing, when it was refused. */
export type Contribution = {
  readonly [Part in Exclude<keyof Manifests, "problems" | "sources">]?: Manifests[Part];
};

export interface Kind {
  /** Versions of the API that dropscope reads; another one of a known kind is reported. */
  readonly versions: readonly string[];
  readonly namespaced: boolean;
  read(input: ObjectInput): Contribution;
}

/** By API group and kind; the core group is empty. */
export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [
    "networking.k8s.io/NetworkPolicy",
    {
      versions: ["v1"],
      namespaced: true,
      read: (input) => ({ policies: present(readNetworkPolicy(input)) }),
    },
  ],
  [
    "cilium.io/CiliumNetworkPolicy",
    {
      versions: ["v2"],
      namespaced: true,
      read: (input) => ({ policies: readCiliumPolicy(input, "CiliumNetworkPolicy") }),
    },
  ],
  [
    "cilium.io/CiliumClusterwideNetworkPolicy",
    {
      versions: ["v2"],
      namespaced: false,
      read: (input) => ({ policies: readCiliumPolicy(input, "CiliumClusterwideNetworkPolicy") }),
    },
  ],
]);

/** Groups whose every kind is about policies: an unknown one is worth a word. */
export const POLICY_GROUPS: ReadonlySet<string> = new Set([
  "networking.k8s.io",
  "cilium.io",
  "policy.networking.k8s.io",
]);

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
