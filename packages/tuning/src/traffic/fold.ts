import { plainFlow } from "@dropscope/correlator";
import {
  compareEdges,
  edgeRequest,
  EVENT,
  type Flow,
  type Gap,
  MOST_ANSWERS,
  MOST_EDGES,
  MOST_NAMED,
  MOST_NAMES,
  MOST_REQUESTS,
  type NamedPolicy,
  type ObservedEdge,
  type ObservedTraffic,
  orientFlow,
  type OrientedFlow,
  parseTimeNs,
  sidesOf,
  standIn,
} from "@dropscope/model";
import { edgeKey, nameOfEnd } from "./keys.js";

export interface FoldOptions {
  /** ns since 1970, both ends inclusive; what lies outside is passed over. */
  readonly sinceNs?: bigint;
  readonly untilNs?: bigint;
  /** Flows that are asked for; the hours of the others still count as observed. */
  readonly matches?: (flow: Flow) => boolean;
  /** Edges that are kept: the most frequent ones. Default `MOST_EDGES`. */
  readonly most?: number;
}

/** Folds flows in memory as the store does in its engine: by the same key, into the same edges. */
export interface TrafficFold {
  add(flow: Flow): void;
  addGap(gap: Gap): void;
  result(): ObservedTraffic;
}

export function createFold(options: FoldOptions = {}): TrafficFold {
  const { sinceNs, untilNs, matches = () => true, most = MOST_EDGES } = options;
  const groups = new Map<string, Group>();
  const gaps: Gap[] = [];
  const hours = new Set<number>();
  const answers = new Map<string, Set<string>>();
  let flows = 0;
  let unplaced = 0;
  let firstNs = 0n;
  let lastNs = 0n;
  let any = false;
  return {
    add(raw) {
      const flow = plainFlow(raw);
      const ns = parseTimeNs(flow.time ?? "") ?? 0n;
      if ((sinceNs !== undefined && ns < sinceNs) || (untilNs !== undefined && ns > untilNs))
        return;
      hours.add(hourOf(ns));
      if (!matches(raw)) return;
      const weight = weightOf(raw);
      flows += weight;
      if (!any || ns < firstNs) firstNs = ns;
      if (!any || ns > lastNs) lastNs = ns;
      any = true;
      addAnswer(answers, flow, raw);
      const oriented = orientFlow(flow);
      if (oriented === "aside") return;
      if (oriented === "unplaced") {
        unplaced += weight;
        return;
      }
      const key = edgeKey(flow, oriented);
      let group = groups.get(key);
      if (group === undefined) {
        group = newGroup(flow, oriented, ns);
        groups.set(key, group);
      }
      addTo(group, flow, oriented, ns, weight);
    },
    addGap: (gap) => gaps.push(gap),
    result() {
      const lists = new Map<string, string[]>();
      for (const { stand } of groups.values()) shareLabels(stand, lists);
      const edges = [...groups.values()].map(edgeOf).sort(compareEdges);
      return {
        sinceNs: sinceNs ?? firstNs,
        untilNs: untilNs ?? lastNs,
        flows,
        firstNs,
        lastNs,
        edges: edges.slice(0, most),
        left: Math.max(0, edges.length - most),
        unplaced,
        hours: [...hours].sort((a, b) => a - b),
        gaps,
        answers: [...answers]
          .sort(([a], [b]) => compare(a, b))
          .slice(0, MOST_ANSWERS)
          .map(([address, names]) => ({
            address,
            names: [...names].sort(compare).slice(0, MOST_NAMES),
          })),
      };
    },
  };
}

/** Folds what is already in memory. */
export function foldFlows(flows: Iterable<Flow>, options: FoldOptions = {}): ObservedTraffic {
  const fold = createFold(options);
  for (const flow of flows) fold.add(flow);
  return fold.result();
}

/** Equal lists become one: what is made of a pod's labels is remembered by the list. */
function shareLabels({ source, destination }: Flow, lists: Map<string, string[]>): void {
  for (const end of [source, destination]) {
    if (end?.labels === undefined) continue;
    const key = end.labels.join("\n");
    const known = lists.get(key);
    if (known === undefined) lists.set(key, end.labels);
    else end.labels = known;
  }
}

const HOUR_NS = 3_600_000_000_000n;
const hourOf = (ns: bigint): number => Number(ns / HOUR_NS);

interface Group {
  stand: Flow;
  standNs: bigint;
  standIsReply: boolean;
  readonly outcome: OrientedFlow["outcome"];
  /** Weighted flows by hour; of policy verdicts apart, for the same packets may be told twice. */
  readonly seen: Map<number, number>;
  readonly verdicts: Map<number, number>;
  /** First packets, told by SYN and by policy verdicts. */
  syns: number;
  judged: number;
  replies: number;
  firstNs: bigint;
  lastNs: bigint;
  readonly sources: Set<string>;
  readonly destinations: Set<string>;
  readonly requests: Map<string, number>;
  readonly named: Map<string, NamedPolicy>;
}

function newGroup(flow: Flow, oriented: OrientedFlow, ns: bigint): Group {
  return {
    stand: standIn(flow, oriented, ns),
    standNs: ns,
    standIsReply: oriented.isReply,
    outcome: oriented.outcome,
    seen: new Map(),
    verdicts: new Map(),
    syns: 0,
    judged: 0,
    replies: 0,
    firstNs: ns,
    lastNs: ns,
    sources: new Set(),
    destinations: new Set(),
    requests: new Map(),
    named: new Map(),
  };
}

function addTo(group: Group, flow: Flow, oriented: OrientedFlow, ns: bigint, weight: number): void {
  const { isReply } = oriented;
  if (isNewer(group, flow, isReply, ns)) {
    group.stand = standIn(flow, oriented, ns);
    group.standNs = ns;
    group.standIsReply = isReply;
  }
  const isVerdict = flow.event_type?.type === EVENT.policyVerdict;
  count(isVerdict ? group.verdicts : group.seen, hourOf(ns), weight);
  const { SYN = false, ACK = false } = flow.l4?.TCP?.flags ?? {};
  if (isVerdict) group.judged += weight;
  else if (SYN && !ACK && !isReply) group.syns += weight;
  if (isReply) group.replies += weight;
  if (ns < group.firstNs) group.firstNs = ns;
  if (ns > group.lastNs) group.lastNs = ns;
  const [client, server] = sidesOf(isReply);
  const names = [nameOfEnd(flow, client), nameOfEnd(flow, server)];
  if (names[0] !== "") group.sources.add(names[0] as string);
  if (names[1] !== "") group.destinations.add(names[1] as string);
  const request = isReply ? "" : requestOf(flow);
  if (request !== "") count(group.requests, request, weight);
  for (const [list, direction, action] of NAMED)
    for (const ref of flow[list] ?? []) {
      const { kind = "", namespace = "", name = "" } = ref;
      const key = `${direction} ${action} ${kind}/${namespace}/${name}`;
      const before = group.named.get(key)?.flows ?? 0;
      const policy = { kind, namespace, name };
      group.named.set(key, { policy, direction, action, flows: before + weight });
    }
}

/** @param raw what a plain flow leaves out */
function addAnswer(answers: Map<string, Set<string>>, { l7 }: Flow, raw: Flow): void {
  const query = l7?.dns?.query ?? "";
  const ips: unknown = raw.l7?.dns?.ips;
  if (query === "" || !Array.isArray(ips)) return;
  for (const address of ips as readonly unknown[]) {
    if (typeof address !== "string") continue;
    const names = answers.get(address);
    if (names === undefined) answers.set(address, new Set([query]));
    else names.add(query);
  }
}

const NAMED = [
  ["egress_allowed_by", "egress", "allow"],
  ["ingress_allowed_by", "ingress", "allow"],
  ["egress_denied_by", "egress", "deny"],
  ["ingress_denied_by", "ingress", "deny"],
] as const;

/** A request rather than an answer, then the newest; of the same moment the greatest id. */
function isNewer(group: Group, flow: Flow, isReply: boolean, ns: bigint): boolean {
  if (isReply !== group.standIsReply) return !isReply;
  if (ns !== group.standNs) return ns > group.standNs;
  return (flow.uuid ?? "") > (group.stand.uuid ?? "");
}

function requestOf({ l7 }: Flow): string {
  if (l7?.http) return edgeRequest("http", l7.http.method ?? "", l7.http.url ?? "");
  if (l7?.dns) return edgeRequest("dns", "", l7.dns.query ?? "");
  if (l7?.kafka) return edgeRequest("kafka", l7.kafka.api_key ?? "", l7.kafka.topic ?? "");
  return "";
}

function weightOf({ aggregate }: Flow): number {
  const {
    ingress_flow_count: ingress,
    egress_flow_count: egress,
    unknown_direction_flow_count: unknown,
  } = aggregate ?? {};
  const sum = [ingress, egress, unknown]
    .filter((one): one is number => typeof one === "number" && one > 0)
    .reduce((all, one) => all + one, 0);
  return sum === 0 ? 1 : sum;
}

function count<Key>(into: Map<Key, number>, key: Key, weight: number): void {
  into.set(key, (into.get(key) ?? 0) + weight);
}

function edgeOf(group: Group): ObservedEdge {
  const [seen, verdicts] = [sum(group.seen), sum(group.verdicts)];
  const counted = verdicts > seen ? group.verdicts : group.seen;
  const hours = [...new Set([...group.seen.keys(), ...group.verdicts.keys()])].sort(
    (a, b) => a - b,
  );
  return {
    flow: group.stand,
    outcome: group.outcome,
    flows: Math.max(seen, verdicts),
    starts: Math.max(group.syns, group.judged),
    replies: group.replies,
    firstNs: group.firstNs,
    lastNs: group.lastNs,
    hours,
    hourFlows: hours.map((hour) => counted.get(hour) ?? 0),
    sources: endOf(group.sources),
    destinations: endOf(group.destinations),
    requests: [...group.requests]
      .map(([request, flows]) => ({ request, flows }))
      .sort((a, b) => b.flows - a.flows || compare(a.request, b.request))
      .slice(0, MOST_REQUESTS),
    named: [...group.named]
      .sort(([a, x], [b, y]) => y.flows - x.flows || compare(a, b))
      .slice(0, MOST_NAMED)
      .map(([, one]) => one),
  };
}

function endOf(names: ReadonlySet<string>): ObservedEdge["sources"] {
  return { count: names.size, names: [...names].sort(compare).slice(0, MOST_NAMES) };
}

function sum(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
