import type { CiliumRuleView, CiliumSpecView } from "../../context/cilium-policies.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { has, list, record, text } from "../../context/raw.js";
import type { Pod } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { ruleName } from "../say.js";
import { objects, portEntries } from "./l3.js";

export const CN015: LintRule = {
  id: "CN015",
  title: "HTTP rules on a port that carries something else",
  severity: "medium",
  needs: "spec",
  help: {
    why: "The proxy reads the bytes of the connection. On TLS without termination, or on another protocol, it finds no HTTP request and the connection fails.",
    fix: "Add terminatingTLS, allow the port without HTTP rules (serverNames restricts TLS by name), or move the rules to the plain port.",
  },
  *check(context) {
    for (const view of context.ciliumSpecs)
      for (const rule of view.rules)
        for (const { path, value } of portEntries(rule)) {
          if (list(record(value["rules"])["http"]).length === 0 || has(value, "terminatingTLS"))
            continue;
          for (const port of objects(value["ports"], [...path, "ports"])) {
            const number = port.value["port"];
            const written = typeof number === "number" ? String(number) : text(number);
            const carried = carriedBy(written, destinations(context, view, rule));
            if (!carried) continue;
            const index = Number(rule.path.at(-1));
            yield {
              on: view.source,
              path: [...path, "rules", "http"],
              message:
                `${ruleName({ section: rule.section, index })} of ${view.source.kind} ${view.title} has HTTP rules on ` +
                `port ${written}, which ${carried.pods.length > 0 ? "" : "usually "}carries ${carried.protocol}.`,
              evidence: carried.pods.map(({ pod, note }) => podEvidence(pod, note)),
            };
          }
        }
  },
};

/** Ports that rarely carry anything else. What a pod calls its port counts more. */
const USUAL = new Map([
  ["22", "SSH"],
  ["25", "SMTP"],
  ["53", "DNS"],
  ["389", "LDAP"],
  ["443", "TLS"],
  ["465", "TLS"],
  ["636", "TLS"],
  ["993", "TLS"],
  ["3306", "MySQL"],
  ["5432", "PostgreSQL"],
  ["5672", "AMQP"],
  ["6379", "Redis"],
  ["6443", "TLS"],
  ["8443", "TLS"],
  ["9092", "Kafka"],
  ["9443", "TLS"],
  ["10250", "TLS"],
  ["27017", "MongoDB"],
]);

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(https|tls|ssl)(-|$)|-(https|tls)$/, "TLS"],
  [/^(postgres|postgresql|pgsql)(-|$)/, "PostgreSQL"],
  [/^mysql(-|$)/, "MySQL"],
  [/^redis(-|$)/, "Redis"],
  [/^(mongo|mongodb)(-|$)/, "MongoDB"],
  [/^(amqp|rabbitmq)(-|$)/, "AMQP"],
  [/^ssh(-|$)/, "SSH"],
];

const carriedByName = (name: string): string | undefined =>
  NAMES.find(([pattern]) => pattern.test(name))?.[1];

interface Carried {
  readonly protocol: string;
  readonly pods: readonly { pod: Pod; note: string }[];
}

function carriedBy(written: string, pods: readonly Pod[]): Carried | undefined {
  const named = pods.flatMap((pod) =>
    pod.workload.ports
      .filter(({ name, port }) => String(port) === written || name === written)
      .map(({ name, port }) => ({ pod, note: `${name} ${port}`, name })),
  );
  const telling = named.filter(({ name }) => carriedByName(name) !== undefined);
  if (telling.length > 0) return { protocol: carriedByName(telling[0]!.name)!, pods: telling };
  if (named.some(({ name }) => /^(http|web|grpc|api)/.test(name))) return undefined;
  const protocol = USUAL.get(written) ?? carriedByName(written);
  return protocol === undefined ? undefined : { protocol, pods: [] };
}

function destinations(
  context: LintContext,
  { policy }: CiliumSpecView,
  rule: CiliumRuleView,
): readonly Pod[] {
  if (!policy) return [];
  if (rule.direction === "ingress") return context.pods.selectedBy(policy);
  const meant = policy.rules.find(
    ({ section, index }) => section === rule.section && index === rule.path.at(-1),
  );
  return !meant || meant.peers === "any"
    ? []
    : meant.peers.flatMap((peer) => (peer.of === "endpoints" ? context.pods.of(peer) : []));
}
