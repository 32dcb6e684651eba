import type { DnsFinding, Peer, Problem } from "@dropscope/model";

/** How a finding and a problem belong together. */
export type DnsLink =
  /** The problem's drops are what the finding is made of. */
  | "cause"
  /** The problem's drops came after lookups of the same client failed. */
  | "after";

type ProblemPart = Pick<
  Problem,
  "source" | "destination" | "direction" | "port" | "samples" | "firstSeen" | "lastSeen"
>;

/**
 * Whether a problem and a finding belong together, told from their own fields alone, so that the
 * answer is the same after a restart. Undefined when they do not.
 */
export function dnsLink(finding: DnsFinding, problem: ProblemPart): DnsLink | undefined {
  if (!isSame(finding.client, problem.source)) return undefined;
  const { evidence, failedAfter = [] } = finding;
  if (problem.samples.some((uuid) => evidence.includes(uuid))) return "cause";
  if (isCause(finding, problem)) return "cause";
  return problem.samples.some((uuid) => failedAfter.includes(uuid)) ? "after" : undefined;
}

/** Ids of the findings that belong to a problem, in order. */
export function findingsOfProblem(findings: Iterable<DnsFinding>, problem: ProblemPart): string[] {
  const ids: string[] = [];
  for (const finding of findings) if (dnsLink(finding, problem) !== undefined) ids.push(finding.id);
  return ids.sort();
}

function isCause(
  { rule, server, query, firstSeen, lastSeen }: DnsFinding,
  problem: ProblemPart,
): boolean {
  const { destination, direction, port } = problem;
  if (Date.parse(problem.lastSeen) < Date.parse(firstSeen)) return false;
  if (Date.parse(lastSeen) < Date.parse(problem.firstSeen)) return false;
  switch (rule) {
    case "D1":
    case "D2":
    case "D4":
    case "D6":
      return direction === "egress" && port === 53 && isSame(server, destination);
    case "D5":
      return direction === "egress" && isSame(server, destination);
    case "D3":
      return direction === "ingress" && port === 53 && isSame(server, destination);
    case "D11":
      return (
        direction === "egress" &&
        (isSame(server, destination) ||
          (destination.kind === "name" && destination.name.replace(/\.$/, "") === query))
      );
    default:
      return false;
  }
}

function isSame(a: Peer, b: Peer): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
