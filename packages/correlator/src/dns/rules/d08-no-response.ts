import { createTally, count } from "../ledger/tally.js";
import { type Ledger, slotsAround } from "../ledger/ledger.js";
import type { Slot } from "../ledger/slot.js";
import { quantaIn, type Sent, sentIn } from "../ledger/waits.js";
import type { DnsServer } from "../read/servers.js";
import { SCOPES } from "./crowd.js";
import { recovered, repetitionsAround } from "./repetitions.js";
import type { Around, DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { attemptsAt } from "./unanswered.js";
import { number, peerName } from "./words.js";

/** Attempts without an answer within the window before it is told. */
const ENOUGH = 3;

/**
 * D8: queries arrive nowhere, and no policy dropped them. Evidence: at least three attempts of a
 * client within the window that were seen to pass (by trace events or the proxy's log, whose
 * sender reports answers as well), none of whose packets was dropped, without an answer within
 * 5 s, while the node went on reporting and lost no events. Detail: `pod`, `node` or `cluster`.
 */
export const D8: DnsRuleDefinition = {
  rule: "D8",
  *judge(ledger, slot, around) {
    if (slot.attempts.size === 0) return;
    const { windowMs } = around.limits;
    for (const key of new Set([...slot.attempts.values()].map(({ serverKey }) => serverKey))) {
      const own = failedIn(ledger, slot, key, around);
      if (own.length === 0) continue;
      const times = slotsAround(ledger, slot.number, windowMs)
        .flatMap((other) => failedIn(ledger, other, key, around))
        .map(({ time }) => time)
        .sort((a, b) => a - b);
      const proven = own.filter((sent) => isAmong(sent, times, windowMs));
      const server = serverOf(ledger.slots.values(), key);
      if (proven.length === 0 || server === undefined) continue;
      const tally = createTally();
      let scope = 0;
      for (const { time, uuid, of } of proven) {
        count(tally, { time, uuid, layer: "query" });
        scope = Math.max(scope, SCOPES.indexOf(around.crowd.scope(key, slot.number, of.node)));
      }
      yield {
        rule: "D8",
        client: ledger.client.peer,
        server: server.peer,
        tally,
        sums: quantaIn(ledger, slot, key),
        peaks: { scope },
        texts: { server: server.kind },
        sets: {
          pods: new Set(proven.map(({ of }) => of.pod)),
          nodes: new Set(proven.map(({ of }) => of.node)),
        },
      };
    }
  },
  describe: (found) => {
    const stall = silentStall(found);
    const scope = SCOPES[found.peaks["scope"] ?? 0] ?? "pod";
    const [node = ""] = found.sets["nodes"] ?? [];
    const times = number(found.tally.layers["query"] ?? 0, "query", "queries");
    return {
      severity: scope === "pod" ? "high" : "critical",
      query: "",
      detail: scope,
      stall,
      sentence:
        `${times} of ${peerName(found.client)} to ${peerName(found.server)} passed every policy and had no answer within 5 s` +
        `${WHERE[scope](node)}; a lookup fails after ${stallText(stall)}.`,
      next: NEXT[scope],
    };
  },
};

const WHERE = {
  pod: () => ", while other pods are answered or do not ask",
  node: (node: string) => `, like those of the other pods of node ${node || "(unknown)"}`,
  cluster: () => ", like those of most pods on several nodes",
};

const NEXT = {
  pod: "Look at this pod: its network interface, a policy outside this cluster's view, connection tracking on its node.",
  node: "Look at the agent and its DNS proxy on that node (cilium status, restarts), and at the node's connection to the resolver.",
  cluster:
    "Look at the resolver itself: are its pods ready, do they reach their upstream servers, how many queries do they take?",
};

/**
 * Attempts without an answer; those whose repetition was answered are D13's. A socket that is
 * answered later on is not cut off either: of its packets the agent reports some only.
 */
function failedIn(ledger: Ledger, slot: Slot, serverKey: string, around: Around): readonly Sent[] {
  return around.once(slot, `failed ${serverKey}`, () =>
    readFailed(ledger, slot, serverKey, around),
  );
}

function readFailed(ledger: Ledger, slot: Slot, serverKey: string, around: Around): Sent[] {
  const failed = attemptsAt(ledger, serverKey, slot.number, around).filter((one) => one.failed);
  if (failed.length === 0) return [];
  const repeated = recovered(repetitionsAround(ledger, slot, around));
  const next = ledger.slots.get(slot.number + 1);
  const later = [slot, ...(next === undefined ? [] : [next])]
    .flatMap((one) => sentIn(ledger, one, around.limits.answerMs))
    .filter(({ answeredAfter }) => answeredAfter !== undefined);
  const lastAnswered = new Map(later.map(({ key, time }) => [key, time]));
  return failed
    .map(({ sent }) => sent)
    .filter((sent) => !repeated.has(sent) && (lastAnswered.get(sent.key) ?? 0) < sent.time);
}

/** Part of some run of enough attempts within one window. */
function isAmong({ time }: Sent, times: readonly number[], ms: number): boolean {
  for (let i = 0; i + ENOUGH <= times.length; i++) {
    const [first = 0, last = 0] = [times[i], times[i + ENOUGH - 1]];
    if (last - first <= ms && Math.abs(time - first) <= ms && Math.abs(time - last) <= ms)
      return true;
  }
  return false;
}

function serverOf(
  slots: Iterable<{ servers: ReadonlyMap<string, { server: DnsServer }> }>,
  key: string,
) {
  for (const { servers } of slots) {
    const found = servers.get(key);
    if (found !== undefined) return found.server;
  }
  return undefined;
}
