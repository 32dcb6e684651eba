/** Problems in words. Pure. */
import type { ChangeMark, PolicyName, Problem, ProblemRow, ProblemState } from "@dropscope/model";
import { span } from "../lib/format.js";
import { peerText, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";

type Named = Pick<
  ProblemRow,
  "source" | "destination" | "protocol" | "port" | "folded" | "direction"
>;

export function plain(sentence: string): string {
  return safe(sentence, 1200);
}

/** The sentence without who was dropped on the way to whom, where that stands beside it. */
export function reasonText(sentence: string): string {
  const text = plain(sentence);
  const start = /^.{1,400}? (?:was dropped|would have been dropped|was denied)[^:]{0,80}: /.exec(
    text,
  );
  const rest = start === null ? text : text.slice(start[0].length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** `web/checkout → payments/api :8443/TCP`. */
export function pathText(problem: Named): string {
  const port = portText(problem.port, safe(problem.protocol, 12));
  return `${endText(problem, "source")} → ${endText(problem, "destination")}${port === "" ? "" : ` ${port}`}`;
}

/** An end, or what is said of ends that are folded. */
export function endText(problem: Named, end: "source" | "destination"): string {
  const peer = problem[end];
  const many = problem.folded !== "" && peer.name === "";
  if (!many) return peerText(peer);
  return peer.namespace === "" ? "many ends" : `${safe(peer.namespace, 256)}/…`;
}

export function policyText({ namespace, name }: PolicyName): string {
  return safe(namespace === "" ? name : `${namespace}/${name}`, 400);
}

export const STATE_WORDS: Record<ProblemState, string> = {
  new: "new",
  back: "back",
  ongoing: "ongoing",
  resolved: "resolved",
};

export const STATE_HINTS: Record<ProblemState, string> = {
  new: "It began a short while ago",
  back: "It was resolved, and is seen again",
  ongoing: "It has been seen for a while",
  resolved: "No drop of it came for a while",
};

/** `12/min`, `0.4/min`, `0/min`. */
export function perMinute(rate: number): string {
  if (rate <= 0) return "0/min";
  if (rate < 0.1) return "<0.1/min";
  return rate < 9.95 ? `${rate.toFixed(1)}/min` : `${Math.round(rate).toLocaleString("en-US")}/min`;
}

/** `NetworkPolicy web/checkout-egress was changed 3 s before the first drop`; of a later change the newest drop counts. */
export function changeText(
  change: ChangeMark,
  problem: Pick<Problem, "firstSeen" | "lastSeen">,
): string {
  const what = `${safe(change.kind, 80)} ${policyText(change)} was ${change.action}`;
  const at = Date.parse(change.time);
  const first = Date.parse(problem.firstSeen) - at;
  if (first > -1000)
    return first < 1000
      ? `${what} with the first drop`
      : `${what} ${span(first)} before the first drop`;
  const last = Date.parse(problem.lastSeen) - at;
  return last > 0 ? `${what} ${span(last)} before the newest drop` : `${what} since`;
}

export function changeWords({ action, kind, namespace, name }: ChangeMark): string {
  return `${safe(kind, 80)} ${policyText({ kind, namespace, name })} ${action}`;
}

const AGREEMENTS: Record<Problem["agreement"], string> = {
  same: "Cilium names the same policies",
  differs: "Cilium names other policies than these: see the flows",
  "cilium-silent": "Cilium names no policy for it; this is worked out from the policies",
};

export function agreementText(agreement: Problem["agreement"]): string {
  return AGREEMENTS[agreement];
}
