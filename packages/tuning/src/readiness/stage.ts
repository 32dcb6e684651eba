import type { NamespaceReadiness, ReadinessStage } from "@dropscope/model";
import { edgeWords } from "./words.js";
import { counted, some } from "../rules/words.js";
import type { Break } from "./sides.js";
import type { NamespaceWorkload } from "./workloads.js";

/** All that the stage of a namespace follows from. */
export interface StageInput {
  readonly workloads: readonly NamespaceWorkload[];
  readonly breaks: readonly Break[];
  /** Of the breaks, those of the last day of the range. */
  readonly recent: readonly Break[];
  readonly dns: NamespaceReadiness["dns"];
  readonly cleanDays: number;
  /** Clean days that are asked for. */
  readonly days: number;
  /** Edges that could not be judged, and edges beyond what was looked at. */
  readonly unknown: number;
  readonly left: number;
  /** Edges that are left aside. */
  readonly aside: number;
  /** Denials are only reported. */
  readonly audit: boolean;
  /** Workloads of which nothing was observed. */
  readonly unseen: number;
  /** Nothing at all was observed. */
  readonly blind: boolean;
}

export interface Stage {
  readonly stage: ReadinessStage;
  readonly says: string;
}

export function stageOf(input: StageInput): Stage {
  const { workloads, breaks, recent } = input;
  const total = workloads.length;
  const isolated = (direction: "ingress" | "egress"): number =>
    workloads.filter((one) => one.isolated[direction]).length;
  const [ingress, egress] = [isolated("ingress"), isolated("egress")];
  const isFull = total > 0 && ingress === total && egress === total;
  if (isFull) return enforcedStage(input, recent);
  if (workloads.every(({ selected }) => !selected))
    return {
      stage: "no-policy",
      says: `No policy selects ${total === 0 ? "any pod" : total === 1 ? "its one workload" : `any of its ${counted(total, "workload")}`}${breaks.length === 0 ? "." : `; a default deny would cut ${counted(breaks.length, "connection")}.`}`,
    };
  const covers = `Policies isolate ${ingress} of ${counted(total, "workload")} for ingress and ${egress} for egress`;
  const covered = breaks.filter((one) => one.covered);
  if (covered.length > 0)
    return {
      stage: "would-break",
      says: `The policies do not allow ${counted(covered.length, "connection")} that ${covered.length === 1 ? "was" : "were"} seen: ${namesOf(covered)}.`,
    };
  if (breaks.length > 0)
    return {
      stage: "partial",
      says: `${covers}; a default deny would cut ${counted(breaks.length, "connection")} of the others: ${namesOf(breaks)}.`,
    };
  const open = openPoints(input);
  if (open.length > 0)
    return {
      stage: "watching",
      says: `Nothing that was seen would break, but ${open.join(", and ")}.`,
    };
  return {
    stage: "ready",
    says: `For ${counted(input.cleanDays, "day")} nothing was seen that a default deny would break.`,
  };
}

/** Every workload is isolated: it is done, unless the policies deny what still passes. */
function enforcedStage(input: StageInput, recent: readonly Break[]): Stage {
  if (recent.length > 0)
    return {
      stage: "would-break",
      says: `Every workload is isolated, and ${counted(recent.length, "connection")} passed in the last day that the policies do not allow: ${namesOf(recent)}.`,
    };
  if (!input.audit)
    return {
      stage: "enforced",
      says: `Every workload is isolated in both directions${input.blind ? "; no traffic of it was observed." : ", and nothing passed in the last day that the policies do not allow."}`,
    };
  const open = openPoints(input);
  return open.length > 0
    ? { stage: "watching", says: `Denials are only reported, and ${open.join(", and ")}.` }
    : {
        stage: "ready",
        says: `Denials are only reported; for ${counted(input.cleanDays, "day")} there was none.`,
      };
}

/** What is missing for it to be safe, each as half a sentence. */
export function openPoints(input: StageInput): string[] {
  const { blind, dns, unknown, left, cleanDays, days } = input;
  if (blind) return ["no traffic of it was observed"];
  return [
    ...(dns === "missing" ? ["names could not be looked up"] : []),
    ...(dns === "not-isolated"
      ? ["no rule allows lookups of names once egress is restricted"]
      : []),
    ...(unknown === 0 ? [] : [`${counted(unknown, "connection")} could not be judged`]),
    ...(left === 0
      ? []
      : [
          `${counted(left, "connection")} of the range ${left === 1 ? "was" : "were"} not looked at`,
        ]),
    ...(cleanDays >= days
      ? []
      : [`only ${cleanDays} of ${counted(days, "day")} in a row were clean and observed`]),
  ];
}

function namesOf(breaks: readonly Break[]): string {
  const sorted = breaks.toSorted((a, b) => b.edge.flows - a.edge.flows);
  return some([...new Set(sorted.map(({ edge, connection }) => edgeWords(edge, connection)))], 2);
}
