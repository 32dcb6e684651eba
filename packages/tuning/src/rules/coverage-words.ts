import type { Evidence } from "@dropscope/model";
import { counted } from "./words.js";

/** How far the observation goes, to stand behind "nothing used it": `in the 148 hours observed of 168, with 2 gaps in what was observed`. */
export function coverageWords({ hours, hoursSeen, gaps, unknown, left }: Evidence): string {
  const unjudged = unknown.reduce((sum, one) => sum + one.flows, 0);
  const but = [
    ...(gaps.length === 0 ? [] : [`${counted(gaps.length, "gap")} in what was observed`]),
    ...(unjudged === 0 ? [] : [`${counted(unjudged, "flow")} that could not be judged`]),
    ...(left === 0
      ? []
      : [`${counted(left, "connection")} that ${left === 1 ? "was" : "were"} not looked at`]),
  ];
  const seen = `in the ${counted(hoursSeen, "hour")} observed${hoursSeen < hours ? ` of ${hours}` : ""}`;
  return but.length === 0 ? seen : `${seen}, with ${but.join(" and ")}`;
}
