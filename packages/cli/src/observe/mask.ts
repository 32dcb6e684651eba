import type { Endpoint, Flow } from "@dropscope/model";

/**
 * What is left of a flow behind the field mask that the hubble CLI asks for with compact, dict
 * and table output. It hides more than one expects: a policy verdict prints as
 * `policy-verdict:none TRAFFIC_DIRECTION_UNKNOWN` because its direction is not in the mask.
 * @param policyNames adds what `--print-policy-names` needs.
 */
export function defaultMask(flow: Flow, policyNames: boolean): Flow {
  const masked: Record<string, unknown> = {};
  for (const key of KEPT) if (flow[key] !== undefined) masked[key] = flow[key];
  if (policyNames) {
    for (const key of POLICY_FIELDS) if (flow[key] !== undefined) masked[key] = flow[key];
  }
  if (flow.source !== undefined) masked["source"] = endpoint(flow.source);
  if (flow.destination !== undefined) masked["destination"] = endpoint(flow.destination);
  return masked;
}

const KEPT = [
  "time",
  "source_service",
  "destination_service",
  "l4",
  "IP",
  "ethernet",
  "l7",
  "Type",
  "node_name",
  "is_reply",
  "event_type",
  "verdict",
  "Summary",
] as const;

const POLICY_FIELDS = [
  "traffic_direction",
  "policy_match_type",
  "egress_allowed_by",
  "ingress_allowed_by",
  "egress_denied_by",
  "ingress_denied_by",
] as const;

function endpoint({ identity, namespace, pod_name }: Endpoint): Endpoint {
  return {
    ...(identity === undefined ? {} : { identity }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(pod_name === undefined ? {} : { pod_name }),
  };
}
