import { EVENT, type Flow, parseTimeNs } from "@dropscope/model";
import { plainFlow } from "./plain-flow.js";
import { isExplained, isL7, reasonOf, REASON } from "./packet.js";

/** A flow on its way to be explained, with what the other event of its packet knows. */
export interface PairedDrop {
  /** As it came. */
  readonly flow: Flow;
  /** What to explain: the flow with the policies that the verdict event names. */
  readonly told: Flow;
  /** The other event of the same packet, where it has been seen. */
  readonly partner?: Flow;
  /** False for the second event of a packet that was counted with its first. */
  readonly counts: boolean;
}

/**
 * Joins the two events of a denied packet: the drop (type 1) and the policy verdict (type 5), of
 * which only the latter names policies. Same addresses, ports, direction and node, within half a
 * second; each event is joined once, in the order of arrival.
 *
 * A drop waits for its verdict until a flow of its node is `waitMs` later, or `flush` is called;
 * flows leave in the order in which they came. Memory is bounded by `most` flows.
 */
export interface DropPairs {
  /** Takes a dropped or audited flow; gives those that are ready. */
  push(flow: Flow): PairedDrop[];
  /** Gives what still waits, joined or not; what was seen is still remembered. */
  flush(): PairedDrop[];
}

export interface DropPairsOptions {
  /** Default 1,000. */
  readonly waitMs?: number;
  /** Flows that are held or remembered, at most. Default 10,000. */
  readonly most?: number;
}

/** How far the times of the two events may differ, ns. */
const NEAR_NS = 500_000_000n;

interface Entry {
  readonly flow: Flow;
  readonly key: string | undefined;
  readonly type: number;
  readonly timeNs: bigint;
  readonly node: string;
  partner: Flow | undefined;
  counts: boolean;
}

export function createDropPairs({
  waitMs = 1000,
  most = 10_000,
}: DropPairsOptions = {}): DropPairs {
  const waitNs = BigInt(waitMs) * 1_000_000n;
  /** In the order of arrival. */
  let queue: Entry[] = [];
  /** Events without a partner yet, by what both events of a packet have in common. */
  const single = new Map<string, Entry[]>();
  let singles = 0;
  const newest = new Map<string, bigint>();

  function join(entry: Entry): void {
    const { key } = entry;
    if (key === undefined) return;
    const others = single.get(key) ?? [];
    const at = others.findIndex(
      ({ type, timeNs }) => type !== entry.type && distance(timeNs, entry.timeNs) <= NEAR_NS,
    );
    if (at >= 0) {
      const [other] = others.splice(at, 1) as [Entry];
      singles--;
      if (others.length === 0) single.delete(key);
      other.partner = entry.flow;
      entry.partner = other.flow;
      entry.counts = false;
      return;
    }
    // Put in anew, so that the first of the map is the one that was quiet for longest.
    single.delete(key);
    single.set(key, [...others, entry]);
    singles++;
    while (singles > most) {
      const [oldest] = single;
      if (oldest === undefined) break;
      singles -= oldest[1].length;
      single.delete(oldest[0]);
    }
  }

  function isReady({ partner, key, type, node, timeNs }: Entry): boolean {
    if (partner !== undefined || key === undefined || type !== EVENT.drop) return true;
    return (newest.get(node) ?? timeNs) - timeNs >= waitNs;
  }

  function leave(count: number): PairedDrop[] {
    if (count === 0) return [];
    const ready = queue.slice(0, count);
    queue = queue.slice(count);
    return ready.map(({ flow, partner, counts }) =>
      partner === undefined
        ? { flow, told: flow, counts }
        : { flow, told: withAttribution(flow, partner), partner, counts },
    );
  }

  return {
    push(flow) {
      const entry = entryOf(flow);
      if (newest.size > most) newest.clear();
      if (entry.timeNs > (newest.get(entry.node) ?? 0n)) newest.set(entry.node, entry.timeNs);
      join(entry);
      queue.push(entry);
      let ready = queue.findIndex((one) => !isReady(one));
      if (ready < 0) ready = queue.length;
      return leave(Math.max(ready, queue.length - most));
    },
    flush: () => leave(queue.length),
  };
}

/** The flow with the policies that the verdict event of its packet names. */
export function withAttribution(flow: Flow, partner: Flow): Flow {
  const told: Flow = { ...flow };
  for (const key of ["egress_denied_by", "ingress_denied_by"] as const)
    if (told[key] === undefined && partner[key] !== undefined) told[key] = partner[key];
  return told;
}

function entryOf(flow: Flow): Entry {
  const plain = plainFlow(flow);
  const type = plain.event_type?.type ?? 0;
  const timeNs = parseTimeNs(plain.time ?? "") ?? 0n;
  const key = keyOf(plain, type);
  return { flow, key, type, timeNs, node: plain.node_name ?? "", partner: undefined, counts: true };
}

/** What both events of a packet have in common; undefined for a flow that is none of the two. */
function keyOf(flow: Flow, type: number): string | undefined {
  if ((type !== EVENT.drop && type !== EVENT.policyVerdict) || isL7(flow)) return undefined;
  const { number } = reasonOf(flow);
  const denied = number === REASON.policyDenied || number === REASON.policyDeny;
  if (!isExplained(flow) || (!denied && number !== REASON.authRequired)) return undefined;
  const { IP, l4, traffic_direction, node_name } = flow;
  if (IP?.source === undefined || IP.destination === undefined || l4 === undefined)
    return undefined;
  const { TCP, UDP, SCTP, ICMPv4, ICMPv6 } = l4;
  const ported = TCP ?? UDP ?? SCTP;
  const ports = [
    Object.keys(l4),
    ported?.source_port,
    ported?.destination_port,
    (ICMPv4 ?? ICMPv6)?.type,
  ];
  return JSON.stringify([IP.source, IP.destination, ports, traffic_direction, node_name, number]);
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
