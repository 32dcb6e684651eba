import type { Flow, ObservedEdge } from "@dropscope/model";
import { type DecisionExplanation, l7ListsOf } from "@dropscope/policy";

/** What proxies would say to the requests of an edge. */
export interface RequestsJudged {
  readonly passes: readonly boolean[];
  /** Whether something cannot be told: a header was asked for, or no request was ever seen. */
  readonly isOpen: boolean;
}

/**
 * Judges every request that was seen of an edge by the L7 rules behind what allows the connection. Without such rules
 * each passes.
 */
export function judgeRequests(
  { requests }: ObservedEdge,
  { connection, egress, ingress }: DecisionExplanation,
): RequestsJudged {
  let isOpen = false;
  const passesSide = (side: typeof egress, flow: Flow): boolean => {
    const lists = l7ListsOf(side, connection, flow);
    const answers = lists.map(({ answer }) => answer.passes);
    if (answers.length === 0 || answers.includes("yes")) return true;
    if (answers.includes("maybe")) {
      isOpen = true;
      return true;
    }
    return false;
  };
  const passes = requests.map(({ request }) => {
    const flow = flowOf(request);
    return [passesSide(egress, flow), passesSide(ingress, flow)].every(Boolean);
  });
  if (requests.length === 0 && [egress, ingress].some(isPicky)) isOpen = true;
  return { passes, isOpen };
}

/** Whether L7 rules refuse anything at all: a list that lets everything pass only makes the proxy look. */
function isPicky({ policies, outcome }: DecisionExplanation["egress"]): boolean {
  if (outcome !== "redirected") return false;
  const lists = policies
    .flatMap(({ rules, inert }) => (inert ? [] : rules))
    .filter(({ rule, matches }) => matches && rule.action === "allow")
    .flatMap(({ rule }) => (rule.ports === "any" ? [] : rule.ports.flatMap(({ l7 }) => l7 ?? [])));
  return !lists.some(
    ({ kind, http, dns }) =>
      (kind === "http" && (http.length === 0 || http.some(takesAll))) ||
      (kind === "dns" &&
        (dns.length === 0 || dns.some((name) => name.kind === "pattern" && name.pattern === "*"))),
  );
}

function takesAll({
  method,
  path,
  host,
  headers,
}: {
  method?: string;
  path?: string;
  host?: string;
  headers: readonly string[];
}): boolean {
  return !method && (!path || path === "/.*" || path === ".*") && !host && headers.length === 0;
}

/** The request as a flow would tell it: see `edgeRequest`. */
function flowOf(request: string): Flow {
  const kafka = /^kafka (\S+) ?(.*)$/.exec(request);
  if (kafka) return { l7: { kafka: { api_key: kafka[1] ?? "", topic: kafka[2] ?? "" } } };
  const http = /^([A-Z]+) (.*)$/.exec(request);
  if (http) return { l7: { http: { method: http[1] ?? "", url: http[2] ?? "" } } };
  return { l7: { dns: { query: request } } };
}
