export { dnsFindings, type DnsFindingsOptions } from "./batch.js";
export { type DnsLink, dnsLink, findingsOfProblem } from "./joined.js";
export { DNS_LIMITS, type DnsLimits } from "./limits.js";
export {
  type Among,
  createNameHistory,
  type NameHistory,
  type NameHistoryOptions,
  type NameSighting,
} from "./names/history.js";
export type { DnsPolicies } from "./policies/judge.js";
export type { DnsWatchState } from "./state.js";
export {
  createDnsWatch,
  type DnsWatch,
  type DnsWatchOptions,
  type DnsWatchStats,
} from "./watch.js";
