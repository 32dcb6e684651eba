import type { Evidence } from "@dropscope/model";
import { countText } from "../import/units.js";

/** What an answer rests on, in a few lines for a person. */
export function evidenceText(evidence: Evidence): string[] {
  const { from, to, flows, edges, hours, hoursSeen, gaps, unknown, left } = evidence;
  const lost = gaps.reduce((sum, { count }) => sum + count, 0);
  return [
    `observed ${minute(from)} to ${minute(to)}: ${plural(flows, "flow")} on ${plural(edges, "connection")}, in ${hoursSeen} of ${plural(hours, "hour")}`,
    ...(gaps.length === 0
      ? []
      : [
          `missing  ${plural(gaps.length, "gap")}${lost === 0 ? "" : `, ${plural(lost, "event")} lost`}`,
        ]),
    ...unknown.map(
      (one) =>
        `unknown  ${one.edges === 0 ? "" : `${plural(one.edges, "connection")}, `}${plural(one.flows, "flow")}: ${one.why}`,
    ),
    ...(left === 0 ? [] : [`left     ${plural(left, "connection")} beyond what is looked at`]),
  ];
}

export function plural(number: number, noun: string): string {
  return `${countText(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** `2026-11-20 14:02` in UTC. */
export function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
