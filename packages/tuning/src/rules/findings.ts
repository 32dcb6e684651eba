import type { Evidence, RuleFinding } from "@dropscope/model";
import type { Rule } from "@dropscope/policy";
import type { Hits } from "./hits.js";
import { coverageWords } from "./coverage-words.js";
import { counted, minute, ruleSentence, some, subjectWords } from "./words.js";

const HOUR_MS = 3_600_000;

/** How long and how closely a rule was watched. */
export interface Watched {
  readonly evidence: Evidence;
  /** Hours since 1970 in which anything was stored. */
  readonly hours: readonly number[];
  /** From when on its policy says what it says, ms since 1970; undefined when that was before the range, or is not known. */
  readonly since: number | undefined;
  /** Connections of the policy's pods that were observed in the rule's direction. */
  readonly seen: number;
}

/**
 * Nothing used the rule that allows, as far as was looked: no flow, and no connection that it would have matched.
 * Where nothing at all was observed since it is there, that says nothing.
 */
export function neverUsed(
  { ref, matched, edges, uncertain }: Hits,
  { evidence, hours, since, seen }: Watched,
): RuleFinding | undefined {
  const { rule, policy } = ref;
  if (matched > 0 || edges > 0 || uncertain > 0 || evidence.flows === 0) return undefined;
  // That nobody tries what a rule denies is no reason to remove it.
  if (rule.action === "deny") return undefined;
  // It is there to make deny the default.
  if (rule.peers.length === 0 || rule.ports.length === 0) return undefined;
  // Who has names to look up may do so tomorrow; without the rule he stalls.
  if (isForLookups(rule)) return undefined;
  const whole = since === undefined ? hours : hours.filter((hour) => (hour + 1) * HOUR_MS > since);
  if (whole.length === 0) return undefined;
  const young =
    since === undefined
      ? coverageWords(evidence)
      : `in the ${counted(whole.length, "hour")} observed since its policy became what it is (${minute(since)})`;
  const others =
    seen === 0
      ? `no connection of ${subjectWords(policy)} was seen at all`
      : `${counted(seen, "other connection")} of ${subjectWords(policy)} ${seen === 1 ? "was" : "were"} seen`;
  return {
    kind: "never-used",
    says: `Nothing used it ${young}; ${others}.`,
    yaml: "",
  };
}

/** It matches connections, and other rules decide every one of them. */
export function outdone({ ref, matched, edges, outdone: others }: Hits): RuleFinding | undefined {
  if (matched === 0 || edges > 0 || others.size === 0) return undefined;
  const names = [...others.values()]
    .sort((a, b) => b.edges - a.edges)
    .map(({ ref: { policy, rule } }) => {
      const name = policy.namespace === "" ? policy.name : `${policy.namespace}/${policy.name}`;
      return `${rule.place.path} of ${policy.kind} ${name}`;
    });
  const isSame = ruleSentence(ref.policy, ref.rule);
  const same = [...others.values()].some(
    ({ ref: other }) => ruleSentence(other.policy, other.rule) === isSame,
  );
  return {
    kind: same ? "duplicate" : "shadowed",
    says: `It matches ${counted(matched, "connection")} that ${matched === 1 ? "was" : "were"} seen, and decides none: ${some(names)} ${names.length === 1 ? "does" : "do"}.`,
    yaml: "",
  };
}

const LOOKUP_PORTS: ReadonlySet<number> = new Set([53, 5353]);

function isForLookups({ direction, ports }: Rule): boolean {
  return (
    direction === "egress" &&
    ports !== "any" &&
    ports.every(
      (port) => port.of === "number" && port.first === port.last && LOOKUP_PORTS.has(port.first),
    )
  );
}
