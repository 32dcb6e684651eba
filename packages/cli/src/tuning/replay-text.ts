import {
  type CandidateProblem,
  type Peer,
  type ReplayAnswer,
  type ReplayChange,
  type ReplayGroup,
} from "@dropscope/model";
import { shown } from "../observe/paint.js";
import { evidenceText, minute, plural } from "./evidence-text.js";
import { sparkline } from "./rules-text.js";

const TITLES: Readonly<Record<ReplayChange, string>> = {
  "newly-denied": "newly denied",
  "newly-allowed": "newly allowed",
};

/** What the candidate would have done, for a person: newly denied first, and what it rests on before all. */
export function replayText(answer: ReplayAnswer): string {
  const { evidence, changes, groups, counts } = answer;
  const lines = [...evidenceText(evidence)];
  if (changes.length > 0) lines.push("");
  for (const { policy, change } of changes) lines.push(`${change.padEnd(8)} ${policyText(policy)}`);
  for (const change of ["newly-denied", "newly-allowed"] as const) {
    const some = groups.filter((group) => group.change === change);
    if (some.length > 0) lines.push("", TITLES[change]);
    for (const group of some) lines.push(...groupLines(group));
  }
  const told = [
    ["newly denied", counts.newlyDenied],
    ["newly allowed", counts.newlyAllowed],
    ["still denied", counts.stillDenied],
    ["still allowed", counts.stillAllowed],
    ["unknown", counts.unknown],
  ] as const;
  lines.push("");
  for (const [what, { edges, flows }] of told)
    if (edges > 0 || flows > 0 || what === "newly denied")
      lines.push(`${what.padEnd(14)} ${plural(edges, "connection")}, ${plural(flows, "flow")}`);
  return `${lines.map(shown).join("\n")}\n`;
}

function groupLines(group: ReplayGroup): string[] {
  const { client, server, protocol, port, flows, pods, firstSeen, lastSeen, trend, says } = group;
  const on = protocol.startsWith("ICMP") ? `${protocol} type ${port}` : `${protocol} ${port}`;
  const { forwarded, dropped, audited } = group.seen;
  const seen = [
    ...(dropped > 0 ? [`${plural(dropped, "flow")} dropped then`] : []),
    ...(audited > 0 ? [`${plural(audited, "flow")} audited then`] : []),
    ...(forwarded > 0 && dropped + audited > 0 ? [`${plural(forwarded, "flow")} passed then`] : []),
  ];
  const where =
    group.policies.length === 0
      ? []
      : [
          `    ${group.policies.map(policyText).join(", ")}${group.clause === "" ? "" : ` at ${group.clause}`}`,
        ];
  return [
    `  ${peerText(client)} → ${peerText(server)} ${on}`,
    `    ${[`${plural(flows, "flow")} of ${plural(pods, "pod")}`, `${minute(firstSeen)} to ${minute(lastSeen)}`, ...seen].join(", ")}  ${sparkline(trend)}`.trimEnd(),
    ...(says === "" ? [] : [`    ${says}`]),
    ...where,
  ];
}

/** `file`-less `line:column: severity: message`, as compilers write it. */
export function problemLine({ severity, rule, message, line, column }: CandidateProblem): string {
  return shown(`${line}:${column}: ${severity}: ${message}${rule === "" ? "" : ` (${rule})`}`);
}

function peerText({ kind, namespace, name }: Peer): string {
  if (kind === "unknown" && name === "")
    return namespace === "" ? "somebody" : `somebody of ${namespace}`;
  return namespace === "" ? name : `${namespace}/${name}`;
}

function policyText({ kind, namespace, name }: ReplayAnswer["changes"][number]["policy"]): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}
