import type { AuditFinding, OpenWorkload, Peer, PolicyName } from "@dropscope/model";
import { countText } from "../import/units.js";
import { shown } from "../observe/paint.js";

/** One finding for a person: who reached whom, why it should not have, what to do, where to look further. */
export function auditText(finding: AuditFinding): string {
  const { reason, direction, subject, peer, protocol, port, sentence, next, change } = finding;
  const [from, to] = direction === "egress" ? [subject, peer] : [peer, subject];
  const lines = [
    `PASSED   ${peerText(from)} → ${peerText(to)}${portText(protocol, port)}  ${direction} ${reason}`,
    `  ${sentence}`,
    ...(change === null
      ? []
      : [`  before it: ${change.kind} ${nameOf(change)} was ${change.action} at ${change.time}`]),
    ...(next === "" ? [] : [`  next: ${next}`]),
    `  ${howOften(finding)}`,
  ];
  return `${lines.map(shown).join("\n")}\n`;
}

/** One workload that no policy restricts. */
export function openText({ namespace, name, kind, pods, open, selected }: OpenWorkload): string {
  const directions = open.join(" and ");
  const why = selected ? `no policy restricts ${directions}` : "no policy selects it";
  const many = `${countText(pods)} ${pods === 1 ? "pod" : "pods"}`;
  return `${shown(`OPEN     ${namespace}/${name}  ${kind}, ${many}: ${why}`)}\n`;
}

function howOften({ count, nodes, firstSeen, lastSeen, evidence }: AuditFinding): string {
  const times = `${countText(count)} ${count === 1 ? "connection" : "connections"}`;
  const where = nodes.length === 0 ? "" : ` on ${nodes.slice(0, 3).join(", ")}`;
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more nodes` : "";
  const flow = evidence[0] === undefined ? "" : `  flow ${evidence[0]}`;
  return `${times}${where}${more}, ${firstSeen} to ${lastSeen}${flow}`;
}

function peerText({ kind, namespace, name }: Peer): string {
  if (kind === "unknown" && name === "") return namespace === "" ? "unknown" : namespace;
  return nameOf({ namespace, name });
}

const nameOf = ({ namespace, name }: Pick<PolicyName, "namespace" | "name">): string =>
  namespace === "" ? name : `${namespace}/${name}`;

function portText(protocol: string, port: number): string {
  if (protocol === "") return "";
  return ` on ${protocol}${port === 0 ? "" : ` ${port}`}`;
}
