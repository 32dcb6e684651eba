/** How policies read. Pure. */
import { FINDING_SEVERITIES } from "@dropscope/model";
import type { FindingCounts, PolicyName, PolicyRow, PolicyVersionText } from "@dropscope/model";
import { perSecond, plural } from "../lib/format.js";

const SHORT: Record<string, string> = {
  NetworkPolicy: "NP",
  CiliumNetworkPolicy: "CNP",
  CiliumClusterwideNetworkPolicy: "CCNP",
  AdminNetworkPolicy: "ANP",
  BaselineAdminNetworkPolicy: "BANP",
  ClusterNetworkPolicy: "ClNP",
};

/** `CNP`; a kind without a short name keeps its own. */
export function shortKind(kind: string): string {
  return SHORT[kind] ?? kind;
}

export function policyText({ namespace, name }: PolicyName): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/**
 * What it denies: `ingress by default` (whatever no rule allows), `egress by rule` (what its deny
 * rules name, and nothing else), `ingress and egress by default and by rule`, `nothing`.
 */
export function deniesText({ isolates, denies }: Pick<PolicyRow, "isolates" | "denies">): string {
  const how = (direction: "ingress" | "egress"): string =>
    [isolates[direction] ? "by default" : "", denies[direction] ? "by rule" : ""]
      .filter(Boolean)
      .join(" and ");
  const [ingress, egress] = [how("ingress"), how("egress")];
  if (ingress === "" && egress === "") return "nothing";
  if (ingress === egress) return `ingress and egress ${ingress}`;
  const parts = [ingress && `ingress ${ingress}`, egress && `egress ${egress}`];
  return parts.filter(Boolean).join(", ");
}

export function selectsText({ pods, workloads }: Pick<PolicyRow, "pods" | "workloads">): string {
  if (pods === 0) return "no pod";
  return workloads === 0
    ? plural(pods, "pod")
    : `${plural(workloads, "workload")}, ${plural(pods, "pod")}`;
}

export function findingTotal(counts: FindingCounts): number {
  return FINDING_SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
}

/** `1 error, 2 high`. */
export function findingsText(counts: FindingCounts, most = 5): string {
  return FINDING_SEVERITIES.filter((severity) => counts[severity] > 0)
    .slice(0, most)
    .map((severity) =>
      severity === "error" ? plural(counts[severity], "error") : `${counts[severity]} ${severity}`,
    )
    .join(", ");
}

/** Drops a minute, as a rate per second reads on every other page. */
export function dropRate(perMinute: number): string {
  return perMinute <= 0
    ? ""
    : perMinute < 60
      ? `${perMinute < 0.1 ? "<0.1" : trimmed(perMinute)}/min`
      : perSecond(perMinute / 60);
}

function trimmed(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

const SEVERITY_WEIGHT = [1000, 100, 10, 1, 0.1];

function weight(counts: FindingCounts): number {
  return FINDING_SEVERITIES.reduce(
    (sum, severity, index) => sum + counts[severity] * (SEVERITY_WEIGHT[index] ?? 0),
    0,
  );
}

export const SORTS = ["matters", "name", "changed"] as const;
export type Sort = (typeof SORTS)[number];

/** What drops now first, then what is wrong, then by name. */
export function sorted(rows: readonly PolicyRow[], by: Sort): PolicyRow[] {
  const name = (a: PolicyRow, b: PolicyRow): number =>
    compare(policyText(a.policy), policyText(b.policy)) || compare(a.policy.kind, b.policy.kind);
  return rows.toSorted((a, b) => {
    if (by === "changed") return (b.from ?? 0) - (a.from ?? 0) || name(a, b);
    if (by === "name") return name(a, b);
    return (
      b.rate - a.rate ||
      b.problems.length - a.problems.length ||
      weight(b.findings) - weight(a.findings) ||
      name(a, b)
    );
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** All words occur in the kind or the name. */
export function matchesText({ policy }: PolicyRow, text: string): boolean {
  const whole = `${policy.kind} ${shortKind(policy.kind)} ${policyText(policy)}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

/** The version that held at `at` (ms); the newest when none did, or when nobody knows since when. */
export function versionAt(
  versions: readonly PolicyVersionText[],
  at: number,
): PolicyVersionText | undefined {
  return versions.find(({ from, to }) => (from ?? 0) <= at && at < (to ?? Infinity)) ?? versions[0];
}

/** Versions are told apart by when they began. */
export function versionKey(version: PolicyVersionText): string {
  return version.from === null ? `r${version.resourceVersion}` : String(version.from);
}
