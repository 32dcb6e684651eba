import { cleanText, type Flow, urlPath } from "@dropscope/model";
import { matchesName } from "../match/fqdn.js";
import type { FqdnMatch, HttpMatch, L7Rules } from "../policy.js";
import { matchesWhole } from "./pattern.js";

/** What one list of L7 rules says to a request. */
export interface L7Answer {
  /** `yes`: an entry lets it pass; `maybe`: an entry would if what the flow does not show is right. */
  readonly passes: "yes" | "maybe" | "no";
  /** The list, or its entry that is nearest, in words. */
  readonly wanted: string;
  /** Fields that fail in the nearest entry; 0 when it passes. */
  readonly cost: number;
}

/** The request in words: `POST /admin`, `query A db.example.com`. */
export function requestText({ l7 }: Flow): string {
  if (l7?.http) {
    const { method = "", url = "" } = l7.http;
    return shown(`${method} ${urlPath(url) ?? url}`.trim() || "a request");
  }
  if (l7?.dns) {
    const { query = "", qtypes = [] } = l7.dns;
    return shown(["query", qtypes.join("/"), query].filter((part) => part !== "").join(" "));
  }
  if (l7?.kafka)
    return shown(`Kafka ${l7.kafka.api_key ?? "request"} ${l7.kafka.topic ?? ""}`.trim());
  return "a request";
}

const shown = (text: string): string => cleanText(text, 200);

/** Undefined for a list that is about another protocol than the request. */
export function answerOf(rules: L7Rules, flow: Flow): L7Answer | undefined {
  const { l7 } = flow;
  if (rules.kind === "http" && l7?.http)
    return nearest(rules.http.map((one) => httpAnswer(one, flow)));
  if (rules.kind === "dns" && l7?.dns) return dnsAnswer(rules.dns, l7.dns.query);
  if (rules.kind === "kafka" && l7?.kafka)
    return { passes: "maybe", wanted: "what its kafka rules allow", cost: 1 };
  return undefined;
}

/** An empty list lets everything pass. */
function nearest(answers: readonly L7Answer[]): L7Answer {
  const [first] = answers;
  if (first === undefined) return { passes: "yes", wanted: "every request", cost: 0 };
  return answers.reduce((best, one) => (one.cost < best.cost ? one : best), first);
}

function httpAnswer(match: HttpMatch, flow: Flow): L7Answer {
  const { method, path, host, headers } = match;
  const { method: got = "", url = "", headers: sent = [] } = flow.l7?.http ?? {};
  const checks = [
    method === undefined || method === ""
      ? true
      : got === ""
        ? undefined
        : matchesWhole(method, got),
    path === undefined || path === "" ? true : pathMatches(path, url),
    host === undefined || host === "" ? true : hostMatches(host, url, sent),
    // Headers may have been left out or made unreadable before the flow came here.
    headers.length === 0 ? true : undefined,
  ];
  const failing = checks.filter((check) => check === false).length;
  const open = checks.filter((check) => check === undefined).length;
  return {
    passes: failing > 0 ? "no" : open > 0 ? "maybe" : "yes",
    wanted: httpText(match),
    cost: failing,
  };
}

/** The proxy looks at the path with its query, of which the flow may not show all. */
function pathMatches(pattern: string, url: string): boolean | undefined {
  if (url === "") return undefined;
  const path = urlPath(url) ?? url;
  const query = /\?.*$/.exec(url)?.[0] ?? "";
  const bare = matchesWhole(pattern, path);
  const whole = matchesWhole(pattern, `${path}${query}`);
  if (bare === true || whole === true) return true;
  return bare === undefined || whole === undefined ? undefined : false;
}

function hostMatches(
  pattern: string,
  url: string,
  sent: readonly { key?: string; value?: string }[],
): boolean | undefined {
  const header = sent.find(({ key }) => /^(:authority|host)$/i.test(key ?? ""))?.value;
  const host = header ?? /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)/.exec(url)?.[1];
  return host === undefined ? undefined : matchesWhole(pattern, host);
}

function httpText({ method, path, host, headers }: HttpMatch): string {
  const line = [method, path].filter((part) => part !== undefined && part !== "").join(" ");
  const at = host === undefined || host === "" ? "" : ` at host ${host}`;
  const having = headers.length === 0 ? "" : ` with header ${headers.slice(0, 2).join(", ")}`;
  return shown(`${line}${at}${having}`.trim() || "every request");
}

function dnsAnswer(matches: readonly FqdnMatch[], query: string | undefined): L7Answer {
  const names = matches.map((one) => (one.kind === "name" ? one.name : one.pattern));
  const rest = names.length > 4 ? ` and ${names.length - 4} more` : "";
  const wanted = shown(names.length === 0 ? "every query" : names.slice(0, 4).join(", ") + rest);
  if (query === undefined) return { passes: "maybe", wanted, cost: 0 };
  const passes = matches.length === 0 || matches.some((one) => matchesName(one, query));
  return { passes: passes ? "yes" : "no", wanted, cost: passes ? 0 : 1 };
}
