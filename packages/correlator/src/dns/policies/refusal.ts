import type { PolicyName } from "@dropscope/model";
import type { Case } from "../../explain/case.js";
import { withoutSuffix } from "../names/cluster-names.js";
import { answersName, dnsLists, policiesOfClient, uniqueNames } from "./fqdn-rules.js";

/** A query that the DNS proxy refused because no list of names has it. */
export interface RefusalVerdict {
  /** The name that the application asked for, as far as it can be told. */
  readonly name: string;
  /** The name is allowed; what the resolver made of it with the search list is not. */
  readonly isExpansion: boolean;
  readonly policies: readonly PolicyName[];
}

interface Asked {
  readonly query: string;
  /** The proxy itself says that it dropped the query. */
  readonly refused: boolean;
  readonly namespace: string;
  readonly clusterDomain: string;
  readonly port: number;
}

/** Undefined when the policies give no reason: then the server behind the proxy refused, or nobody knows. */
export function judgeRefusal(one: Case, asked: Asked): RefusalVerdict | undefined {
  const { query, refused, namespace, clusterDomain, port } = asked;
  const lists = dnsLists(one, port);
  if (answersName(lists, query)) return undefined;
  // Without a list nothing but the proxy's own word says that it was the proxy.
  if (lists.length === 0 && !refused) return undefined;
  const base = withoutSuffix(query, namespace, clusterDomain);
  const isExpansion = base !== undefined && answersName(lists, base);
  const policies =
    lists.length > 0 ? lists.map(({ policy }) => policy) : policiesOfClient(one).filter(isProxied);
  return { name: isExpansion ? base : query, isExpansion, policies: uniqueNames(policies) };
}

function isProxied({ rules }: ReturnType<typeof policiesOfClient>[number]): boolean {
  return rules.some(
    ({ ports, action }) =>
      action === "allow" && ports !== "any" && ports.some(({ l7 }) => l7?.kind === "dns"),
  );
}
