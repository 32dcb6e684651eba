import type { AuditFinding, DropExplanation, Flow, PolicyName } from "@dropscope/model";
import type { Profile, Revisions } from "@dropscope/policy";
import type { AuditRecord } from "@dropscope/store";
import { caseOf, isDirected } from "../explain/case.js";
import type { History } from "../explain/catalog.js";
import { createMemory } from "../explain/memory.js";
import { momentOf } from "../explain/packet.js";
import { plainFlow } from "../explain/plain-flow.js";
import { createFindings } from "./findings.js";
import { isConnectionStart, type Trespass, trespassOf } from "./trespass.js";

export interface AuditOptions {
  readonly history: History;
  readonly profile: Profile;
  /** As for an explainer: without them nothing is remembered between two flows. */
  readonly revisions?: () => Revisions;
  /** Findings that are kept, at most; the one that was seen longest ago goes. Default 1,000. */
  readonly most?: number;
}

/** Watches what passes for what the policies deny. */
export interface EnforcementAudit {
  /**
   * Looks at a forwarded flow: policy verdicts of new connections, and first packets that reached
   * their endpoint; everything else is passed over. Gives the finding that it is part of.
   * @param batch in which it landed: what an earlier run counted of it is not counted again
   */
  see(flow: Flow, batch?: string): AuditFinding | undefined;
  /** A drop shows that its policies are enforced somewhere. */
  seeDrop(explanation: DropExplanation): void;
  /** What an earlier run had found; before anything is seen. */
  load(records: readonly AuditRecord[]): void;
  /** Newest first. */
  findings(): AuditRecord[];
  /** Forgets findings that were last seen before, ms since 1970. */
  forget(before: number): void;
  stats(): { readonly findings: number; readonly dropped: number };
}

/** Policies that are known to be enforced, at most. */
const MAX_ENFORCED = 10_000;

export function createEnforcementAudit(options: AuditOptions): EnforcementAudit {
  const { history, profile, revisions, most = 1000 } = options;
  const memory = createMemory<Trespass | undefined>(history, profile, revisions);
  const enforced = new Set<string>();
  const findings = createFindings(most);

  return {
    see(given, batch) {
      const flow = plainFlow(given);
      const time = momentOf(flow);
      // What was in force when cannot be said without a time.
      if (time === undefined || !isConnectionStart(flow)) return undefined;
      const one = caseOf(flow, memory.momentAt(time), true);
      if (!isDirected(one) || !one.moment.view.isCertain) return undefined;
      const trespass = memory.answer(one, () => trespassOf(one, memory));
      if (trespass === undefined) return undefined;
      const isEnforced = trespass.policies.some((policy) => enforced.has(keyOf(policy)));
      const told = { isEnforced, log: memory.log, ...(batch === undefined ? {} : { batch }) };
      return findings.add(one, trespass, told);
    },
    seeDrop({ outcome, selecting, denying, audited }) {
      if (audited || (outcome !== "default-deny" && outcome !== "denied-by-rule")) return;
      for (const policy of [...selecting, ...denying]) {
        if (enforced.size >= MAX_ENFORCED) enforced.clear();
        enforced.add(keyOf(policy));
      }
    },
    load: (records) => findings.load(records),
    findings: () => findings.all(),
    forget: (before) => findings.forget(before),
    stats: () => findings.stats(),
  };
}

const keyOf = ({ kind, namespace, name }: PolicyName): string => `${kind}/${namespace}/${name}`;
