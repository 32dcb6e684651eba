import type { ObservedTraffic } from "@dropscope/model";
import { type Connection, normalizeName } from "@dropscope/policy";

/** DNS names by the address that answers gave for them. */
export function answersOf({ answers = [] }: ObservedTraffic): Map<string, readonly string[]> {
  return new Map(answers.map(({ address, names }) => [address, names]));
}

/** Gives an address outside the names that answers of DNS had for it, as the data path would. */
export function namesFrom(traffic: ObservedTraffic): (connection: Connection) => Connection {
  const answers = answersOf(traffic);
  if (answers.size === 0) return (connection) => connection;
  return (connection) => {
    const { to } = connection;
    if (to.kind !== "address") return connection;
    const told = to.addresses.flatMap((address) => answers.get(address) ?? []);
    if (told.length === 0) return connection;
    const fqdns = [...new Set([...to.fqdns, ...told.map(normalizeName)])];
    return { ...connection, to: { ...to, fqdns } };
  };
}
