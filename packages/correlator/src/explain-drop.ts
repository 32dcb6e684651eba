import { type Endpoint, type Flow, type PolicyRef, peerOf } from "@dropscope/model";
import { dropReasonText } from "@dropscope/model";
import { isolating, parseLabels, type Direction, type Policy } from "@dropscope/policy";
import type { Explanation } from "./explanation.js";

/**
 * Explains one dropped flow. The data path comes first: where Hubble names the
 * denying policy, that is the answer. For a default deny it names none
 * (`POLICY_DENIED` never carries `*_denied_by`), so the policies that isolate the
 * endpoint are looked up in `policies`.
 */
export function explainDrop(flow: Flow, policies: readonly Policy[]): Explanation {
  const named = [...(flow.egress_denied_by ?? []), ...(flow.ingress_denied_by ?? [])];
  const reason = flow.drop_reason_desc ?? flow.drop_reason ?? 0;
  if (named.length > 0 || reason === "POLICY_DENY" || reason === 181)
    return {
      cause: "explicit-deny",
      sentence: `${who(flow)} was denied by ${named.length > 0 ? nameAll(named) : "a deny rule that the data path did not name"}.`,
      policies: named,
      source: "datapath",
    };
  if (reason === "POLICY_DENIED" || reason === 133) return explainDefaultDeny(flow, policies);
  if (reason === "AUTH_REQUIRED" || reason === 189)
    return {
      cause: "authentication",
      sentence: `${who(flow)} was dropped until both ends are mutually authenticated.`,
      policies: [],
      source: "datapath",
    };
  if (flow.l7)
    return {
      cause: "l7-denied",
      sentence: `${who(flow)} reached the proxy, and no L7 rule allowed this ${l7Kind(flow)} request.`,
      policies: [],
      source: "datapath",
    };
  if (reason !== 0 && reason !== "DROP_REASON_UNKNOWN") {
    const text = dropReasonText(reason);
    return {
      cause: "not-a-policy",
      sentence: `${who(flow)} was dropped: ${text.title}. ${text.meaning}`,
      policies: [],
      source: "datapath",
    };
  }
  return {
    cause: "unexplained",
    sentence: `${who(flow)} was dropped, and the data path gave no reason.`,
    policies: [],
    source: "none",
  };
}

function explainDefaultDeny(flow: Flow, policies: readonly Policy[]): Explanation {
  const direction = directionOf(flow);
  const subject = direction === "egress" ? flow.source : flow.destination;
  const responsible =
    direction && subject ? isolating(policies, subjectOf(subject), direction).map(reference) : [];
  const side = direction ? `${direction} of ` : "";
  const about = subject
    ? peerText(flow, direction === "egress" ? "source" : "destination")
    : "the endpoint";
  return {
    cause: "default-deny",
    sentence:
      responsible.length > 0
        ? `${who(flow)} was dropped: ${nameAll(responsible)} ${responsible.length > 1 ? "make" : "makes"} deny the default for ${side}${about}, and no rule allowed it.`
        : `${who(flow)} was dropped: no rule allowed it, and ${side}${about} is denied by default.`,
    policies: responsible,
    source: responsible.length > 0 ? "policies" : "datapath",
  };
}

function directionOf(flow: Flow): Direction | undefined {
  if (flow.traffic_direction === "INGRESS") return "ingress";
  return flow.traffic_direction === "EGRESS" ? "egress" : undefined;
}

const subjectOf = (endpoint: Endpoint) => ({
  namespace: endpoint.namespace ?? "",
  labels: parseLabels(endpoint.labels ?? []),
});

const reference = (policy: Policy): PolicyRef => ({
  name: policy.name,
  namespace: policy.namespace,
  kind: policy.kind,
});

function nameAll(refs: readonly PolicyRef[]): string {
  const names = refs.map((ref) => `${ref.namespace ? `${ref.namespace}/` : ""}${ref.name ?? "?"}`);
  return [...new Set(names)].join(", ");
}

function who(flow: Flow): string {
  const port =
    flow.l4?.TCP?.destination_port ??
    flow.l4?.UDP?.destination_port ??
    flow.l4?.SCTP?.destination_port;
  const protocol = Object.keys(flow.l4 ?? {})[0];
  const on = protocol ? ` on ${protocol}${port ? ` ${port}` : ""}` : "";
  return `${peerText(flow, "source")} to ${peerText(flow, "destination")}${on}`;
}

function peerText(flow: Flow, end: "source" | "destination"): string {
  const peer = peerOf(flow, end);
  return peer.namespace ? `${peer.namespace}/${peer.name}` : peer.name || "an unknown endpoint";
}

function l7Kind(flow: Flow): string {
  if (flow.l7?.http) return "HTTP";
  return flow.l7?.dns ? "DNS" : "L7";
}
