import type { Connection, Endpoint } from "../endpoint.js";
import type { Failure, NearLabel, RuleAccount } from "./explanation.js";
import { gotText, nearOf, wantedText } from "./failure-text.js";
import { connectionText, joined, keyText, listed, peerText, portText } from "./text.js";

/**
 * What a rule allows and what it got instead, from `allows` on: `allows app=web,
 * not app=api`. One clause for the peer, one for the port.
 */
export function missText(
  { rule, failures }: RuleAccount,
  peer: Endpoint,
  connection: Connection,
): string {
  const ports = failures.filter(isOfPort);
  const peers = failures.filter((failure) => !isOfPort(failure));
  const parts: string[] = [];
  if (peers.length > 0) parts.push(peersMiss(peers, peer, connection));
  if (ports.length > 0) parts.push(portsMiss(ports, rule.ports, connection));
  return `allows ${parts.join(", and only ")}`;
}

const isOfPort = ({ dimension }: Failure): boolean =>
  dimension === "port" ||
  dimension === "protocol" ||
  dimension === "named-port" ||
  dimension === "no-port";

function peersMiss(failures: readonly Failure[], peer: Endpoint, connection: Connection): string {
  const wanted = joined(failures.map(wantedText));
  const got = failures.map((failure) => gotText(failure, peer, connection));
  const [first] = failures;
  const about = first !== undefined && "requirement" in first;
  const text = about ? labelsMiss(wanted, got, peer) : `${wanted}, not ${joined(got)}`;
  const near = failures
    .map((failure) => nearOf(failure, peer))
    .filter((label): label is NearLabel => label !== undefined && label.by !== "value");
  return near.length === 0 ? text : `${text} (${nearText(near)})`;
}

/** "not app=api" for another value; "but payments/api has no label app" where a label is absent. */
function labelsMiss(wanted: string, got: readonly string[], peer: Endpoint): string {
  const absent = got.some((text) => text.startsWith("no "));
  return absent
    ? `${wanted}, but ${peer.name} has ${joined(got)}`
    : `${wanted}, not ${joined(got)}`;
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
): string {
  const named = failures.find(({ dimension }) => dimension === "named-port");
  if (named) return `${wantedText(named)}, not ${gotText(named, connection.to, connection)}`;
  const all = ports === "any" ? [] : [...new Set(ports.map(portText))];
  return `${listed(all)}, not ${connectionText(connection)}`;
}

/** Whom and what a rule matches, for one that decided: `pods with app=web on TCP 80`. */
export function ruleScopeText({ peers, ports }: RuleAccount["rule"]): string {
  const whom =
    peers === "any" ? "everybody" : peers.length === 0 ? "nobody" : listed(peers.map(peerText), 2);
  const what = ports === "any" ? "every port" : listed([...new Set(ports.map(portText))]);
  return `${whom} on ${what === "" ? "no port" : what}`;
}
