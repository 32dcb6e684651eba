import {
  type Connection,
  createEngine,
  type Endpoint,
  type Policy,
  type Protocol,
} from "@dropscope/policy";
import type { TuningCluster } from "../../cluster/index.js";
import { countedEnds, outsideEnds, worldOfObjects } from "../ends.js";

/** Everything that passes between the ends of a cluster, one connection at a time, by the indexed engine. */
export interface Passing {
  /** By `from`, `to` and probe: whether it passes. */
  readonly bits: Uint8Array;
  readonly size: number;
}

export interface NaiveEnds {
  readonly ends: readonly { readonly endpoint: Endpoint; readonly count: number }[];
  /** Each stands for as many ports as no policy tells apart. */
  readonly probes: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    readonly many: number;
  }[];
}

/** Ends and probes that tell apart whatever the policies of random worlds can tell apart. */
export function naiveEnds(cluster: TuningCluster, asked: Connection): NaiveEnds {
  const world = worldOfObjects(cluster.objects, cluster.profile);
  const namespaces = new Set(["", asked.from.namespace, asked.to.namespace]);
  const concerning = cluster.policies.filter(({ namespace }) => namespaces.has(namespace));
  const blocks = concerning.flatMap(({ rules }) =>
    rules.flatMap(({ peers }) =>
      peers === "any" ? [] : peers.flatMap((peer) => (peer.of === "cidr" ? [peer.cidr] : [])),
    ),
  );
  const pods = world.workloads.flatMap(({ pods: all }) => all);
  const others = countedEnds(world).filter(({ endpoint }) => endpoint.kind !== "pod");
  const ends = [...pods.map((endpoint) => ({ endpoint, count: 1 })), ...others];
  const isThere = ({ addresses }: Endpoint): boolean =>
    ends.some((one) => one.endpoint.addresses.some((address) => addresses.includes(address)));
  for (const endpoint of [asked.from, asked.to])
    if (!isThere(endpoint)) ends.push({ endpoint, count: 1 });
  for (const one of outsideEnds([...new Set(blocks)], []))
    if (!isThere(one.endpoint)) ends.push(one);
  const edges = new Set([1, asked.port, asked.port + 1]);
  for (const { rules } of cluster.policies)
    for (const { ports } of rules)
      if (ports !== "any")
        for (const port of ports)
          if (port.of === "number") edges.add(port.first).add(port.last + 1);
  const starts = [...edges].filter((port) => port <= 65_535).sort((a, b) => a - b);
  const probes = (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) =>
    starts.map((port, at) => ({ protocol, port, many: (starts[at + 1] ?? 65_536) - port })),
  );
  return { ends, probes };
}

export function passing(
  policies: readonly Policy[],
  { profile }: TuningCluster,
  { ends, probes }: NaiveEnds,
): Passing {
  const engine = createEngine({ profile, maxCached: 4096 });
  engine.setPolicies("all", policies);
  const ids = ends.map(({ endpoint }) => engine.intern(endpoint));
  const bits = new Uint8Array(ends.length * ends.length * probes.length);
  let at = 0;
  for (const from of ids)
    for (const to of ids)
      for (const { protocol, port } of probes)
        bits[at++] = engine.decideInterned(from, to, protocol, port).allowed ? 1 : 0;
  return { bits, size: ends.length };
}

/** (source, destination, protocol and port) that pass now and did not, and the other way round. */
export function compared(
  before: Passing,
  after: Passing,
  { ends, probes }: NaiveEnds,
): { connections: number; lost: number; podPairs: number } {
  let [connections, lost, podPairs] = [0, 0, 0];
  for (let from = 0; from < ends.length; from++)
    for (let to = 0; to < ends.length; to++) {
      if (from === to) continue;
      const pods = [ends[from], ends[to]].every((end) => end?.endpoint.kind === "pod");
      let isNew = false;
      for (const [probe, { many }] of probes.entries()) {
        const at = (from * ends.length + to) * probes.length + probe;
        const [was, is] = [before.bits[at], after.bits[at]];
        if (was === 0 && is === 1) {
          connections += many;
          isNew = true;
        } else if (was === 1 && is === 0) lost += many;
      }
      if (isNew && pods) podPairs += 1;
    }
  return { connections, lost, podPairs };
}

/** Answers whether single connections pass, by the engine. */
export function passesIn(
  cluster: Pick<TuningCluster, "policies" | "profile">,
): (connection: Connection) => boolean {
  const engine = createEngine({ profile: cluster.profile, maxCached: 64 });
  engine.setPolicies("all", cluster.policies);
  return (connection) => engine.decide(connection).allowed;
}
