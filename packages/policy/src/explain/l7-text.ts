import type { RuleRef } from "../decision.js";
import type { Connection } from "../endpoint.js";
import { matchesPort } from "../match/port.js";
import type { HttpMatch, L7Rules } from "../policy.js";
import { fqdnText, listed } from "./text.js";

/** What the proxy lets through: `which passes only GET /public and answers 403 to all else`. */
export function l7Text(by: readonly RuleRef[], { protocol, port, to }: Connection): string {
  const rules = by.flatMap(({ rule }) =>
    rule.ports === "any"
      ? []
      : rule.ports
          .filter((entry) => matchesPort(entry, protocol, port, to))
          .flatMap(({ l7 }) => l7 ?? []),
  );
  const http = rules.filter(({ kind }) => kind === "http").flatMap((one) => one.http);
  const dns = rules.filter(({ kind }) => kind === "dns").flatMap((one) => one.dns);
  if (http.length > 0)
    return `which passes only ${listed([...new Set(http.map(httpText))])} and answers 403 to all else`;
  if (dns.length > 0)
    return `which passes only DNS queries for ${listed([...new Set(dns.map(fqdnText))])} and refuses all others`;
  const [first] = rules;
  return first === undefined ? "which may refuse requests" : otherText(first);
}

function otherText({ kind }: L7Rules): string {
  switch (kind) {
    case "http":
      return "which passes every HTTP request";
    case "dns":
      return "which passes every DNS query";
    case "kafka":
      return "which passes only the Kafka requests of the rule";
    case "sni":
      return "which passes only TLS connections to the server names of the rule";
    case "listener":
      return "to a listener of an Envoy configuration, which decides";
    case "other":
      return "which decides by the rule's own protocol";
  }
}

function httpText({ method, path, host, headers }: HttpMatch): string {
  const line = [method, path].filter((part) => part !== undefined && part !== "").join(" ");
  const at = host === undefined || host === "" ? "" : ` at host ${host}`;
  const text = `${line}${at}${headers.length === 0 ? "" : ` with header ${listed(headers, 2)}`}`;
  return text === "" ? "every request" : text.trim();
}
