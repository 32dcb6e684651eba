import type { DnsFinding, Flow, Gap } from "@dropscope/model";
import { momentOf } from "../explain/packet.js";
import type { DnsLimits } from "./limits.js";
import type { NameHistory } from "./names/history.js";
import type { DnsPolicies } from "./policies/judge.js";
import { createDnsWatch } from "./watch.js";

export interface DnsFindingsOptions {
  readonly limits?: Partial<DnsLimits>;
  readonly gaps?: Iterable<Gap>;
  /** Answers that were seen before. */
  readonly names?: NameHistory;
  readonly clusterDomain?: string;
}

/** Nothing comes after the last flow, so there is no lateness to wait for. */
const OFFLINE: Partial<DnsLimits> = { settleMs: 0, maxClients: 100_000 };

/**
 * Everything that is to be found in a set of flows, in whatever order they are given. The
 * policies must not change meanwhile.
 */
export function dnsFindings(
  flows: Iterable<Flow>,
  policies: DnsPolicies,
  { limits, gaps = [], ...rest }: DnsFindingsOptions = {},
): DnsFinding[] {
  const watch = createDnsWatch({
    ...rest,
    clock: { now: () => 0 },
    policies: { revisions: () => ({ objects: 0, pods: 0 }), ...policies },
    limits: { ...OFFLINE, ...limits },
  });
  for (const gap of gaps) watch.gap(gap);
  const timed = [...flows].map((flow) => ({ flow, time: momentOf(flow) ?? 0 }));
  for (const { flow } of timed.sort((a, b) => a.time - b.time)) watch.see(flow);
  return watch.findings();
}
