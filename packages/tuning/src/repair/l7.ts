import { type Flow, urlPath } from "@dropscope/model";
import { type L7List, normalizeName, pathSteps, requestText } from "@dropscope/policy";
import type { Values } from "./allow.js";
import { type Candidate, ORDER } from "./candidate.js";
import { record, valueAt } from "./path.js";

/** The request that was refused, as an entry of the lists that it went through. */
export function l7Candidates(lists: readonly L7List[], flow: Flow, values: Values): Candidate[] {
  const entry = entryOf(flow);
  if (entry === undefined) return [];
  return lists.flatMap(({ account: { policy, rule }, rules, answer }): Candidate[] => {
    const path = [...pathSteps(rules.place.path), entry.list];
    if (!Array.isArray(valueAt(values(policy), path))) return [];
    return [
      {
        kind: "request",
        policy,
        operations: [{ op: "add", path: [...path, "-"], value: entry.value }],
        title: `Let ${requestText(flow)} pass in the ${entry.list} rules of ${rule.place.path}`,
        effect: entry.effect,
        // Of several lists the one that comes nearest.
        order: ORDER.request + answer.cost / 10,
      },
    ];
  });
}

interface L7Entry {
  readonly list: "http" | "dns";
  readonly value: Readonly<Record<string, string>>;
  readonly effect: string;
}

/** Undefined where the flow shows too little of the request. */
function entryOf({ l7 }: Flow): L7Entry | undefined {
  if (l7?.dns?.query)
    return {
      list: "dns",
      value: { matchName: normalizeName(l7.dns.query) },
      effect:
        "Lookups of this one name pass; what the resolver's search list appends is another name.",
    };
  const { method = "", url = "" } = record(l7?.http) as { method?: string; url?: string };
  const path = urlPath(url) ?? "";
  if (method === "" || path === "") return undefined;
  const asked = /\?/.test(url);
  return {
    list: "http",
    value: { method, path: `${escaped(path)}${asked ? "(\\?.*)?" : ""}` },
    effect: asked
      ? "Everybody whom that rule names may send it, with whatever parameters."
      : "Everybody whom that rule names may send it, without parameters.",
  };
}

/** Paths of policies are regular expressions. */
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
