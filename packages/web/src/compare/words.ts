/** How a comparison reads. Pure. */
import type {
  CompareAnswer,
  CompareChange,
  CompareSide,
  EdgeChangeKind,
  EdgeSide,
  EdgeState,
} from "@dropscope/model";
import { count, perSecond, plural, span } from "../lib/format.js";
import { policyText } from "../problems/words.js";
import { safe } from "../lib/safe.js";
import { causeWords } from "../lib/words.js";

export const KIND_TITLES: Record<EdgeChangeKind, string> = {
  verdict: "Verdict changed",
  drops: "Drop rate changed",
  new: "New",
  vanished: "Vanished",
};

export const STATE_TITLES: Record<EdgeState, string> = {
  none: "no traffic",
  forwarded: "forwarded",
  audited: "audited",
  mixed: "partly dropped",
  dropped: "dropped",
};

/** The verdict whose shape and colour stand for a state. */
export const STATE_VERDICTS: Record<EdgeState, string> = {
  none: "",
  forwarded: "FORWARDED",
  audited: "AUDIT",
  mixed: "DROPPED",
  dropped: "DROPPED",
};

const isDropping = ({ state }: EdgeSide): boolean => state === "dropped" || state === "mixed";

/** One sentence: what got worse before what got better, and what came and went. */
export function compareHeadline({ edges, counts }: CompareAnswer): {
  wrong: boolean;
  text: string;
  rest: string;
} {
  const verdicts = edges.filter(({ change }) => change === "verdict");
  const began = verdicts.filter(({ before, after }) => !isDropping(before) && isDropping(after));
  const ended = verdicts.filter(({ before, after }) => isDropping(before) && !isDropping(after));
  const more = verdicts.filter(
    ({ before, after }) => before.state === "mixed" && after.state === "dropped",
  );
  const fresh = edges.filter(({ change, after }) => change === "new" && isDropping(after)).length;
  const parts = [
    counts.new > 0
      ? `${count(counts.new)} new${fresh > 0 ? `, ${count(fresh)} of them dropped` : ""}`
      : "",
    counts.vanished > 0 ? `${count(counts.vanished)} vanished` : "",
    counts.drops > 0 ? `${count(counts.drops)} with another drop rate` : "",
    `${count(counts.same)} as before`,
  ].filter((part) => part !== "");
  const said = [
    began.length > 0 ? `${plural(began.length, "connection")} began to be dropped` : "",
    more.length > 0 ? `${plural(more.length, "connection")} lost what still passed` : "",
    ended.length > 0
      ? `${plural(ended.length, "connection")} ${ended.length === 1 ? "is" : "are"} no longer dropped`
      : "",
  ].filter((part) => part !== "");
  // What is not listed is not judged.
  const text =
    counts.verdict === 0
      ? "No connection changed its verdict."
      : verdicts.length < counts.verdict || said.length === 0
        ? `${plural(counts.verdict, "connection")} changed verdict.`
        : `${said.join(", ")}.`;
  return {
    wrong: began.length + more.length + fresh > 0,
    text,
    rest: `${parts.join("; ")}.`,
  };
}

export function seconds({ from, to }: CompareSide): number {
  return Math.max(1, to - from) / 1000;
}

/** `0.3/s`; a side without any is a dash. */
export function rateText(value: number, side: CompareSide): string {
  return value === 0 ? "–" : perSecond(value / seconds(side));
}

/** `×12`, `÷3`, `new`, `gone`, `same`. */
export function factorText(before: number, after: number): string {
  if (before === 0) return after === 0 ? "same" : "new";
  if (after === 0) return "gone";
  const factor = after / before;
  if (factor > 0.95 && factor < 1.05) return "same";
  const shown = (value: number): string => (value < 9.95 ? value.toFixed(1) : count(value));
  return factor > 1 ? `×${shown(factor)}` : `÷${shown(1 / factor)}`;
}

/** What a change was: `CiliumNetworkPolicy web/cart changed`, `labels of web/cart changed`. */
export function changeTitle(change: CompareChange): string {
  if (change.what === "workload") return `Labels of workload ${policyText({ ...change })} changed`;
  if (change.labels.length > 0) return `Labels of namespace ${safe(change.name, 256)} changed`;
  return `${safe(change.kind, 80)} ${policyText({ ...change })} ${change.action}`;
}

/** What is missing of a side; empty when nothing is known to be. */
export function missingTexts(side: CompareSide): string[] {
  const byCause = new Map<string, { lost: number; nodes: Set<string> }>();
  for (const { cause, count: lost, node } of side.gaps) {
    const found = byCause.get(cause) ?? { lost: 0, nodes: new Set() };
    found.lost += lost;
    if (node !== "") found.nodes.add(node);
    byCause.set(cause, found);
  }
  return [...byCause].map(([cause, { lost, nodes }]) => {
    const parts = [
      lost > 0 ? `${plural(lost, "event")} lost` : "",
      nodes.size > 0 ? `on ${plural(nodes.size, "node")}` : "",
    ].filter((part) => part !== "");
    return `${causeWords(cause)}${parts.length > 0 ? `: ${parts.join(" ")}` : ""}`;
  });
}

export function lengthText({ from, to }: { from: number; to: number }): string {
  return span(Math.max(1000, Math.round((to - from) / 1000) * 1000));
}
