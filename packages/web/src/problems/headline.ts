/** Is something wrong now? One sentence. Pure. */
import type { Coverage, ProblemsAnswer } from "@dropscope/model";
import { count, perSecond, plural } from "../lib/format.js";
import { perMinute } from "./words.js";

export interface ProblemsHeadline {
  mood: "wrong" | "calm" | "blind";
  lead: string;
  rest: string;
}

export function problemsHeadline(
  list: ProblemsAnswer,
  coverage: Coverage | undefined,
  past: string | undefined,
): ProblemsHeadline {
  const { counts } = list;
  const active = counts.new + counts.back + counts.ongoing;
  const all = active + counts.resolved;
  if (past !== undefined) {
    return all === 0
      ? { mood: "calm", lead: `No problems ${past}.`, rest: "" }
      : { mood: "wrong", lead: `${plural(all, "problem")} ${past}.`, rest: restOf(list) };
  }
  if (active === 0) {
    const seen = seenBy(coverage);
    if (seen === undefined)
      return {
        mood: "blind",
        lead: "No problem is known,",
        rest: "but not every node is seen right now.",
      };
    return { mood: "calm", lead: "No problem is going on.", rest: seen };
  }
  const parts = [
    counts.new > 0 ? `${count(counts.new)} new` : "",
    counts.back > 0 ? `${count(counts.back)} back` : "",
  ].filter((part) => part !== "");
  const some = parts.length === 0 ? "" : `, ${parts.join(", ")}`;
  return {
    mood: "wrong",
    lead: `${plural(active, "problem")} ${active === 1 ? "is" : "are"} going on${some}.`,
    rest: restOf(list),
  };
}

/** The list as it was at a moment. @param then the moment in words */
export function headlineAsOf(list: ProblemsAnswer, then: string): ProblemsHeadline {
  const { counts } = list;
  const active = counts.new + counts.back + counts.ongoing;
  if (active === 0) return { mood: "calm", lead: `No problem was going on at ${then}.`, rest: "" };
  const fresh = counts.new > 0 ? `, ${count(counts.new)} new` : "";
  return {
    mood: "wrong",
    lead: `${plural(active, "problem")} ${active === 1 ? "was" : "were"} going on at ${then}${fresh}.`,
    rest: restOf(list),
  };
}

function restOf({ problems }: ProblemsAnswer): string {
  const rate = problems.reduce((sum, row) => sum + row.rate, 0);
  const pods = problems.reduce((sum, row) => sum + (row.rate > 0 ? row.podCount : 0), 0);
  if (rate <= 0) return "";
  return `${perMinute(rate).replace("/min", " drops a minute")} from ${plural(pods, "pod")}.`;
}

/** Undefined when calm would be a guess. */
function seenBy(coverage: Coverage | undefined): string | undefined {
  if (!coverage) return "";
  const { nodes, flowsPerSecond, store } = coverage;
  if (nodes.connected < nodes.total || store.state === "down") return undefined;
  if (nodes.total === 0) return "";
  return `${perSecond(flowsPerSecond).replace("/s", " flows/s")} from ${count(nodes.connected)} of ${plural(nodes.total, "node")}.`;
}
