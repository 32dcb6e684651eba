import { createHash } from "node:crypto";
import {
  type AuditFinding,
  type AuditReason,
  type ChangeMark,
  type Flow,
  type Peer,
  peerOf,
} from "@dropscope/model";
import type { DirectedCase } from "../explain/case.js";
import { whoText } from "../explain/case.js";
import { type ChangeLog, linkedChange } from "../explain/changes.js";
import { clean, joined, policyText } from "../explain/text.js";
import type { AuditRecord } from "@dropscope/store";
import type { Trespass } from "./trespass.js";

/** What passed although it is denied, folded by who, whom, port and policies. Bounded. */
export interface Findings {
  /** @param batch in which the flow landed; what is counted of it already is not counted again */
  add(
    one: DirectedCase,
    trespass: Trespass,
    told: { readonly isEnforced: boolean; readonly log: ChangeLog; readonly batch?: string },
  ): AuditFinding;
  /** What an earlier run had found; before anything is added. */
  load(records: readonly AuditRecord[]): void;
  /** Newest first. */
  all(): AuditRecord[];
  forget(before: number): void;
  stats(): { readonly findings: number; readonly dropped: number };
}

const MAX_NODES = 50;
const MAX_EVIDENCE = 5;
/** Batches that a finding names: more than are ever done again. */
const MAX_BATCHES = 256;
const BATCHES_MS = 60_000n;
/** Ids of batches begin with the ms at which they were made; see `newBatchId`. */
const BATCH_MS_SHIFT = 22n;

interface Entry {
  finding: AuditFinding;
  /** Of the newest flow, ms since 1970. */
  newest: number;
  oldest: number;
  /** Those that are counted, oldest first. */
  batches: readonly string[];
  /** Those that an earlier run counted. */
  readonly done: ReadonlySet<string>;
}

export function createFindings(most: number): Findings {
  /** The one that was seen longest ago comes first. */
  const entries = new Map<string, Entry>();
  let dropped = 0;

  function kept(id: string, entry: Entry): AuditFinding {
    entries.delete(id);
    entries.set(id, entry);
    if (entries.size > most) {
      const [first] = entries.keys();
      entries.delete(first as string);
      dropped++;
    }
    return entry.finding;
  }

  return {
    add(one, trespass, { isEnforced, log, batch }) {
      const { flow, moment, direction, layer } = one;
      const ends = [peerOf(flow, "source"), peerOf(flow, "destination")] as const;
      const [subject, peer] = direction === "egress" ? ends : [ends[1], ends[0]];
      const { protocol, port } = layer ?? { protocol: "", port: 0 };
      const id = idOf([subject, peer, direction, protocol, port, trespass.policies]);
      const known = entries.get(id);
      if (batch !== undefined && known?.done.has(batch) === true) return known.finding;
      const { time } = moment;
      const change = known?.finding.change ?? linkedChange(one, log);
      // What was seen to be enforced once is not unlearned by a restart.
      const wasEnforced = known?.finding.reason === "stale-endpoint";
      const reason = reasonOf(trespass, change, isEnforced || wasEnforced);
      const isNewest = known === undefined || time >= known.newest;
      const finding: AuditFinding = {
        id,
        reason,
        subject,
        peer,
        direction,
        protocol,
        port,
        policies: trespass.policies,
        allowedBy: trespass.allowedBy,
        count: (known?.finding.count ?? 0) + 1,
        firstSeen:
          known !== undefined && known.oldest <= time ? known.finding.firstSeen : one.base.time,
        lastSeen: isNewest ? one.base.time : known.finding.lastSeen,
        nodes: withNode(known?.finding.nodes ?? [], flow),
        evidence: withEvidence(known?.finding.evidence ?? [], one.base.uuid),
        change,
        ...textsOf(one, trespass, reason),
      };
      const [newest, oldest] = [known?.newest ?? time, known?.oldest ?? time];
      return kept(id, {
        finding,
        newest: Math.max(newest, time),
        oldest: Math.min(oldest, time),
        batches: withBatch(known?.batches ?? [], batch),
        done: known?.done ?? NONE,
      });
    },
    load(records) {
      // The newest come first, and are to be forgotten last.
      for (const { batches = [], ...finding } of records.toReversed())
        kept(finding.id, {
          finding,
          newest: Date.parse(finding.lastSeen),
          oldest: Date.parse(finding.firstSeen),
          batches,
          done: new Set(batches),
        });
    },
    all: () =>
      [...entries.values()]
        .map(({ finding, batches }) => Object.assign({}, finding, { batches }))
        .toReversed(),
    forget: (before) => {
      for (const [id, { newest }] of entries) if (newest < before) entries.delete(id);
    },
    stats: () => ({ findings: entries.size, dropped }),
  };
}

const NONE: ReadonlySet<string> = new Set();

function withBatch(batches: readonly string[], batch: string | undefined): readonly string[] {
  if (batch === undefined || batches.at(-1) === batch || batches.includes(batch)) return batches;
  const first = BigInt(batch) - (BATCHES_MS << BATCH_MS_SHIFT);
  const recent = batches.filter((one) => BigInt(one) >= first);
  return [...recent, batch].slice(-MAX_BATCHES);
}

function idOf(parts: readonly (Peer | string | number | Trespass["policies"])[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function withNode(nodes: readonly string[], { node_name: node }: Flow): readonly string[] {
  if (node === undefined || nodes.includes(node) || nodes.length >= MAX_NODES) return nodes;
  return [...nodes, node].sort();
}

function withEvidence(evidence: readonly string[], uuid: string): readonly string[] {
  if (uuid === "" || evidence.includes(uuid)) return evidence;
  return [uuid, ...evidence].slice(0, MAX_EVIDENCE);
}

function reasonOf(
  { allowedBy }: Trespass,
  change: ChangeMark | null,
  isEnforced: boolean,
): AuditReason {
  if (allowedBy.length > 0) return "other-reading";
  if (change !== null && change.what !== "pod") return "not-loaded";
  return isEnforced ? "stale-endpoint" : "not-enforced";
}

function textsOf(
  one: DirectedCase,
  { why, allowedBy }: Trespass,
  reason: AuditReason,
): { sentence: string; next: string } {
  const meaning = {
    "not-loaded": "the policies changed shortly before, and the node has not taken that over",
    "stale-endpoint": "the same policies are enforced elsewhere, so this endpoint is behind",
    "other-reading": `the data path says that ${joined(allowedBy.map(policyText))} allows it`,
    "not-enforced": "nothing shows that these policies are enforced anywhere",
  }[reason];
  return {
    sentence: clean(`${whoText(one)} passed, though ${why}; ${meaning}.`),
    next: NEXT[reason],
  };
}

const NEXT: Readonly<Record<AuditReason, string>> = {
  "not-loaded": "Wait a minute; if it goes on, look at the agent's log on the node.",
  "stale-endpoint":
    "Look at the endpoint on the node: `cilium-dbg endpoint list` shows one that is not ready.",
  "other-reading":
    "Compare that policy on the node with the one that is known here; one of the two is behind.",
  "not-enforced":
    "Check that the network plugin enforces policies at all, and that its policy mode is not `never`.",
};
