import type { Peer, Problem } from "@dropscope/model";
import { countText } from "../import/units.js";
import { shown } from "../observe/paint.js";

/** One problem for a person: who and how often, why, what to do, where to look further. */
export function problemText(problem: Problem): string {
  const { state, outcome, direction, explanation, id, change } = problem;
  const head = `${state.toUpperCase().padEnd(8)} ${peerText(problem.source)} → ${peerText(problem.destination)}${portText(problem)}  ${[direction, outcome].filter(Boolean).join(" ")}`;
  const lines = [
    head,
    `  ${explanation.sentence}`,
    ...(change === null
      ? []
      : [
          `  before it: ${change.kind} ${nameText(change.namespace, change.name)} was ${change.action} at ${change.time}`,
        ]),
    ...(explanation.next === "" ? [] : [`  next: ${explanation.next}`]),
    `  ${howOften(problem)}  ${id}`,
  ];
  return `${lines.map(shown).join("\n")}\n`;
}

/** The same in one line, for following. */
export function problemLine(problem: Problem, now: string): string {
  const { state, outcome, direction, id } = problem;
  return `${shown(`${now}  ${state.padEnd(8)} ${peerText(problem.source)} → ${peerText(problem.destination)}${portText(problem)}  ${[direction, outcome].filter(Boolean).join(" ")}  ${howOften(problem)}  ${id}`)}\n`;
}

function howOften({
  count,
  rate,
  podCount,
  peerCount,
  firstSeen,
  lastSeen,
  folded,
}: Problem): string {
  const drops = `${countText(count)} ${count === 1 ? "drop" : "drops"}`;
  const minute = rate > 0 ? `, ${countText(Math.round(rate * 10) / 10)} a minute` : "";
  const pods = podCount > 1 ? `, ${countText(podCount)} pods` : "";
  const peers = peerCount > 1 ? `, ${countText(peerCount)} far ends` : "";
  const coarse = folded === "" ? "" : `, ${folded} folded together`;
  return `${drops}${minute}${pods}${peers}${coarse}, ${firstSeen} to ${lastSeen}`;
}

function peerText({ kind, namespace, name }: Peer): string {
  if (kind === "unknown" && name === "") return namespace === "" ? "many" : `many of ${namespace}`;
  return nameText(namespace, name);
}

function portText({ protocol, port }: Problem): string {
  if (protocol === "") return "";
  return ` on ${protocol}${port === 0 ? "" : ` ${port}`}`;
}

const nameText = (namespace: string, name: string): string =>
  namespace === "" ? name : `${namespace}/${name}`;
