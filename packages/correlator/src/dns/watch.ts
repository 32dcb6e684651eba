import type { Clock, DnsFinding, DropExplanation, Flow, Gap } from "@dropscope/model";
import { momentOf } from "../explain/packet.js";
import { closableUntil, closeSlots, evaluate } from "./findings/evaluate.js";
import { publish } from "./findings/publish.js";
import { createExchanges } from "./ledger/exchanges.js";
import { createGapLog } from "./ledger/gaps.js";
import { createLedger, type Ledger } from "./ledger/ledger.js";
import { createRecent } from "./ledger/recent.js";
import { record } from "./ledger/record.js";
import { DNS_LIMITS, type DnsLimits } from "./limits.js";
import { createNameHistory, type NameHistory } from "./names/history.js";
import { createJudge, type DnsPolicies } from "./policies/judge.js";
import { readObservation } from "./read/read.js";
import { createCrowd } from "./rules/crowd.js";
import { type Around, createOnce } from "./rules/rule.js";
import { attemptsAt } from "./rules/unanswered.js";
import { type DnsWatchState, readState, writeState } from "./state.js";

export interface DnsWatchOptions {
  readonly clock: Pick<Clock, "now">;
  readonly policies: DnsPolicies;
  readonly limits?: Partial<DnsLimits>;
  /** Shared with others that name addresses; an own one when it is not given. The watch fills it. */
  readonly names?: NameHistory;
  readonly clusterDomain?: string;
  /** What an earlier watch had come to; give it then every flow from `replayFrom` on again. */
  readonly state?: DnsWatchState;
}

/**
 * Watches name resolution over a stream of flows. What it finds depends on the set of flows
 * alone: not on their order, as far as they are not later than the limits say, nor on how often
 * one is delivered.
 */
export interface DnsWatch {
  /**
   * Takes a flow of any kind: others than DNS and drops only say that their node reports.
   * @param explanation of a drop, where it is known already
   */
  see(flow: Flow, explanation?: DropExplanation): void;
  /** Flows that are known to be missing; may come before or after those around it. */
  gap(gap: Gap): void;
  /** All there are now, sorted by rule and client. */
  findings(): DnsFinding[];
  /** What changed since the last call; withdrawn ones were contradicted by flows that came late. */
  drain(): { readonly changed: DnsFinding[]; readonly withdrawn: string[] };
  /** Plain data, from which another watch can go on. */
  state(): DnsWatchState;
  readonly names: NameHistory;
  stats(): DnsWatchStats;
}

export interface DnsWatchStats {
  readonly clients: number;
  readonly slots: number;
  readonly exchanges: number;
  /** Of how many sockets one is watched. */
  readonly share: number;
  readonly recent: number;
  readonly nodes: number;
  /** Flows that came too late to count. */
  readonly late: number;
  /** Clients that were let go of because there were too many. */
  readonly evicted: number;
  readonly names: ReturnType<NameHistory["stats"]>;
}

/** A client that was silent for so long, by the clock, gets its slots closed. */
const IDLE_MS = 5 * 60_000;

export function createDnsWatch(options: DnsWatchOptions): DnsWatch {
  const { clock, policies, clusterDomain = "cluster.local", names = createNameHistory() } = options;
  const limits: DnsLimits = { ...DNS_LIMITS, ...options.limits };
  /** In the order of their last flow. */
  const ledgers = new Map<string, Ledger>();
  const nodes = new Map<string, number>();
  const gaps = createGapLog(limits.windowMs, limits.maxGaps);
  const recent = createRecent();
  const exchanges = createExchanges(limits.maxExchanges, () => ledgers.values());
  const by = { judge: createJudge(policies, clusterDomain), exchanges, limits, clusterDomain };
  const published = new Map<string, Map<string, string>>();
  let [late, evicted] = [0, 0];

  for (const ledger of readState(options.state)) {
    ledger.touched = clock.now();
    ledgers.set(ledger.client.key, ledger);
  }

  const tickNode = (flow: Flow): void => {
    const time = momentOf(flow);
    const node = typeof flow.node_name === "string" ? flow.node_name : "";
    if (time === undefined) return;
    const known = nodes.get(node);
    if (known === undefined || time > known) nodes.set(node, time);
    for (const oldest of nodes.keys()) {
      if (nodes.size <= limits.maxNodes) break;
      nodes.delete(oldest);
    }
  };

  const letGo = (key: string): void => {
    for (const slot of ledgers.get(key)?.slots.values() ?? []) exchanges.forgotten(slot);
    ledgers.delete(key);
    published.delete(key);
  };

  const aroundNow = (): Around => {
    const nodeTime = (node: string): number | undefined => nodes.get(node);
    const base = { limits, names, gaps, nodeTime, once: createOnce() };
    const crowd = createCrowd(
      () => ledgers.values(),
      limits.windowMs,
      function* (ledger, serverKey, slot) {
        for (const { sent, failed } of attemptsAt(ledger, serverKey, slot, base))
          yield { pod: sent.of.pod, node: sent.of.node, failed };
      },
    );
    return { ...base, crowd };
  };

  /** Findings first, then what can be closed: the slots of one client are context for others. */
  const evaluateAll = (): Map<string, Map<string, DnsFinding>> => {
    const around = aroundNow();
    const found = new Map<string, Map<string, DnsFinding>>();
    for (const [key, ledger] of ledgers) {
      const own = new Map<string, DnsFinding>();
      for (const one of evaluate(ledger, around).values()) {
        const finding = publish(one);
        if (finding !== undefined) own.set(finding.id, finding);
      }
      found.set(key, own);
    }
    const now = clock.now();
    for (const ledger of ledgers.values()) {
      const isIdle = now - ledger.touched > IDLE_MS;
      const until = isIdle ? Math.max(...ledger.slots.keys()) : closableUntil(ledger, around);
      if (!Number.isFinite(until)) continue;
      if (isIdle) ledger.nodes.clear();
      for (const slot of closeSlots(ledger, until, around)) exchanges.forgotten(slot);
    }
    for (const [key, ledger] of ledgers) if (now - ledger.touched > limits.forgetMs) letGo(key);
    return found;
  };

  return {
    names,
    see: (flow, explanation) => {
      tickNode(flow);
      const seen = readObservation(flow);
      if (seen === undefined || !recent.isNew(seen)) return;
      if (seen.kind === "answer") names.learn(seen);
      const { key } = seen.client;
      const ledger = ledgers.get(key) ?? createLedger(seen.client);
      ledgers.delete(key);
      ledgers.set(key, ledger);
      ledger.touched = clock.now();
      if (!record(ledger, seen, by, explanation)) late++;
      for (const oldest of ledgers.keys()) {
        if (ledgers.size <= limits.maxClients) break;
        letGo(oldest);
        evicted++;
      }
    },
    gap: (gap) => gaps.add(gap),
    findings: () => {
      const found: DnsFinding[] = [];
      for (const own of evaluateAll().values()) found.push(...own.values());
      return found.sort(order);
    },
    drain: () => {
      const changed: DnsFinding[] = [];
      const withdrawn: string[] = [];
      for (const [key, own] of evaluateAll()) {
        const before = published.get(key);
        const after = new Map<string, string>();
        for (const [id, finding] of own) {
          const text = JSON.stringify(finding);
          after.set(id, text);
          if (before?.get(id) !== text) changed.push(finding);
        }
        for (const id of before?.keys() ?? []) if (!after.has(id)) withdrawn.push(id);
        if (after.size > 0 && ledgers.has(key)) published.set(key, after);
        else published.delete(key);
      }
      return { changed: changed.sort(order), withdrawn: withdrawn.sort() };
    },
    state: () => writeState(ledgers.values(), limits),
    stats: () => ({
      clients: ledgers.size,
      slots: [...ledgers.values()].reduce((sum, { slots }) => sum + slots.size, 0),
      exchanges: exchanges.size(),
      share: exchanges.share(),
      recent: recent.size(),
      nodes: nodes.size,
      late,
      evicted,
      names: names.stats(),
    }),
  };
}

function order(a: DnsFinding, b: DnsFinding): number {
  return (
    Number(a.rule.slice(1)) - Number(b.rule.slice(1)) ||
    compare(textOf(a), textOf(b)) ||
    compare(a.id, b.id)
  );
}

const textOf = ({ client, query }: DnsFinding): string =>
  `${client.namespace}/${client.name} ${query}`;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
