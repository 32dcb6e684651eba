import type { PolicyName } from "@dropscope/model";
import {
  type FqdnMatch,
  matchesName,
  matchesPeers,
  matchesPort,
  type Policy,
  type Rule,
} from "@dropscope/policy";
import type { Case } from "../../explain/case.js";

/** The names that one rule lets through the DNS proxy. Empty: every name. */
export interface DnsList {
  readonly policy: Policy;
  readonly names: readonly FqdnMatch[];
}

export function policiesOfClient({ from, moment }: Case): readonly Policy[] {
  return moment.selecting({ ...from.endpoint, local: true }, "egress");
}

/** Lists of names (`rules.dns`) on the client's way to this server. */
export function dnsLists(one: Case, port: number): DnsList[] {
  const { to, moment, layer, from } = one;
  const context = moment.context(from.endpoint);
  const protocol = layer?.protocol ?? "UDP";
  const found: DnsList[] = [];
  for (const policy of policiesOfClient(one))
    for (const rule of policy.rules) {
      if (!isAllowed(rule) || rule.ports === "any") continue;
      if (!matchesPeers(rule, to.endpoint, context)) continue;
      for (const entry of rule.ports)
        if (entry.l7?.kind === "dns" && matchesPort(entry, protocol, port, to.endpoint))
          found.push({ policy, names: entry.l7.dns });
    }
  return found;
}

/** Whether the proxy lets the query through. */
export function answersName(lists: readonly DnsList[], name: string): boolean {
  return lists.some(
    ({ names }) => names.length === 0 || names.some((match) => matchesName(match, name)),
  );
}

export function hasNames(rule: Rule): boolean {
  return isAllowed(rule) && rule.peers !== "any" && rule.peers.some(({ of }) => of === "fqdn");
}

/**
 * Policies with toFQDNs rules of a client that asks this server without any list of names
 * in between: the proxy sees no answer of it, so that the rules match no address.
 */
export function judgeNames(one: Case): readonly PolicyName[] | undefined {
  const policies = policiesOfClient(one).filter(({ rules }) => rules.some(hasNames));
  if (policies.length === 0 || one.to.known === "not") return undefined;
  return dnsLists(one, one.layer?.port ?? 53).length > 0 ? undefined : uniqueNames(policies);
}

function isAllowed({ direction, action }: Rule): boolean {
  return direction === "egress" && action === "allow";
}

export function uniqueNames(policies: readonly Policy[]): PolicyName[] {
  const found = new Map<string, PolicyName>();
  for (const { kind, namespace, name } of policies)
    found.set(`${kind}/${namespace}/${name}`, { kind, namespace, name });
  return [...found.values()];
}
