import type { ReplayAnswer } from "@dropscope/model";
import type { Policy } from "@dropscope/policy";
import { type Candidate, policiesByObject } from "./candidate.js";

/** What the candidate does to each policy that it names, added ones first. */
export function changesOf(
  before: ReadonlyMap<string, readonly Policy[]>,
  { set, remove }: Candidate,
): ReplayAnswer["changes"] {
  const after = policiesByObject(set);
  const changes: ReplayAnswer["changes"][number][] = [];
  for (const [key, specs] of after) {
    const old = before.get(key);
    const change =
      old === undefined ? "added" : meaning(old) === meaning(specs) ? "same" : "changed";
    changes.push({ policy: nameOf(specs), change });
  }
  for (const key of new Set(remove)) {
    const old = before.get(key);
    if (old !== undefined && !after.has(key))
      changes.push({ policy: nameOf(old), change: "removed" });
  }
  return changes.sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change));
}

const ORDER = ["added", "changed", "removed", "same"];

function nameOf(specs: readonly Policy[]): ReplayAnswer["changes"][number]["policy"] {
  const [{ kind, namespace, name }] = specs as readonly [Policy, ...Policy[]];
  return { kind, namespace, name };
}

/** Equal for policies that say the same, wherever it stands and whichever copy it is. */
function meaning(specs: readonly Policy[]): string {
  return JSON.stringify(specs, (key, value: unknown) =>
    key === "place" || key === "uid" ? undefined : value,
  );
}
