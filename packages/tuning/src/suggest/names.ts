import { normalizeName } from "@dropscope/policy";
import { compare } from "./group.js";
import type { Seen } from "./traffic.js";

/** Looked up beside the one that is used: a name with a suffix of the search list asks for the same host. */
const SEARCHED = /\.(svc\.)?cluster\.local$/;

/** Finds the names by which a client may have meant an address. */
export type NamesOf = (seen: Seen) => readonly string[];

/** Names of the server of an edge. Where the client was seen asking for one of them, that one. */
export function createNames(all: readonly Seen[]): NamesOf {
  const asked = new Map<string, Set<string>>();
  for (const { edge, client, connection } of all) {
    if (connection.port !== 53 && connection.port !== 5353) continue;
    const key = `${client.namespace}/${client.name}`;
    const names = asked.get(key) ?? new Set();
    asked.set(key, names);
    for (const { request } of edge.requests) names.add(normalizeName(request));
  }
  return ({ connection: { to }, client }) => {
    if (to.kind !== "address") return [];
    const names = [...new Set(to.fqdns.map(normalizeName))]
      .filter((name) => name !== "" && !SEARCHED.test(name))
      .toSorted(compare);
    const own = asked.get(`${client.namespace}/${client.name}`);
    const meant = names.filter((name) => own?.has(name) === true);
    return meant.length > 0 ? meant : names;
  };
}
