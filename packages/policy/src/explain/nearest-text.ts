import type { Connection, Endpoint } from "../endpoint.js";
import type { Failure, NearLabel, RuleAccount } from "./explanation.js";
import { gotText, nearOf, wantedText } from "./failure-text.js";
import { connectionText, joined, keyText, listed, peerText, portText } from "./text.js";

/** What a rule allows and what it got instead, from `allows` on: `allows app=web on TCP 80, not app=api on TCP 5432`. */
export function missText(
  { rule, failures }: RuleAccount,
  peer: Endpoint,
  connection: Connection,
): string {
  const ports = failures.filter(isOfPort);
  const peers = failures.filter((failure) => !isOfPort(failure));
  const parts = [
    ...(peers.length === 0 ? [] : [peersMiss(peers, peer, connection)]),
    ...(ports.length === 0 ? [] : [portsMiss(ports, rule.ports, connection)]),
  ];
  const wanted = parts.map((part) => part.wanted).join(" on ");
  // Where something is absent there is no "not this" to set beside it.
  return parts.every(({ but }) => but === undefined)
    ? `allows ${wanted}, not ${parts.map(({ got }) => got).join(" on ")}${asides(parts)}`
    : `allows ${wanted}, but ${joined(parts.map(({ but, got }) => but ?? `it is ${got}`))}${asides(parts)}`;
}

/** What a rule wants and what it got; `but` where the two cannot be set side by side, `aside` for a guess. */
interface Miss {
  readonly wanted: string;
  readonly got: string;
  readonly but?: string;
  readonly aside?: string;
}

const asides = (parts: readonly Miss[]): string =>
  parts.map(({ aside }) => (aside === undefined ? "" : ` (${aside})`)).join("");

const isOfPort = ({ dimension }: Failure): boolean =>
  dimension === "port" ||
  dimension === "protocol" ||
  dimension === "named-port" ||
  dimension === "no-port";

function peersMiss(failures: readonly Failure[], peer: Endpoint, connection: Connection): Miss {
  const texts = failures.map((failure) => gotText(failure, peer, connection));
  const near = failures
    .map((failure) => nearOf(failure, peer))
    .filter((label): label is NearLabel => label !== undefined && label.by !== "value");
  const absent = failures.some((failure) => isAbsent(failure, peer));
  return {
    wanted: joined(failures.map(wantedText)),
    got: joined(texts),
    ...(absent ? { but: `${peer.name} has ${joined(texts)}` } : {}),
    ...(near.length === 0 ? {} : { aside: nearText(near) }),
  };
}

/** Whether the endpoint has nothing under the key that a requirement is about. */
function isAbsent(failure: Failure, { labels }: Endpoint): boolean {
  if (!("requirement" in failure)) return false;
  const { source, key } = failure.requirement;
  return labels.value(key, source === "any" ? undefined : source) === undefined;
}

function nearText(labels: readonly NearLabel[]): string {
  const has = labels.map(({ key, value }) => `${keyText({ source: "any", key })}=${value}`);
  const slip = labels.every(({ by }) => by === "typo");
  return slip ? `a slip of typing? it has ${joined(has)}` : `it has ${joined(has)}`;
}

function portsMiss(
  failures: readonly Failure[],
  ports: RuleAccount["rule"]["ports"],
  connection: Connection,
): Miss {
  const got = connectionText(connection);
  const named = failures.find(({ dimension }) => dimension === "named-port");
  const all = ports === "any" ? [] : [...new Set(ports.map(portText))];
  const wanted = named && all.length > 1 ? [wantedText(named), ...all] : all;
  const miss = { wanted: listed([...new Set(wanted)]), got };
  if (named?.dimension !== "named-port") return miss;
  return { ...miss, but: gotText(named, connection.to, connection) };
}

/** Whom and what a rule matches, for one that decided: `pods with app=web on TCP 80`. */
export function ruleScopeText({ peers, ports }: RuleAccount["rule"]): string {
  const whom =
    peers === "any" ? "everybody" : peers.length === 0 ? "nobody" : listed(peers.map(peerText), 2);
  const what = ports === "any" ? "every port" : listed([...new Set(ports.map(portText))]);
  return `${whom} on ${what === "" ? "no port" : what}`;
}
