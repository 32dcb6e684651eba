import type { Peer, PortMatch, Rule } from "../../../policy.js";
import { numbersContain, peerContains, sameL7 } from "../../compare/rules.js";
import type { LintContext } from "../../context/context.js";
import type { Place } from "../../../place.js";
import type { Policy } from "../../../policy.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

const MAX_ENTRIES = 500;

export const NP303: LintRule = {
  id: "NP303",
  title: "Port or block within another of the same rule",
  severity: "low",
  needs: "spec",
  help: {
    why: "The entry is part of another entry of the same list and changes nothing.",
    fix: "Remove the entry.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        yield* checkPeers(context, policy, rule);
        yield* checkPorts(context, policy, rule);
      }
  },
};

function* checkPeers(context: LintContext, policy: Policy, rule: Rule): Iterable<Draft> {
  if (rule.peers === "any" || rule.peers.length > MAX_ENTRIES) return;
  const blocks = rule.peers.filter((peer) => peer.of === "cidr");
  for (const [inner, outer] of within(blocks, peerContains))
    yield* draft(
      context,
      policy,
      inner.place,
      `${ruleName(rule)} of ${policyName(policy)} lists ${blockText(inner)}, which is within ${blockText(outer)}.`,
    );
}

function* checkPorts(context: LintContext, policy: Policy, rule: Rule): Iterable<Draft> {
  if (rule.ports === "any" || rule.ports.length > MAX_ENTRIES) return;
  for (const [inner, outer] of within(rule.ports, portContains))
    yield* draft(
      context,
      policy,
      inner.place,
      `${ruleName(rule)} of ${policyName(policy)} lists ${portText(inner)}, which is within ${portText(outer)}.`,
    );
}

/** Entries with another that has them; of equal ones the later. */
function* within<T>(
  entries: readonly T[],
  contains: (outer: T, inner: T) => boolean,
): Iterable<[T, T]> {
  for (const [i, inner] of entries.entries()) {
    const outer = entries.find(
      (other, j) => i !== j && contains(other, inner) && (j < i || !contains(inner, other)),
    );
    if (outer !== undefined) yield [inner, outer];
  }
}

function portContains(outer: PortMatch, inner: PortMatch): boolean {
  return (
    inner.protocols.every((protocol) => outer.protocols.includes(protocol)) &&
    numbersContain(outer, inner) &&
    sameL7(outer.l7, inner.l7)
  );
}

function* draft(
  context: LintContext,
  policy: Policy,
  place: Place,
  message: string,
): Iterable<Draft> {
  const found = at(context, policy, place);
  if (!found) return;
  // The block stands in an entry of its own.
  const { on, path } = found;
  const where = { on, path: path.at(-1) === "ipBlock" ? path.slice(0, -1) : path };
  yield {
    ...where,
    message,
    ...(isListed(where, 2) ? { operations: [{ op: "remove", path: where.path }] } : {}),
  };
}

/** Whether the path is an entry of a list with that many, so that taking one out does not leave the list empty, which would mean something else. */
function isListed({ on, path }: Pick<Draft, "on" | "path">, atLeast: number): boolean {
  let value: unknown = on.value;
  for (const step of path.slice(0, -1))
    value =
      typeof value === "object" && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined;
  return typeof path.at(-1) === "number" && Array.isArray(value) && value.length >= atLeast;
}

function blockText({ cidr, except }: Extract<Peer, { of: "cidr" }>): string {
  return except.length === 0 ? cidr : `${cidr} except ${except.join(", ")}`;
}

function portText(port: PortMatch): string {
  const protocols = port.protocols.join("/");
  if (port.of === "name") return `port ${port.name} (${protocols})`;
  if (port.first === port.last) return `port ${port.first} (${protocols})`;
  return `ports ${port.first} to ${port.last} (${protocols})`;
}
