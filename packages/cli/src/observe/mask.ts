import { DropscopeError, type Endpoint, EXIT, type Flow } from "@dropscope/model";

/**
 * Reads `--field-mask`: fields of a flow by their proto names, sub-fields behind a point.
 * @throws DropscopeError `OBSERVE_MASK` (exit 2) for what is no list of fields
 */
export function fieldMask(text: string): (flow: Flow) => Flow {
  const paths = text.split(",").map((path) => path.trim().split("."));
  for (const path of paths)
    if (path.some((name) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)))
      throw new DropscopeError(
        "OBSERVE_MASK",
        `--field-mask: ${JSON.stringify(text)} is no list of fields.`,
        {
          next: "Write names as in the JSON output, with commas: time,source.labels,verdict.",
          exitCode: EXIT.usage,
        },
      );
  return (flow) => {
    const masked = {};
    for (const path of paths) copyPath(flow, masked, path);
    return masked;
  };
}

function copyPath(from: object, to: object, [name = "", ...rest]: readonly string[]): void {
  const value = Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;
  if (value === undefined) return;
  const target = to as Record<string, unknown>;
  if (rest.length === 0) target[name] = value;
  else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const inner: object = target[name] ?? {};
    copyPath(value, inner, rest);
    target[name] = inner;
  }
}

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
