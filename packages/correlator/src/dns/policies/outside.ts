import type { PolicyName } from "@dropscope/model";
import {
  type Connection,
  type Endpoint,
  isDenial,
  normalizeName,
  type Protocol,
} from "@dropscope/policy";
import type { Case } from "../../explain/case.js";
import { hasNames, policiesOfClient, uniqueNames } from "./fqdn-rules.js";

/** A client that has toFQDNs rules, with what was dropped on its way to an address outside. */
export interface OutsideSubject {
  /**
   * Policies that would have let it through if the address had been known under the
   * name; undefined when none would have, or when it needs no name to pass.
   */
  allowedAs(name: string, protocol: Protocol, port: number): readonly PolicyName[] | undefined;
  /** Whether some policy has a list of names for the DNS proxy. */
  readonly isProxied: boolean;
}

const MAX_NAMES = 256;

export function subjectOfNames(one: Case): OutsideSubject | undefined {
  const policies = policiesOfClient(one);
  if (!policies.some(({ rules }) => rules.some(hasNames))) return undefined;
  const known = new Map<string, readonly PolicyName[] | undefined>();
  return {
    isProxied: policies.some(({ rules }) =>
      rules.some(({ ports }) => ports !== "any" && ports.some(({ l7 }) => l7?.kind === "dns")),
    ),
    allowedAs: (name, protocol, port) => {
      const key = `${name} ${protocol} ${port}`;
      if (known.has(key)) return known.get(key);
      if (known.size >= MAX_NAMES) known.clear();
      const found = allowedAs(one, name, protocol, port);
      known.set(key, found);
      return found;
    },
  };
}

function allowedAs(
  { from, to, moment }: Case,
  name: string,
  protocol: Protocol,
  port: number,
): readonly PolicyName[] | undefined {
  const connection = (fqdns: readonly string[]): Connection => ({
    from: { ...from.endpoint, local: true },
    to: { ...asAddress(to.endpoint), fqdns },
    protocol,
    port,
  });
  if (!isDenial(moment.explain(connection([])).egress.outcome)) return undefined;
  const { egress } = moment.explain(connection([normalizeName(name)]));
  return isDenial(egress.outcome) ? undefined : uniqueNames(egress.by.map(({ policy }) => policy));
}

function asAddress(endpoint: Endpoint): Endpoint {
  return endpoint.kind === "address" ? endpoint : { ...endpoint, kind: "address", local: false };
}
