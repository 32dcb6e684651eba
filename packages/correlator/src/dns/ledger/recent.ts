import { createHash } from "node:crypto";
import type { Observation } from "../read/observation.js";

/** Remembers what was seen, so that a flow that is delivered again counts once. */
export interface Recent {
  /** Whether it is new; remembers it. */
  isNew(seen: Observation): boolean;
  size(): number;
}

/** Two generations of `max` each: the older one is forgotten when the younger is full. */
export function createRecent(max = 100_000): Recent {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    isNew: (seen) => {
      const key = seen.uuid === "" ? fingerprint(seen) : seen.uuid;
      if (young.has(key) || old.has(key)) return false;
      young.add(key);
      if (young.size >= max) {
        old = young;
        young = new Set();
      }
      return true;
    },
    size: () => young.size + old.size,
  };
}

/** Without an id, flows that are equal in everything that is looked at are one. */
function fingerprint({ flow, time, node, layer, kind }: Observation): string {
  const parts = [time, node, layer, kind, flow.IP, flow.l4, flow.l7, flow.verdict];
  const more = [flow.traffic_direction, flow.trace_observation_point];
  return createHash("sha1")
    .update(JSON.stringify([...parts, ...more]))
    .digest("base64");
}
