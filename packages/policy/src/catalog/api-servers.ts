import type { Service } from "../objects.js";
import { addressKey } from "./addresses.js";
import type { VersionStore } from "./store.js";

/** Every cluster keeps this Service for its API server; Cilium takes its backends for the entity kube-apiserver. */
const SERVICE = { kind: "Service", namespace: "default", name: "kubernetes" } as const;

/** Whether the cluster's API server answers at an address at a moment. */
export interface ApiServers {
  isAt(address: string, time: number): boolean;
}

/** @param told addresses that are known to be those of an API server whatever the objects say */
export function createApiServers(
  store: Pick<VersionStore, "at">,
  told: readonly string[],
): ApiServers {
  const always = new Set(told.map(addressKey));
  const behind = new WeakMap<Service, ReadonlySet<string>>();

  const backendsAt = (time: number): ReadonlySet<string> | undefined => {
    const found = store.at(SERVICE, time)?.object;
    if (found?.kind !== "Service") return undefined;
    let known = behind.get(found.value);
    // What an older build stored may lack what this one looks for.
    if (known === undefined)
      behind.set(
        found.value,
        (known = new Set((found.value.backendAddresses ?? []).map(addressKey))),
      );
    return known;
  };

  return {
    isAt: (address, time) => {
      const key = addressKey(address);
      return always.has(key) || backendsAt(time)?.has(key) === true;
    },
  };
}
