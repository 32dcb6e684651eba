import {
  AUTH_TYPES,
  enumNumber,
  enumText,
  eventName,
  RESERVED_IDENTITIES,
  VERDICTS,
  type Endpoint,
  type Flow,
  type PolicyRef,
  type Service,
} from "@dropscope/model";
import { shown, type Paint } from "./paint.js";

export interface FlowTextOptions {
  paint: Paint;
  /** Names instead of addresses, where there are any. */
  ipTranslation: boolean;
  /** The names of the policies behind the verdict of a policy-verdict event. */
  policyNames: boolean;
}

/** The columns of one printed flow. */
export interface FlowText {
  source: string;
  sourceIdentity: string;
  destination: string;
  destinationIdentity: string;
  /** What kind of event it was: `to-endpoint`, `Policy denied`, `dns-request proxy`. */
  event: string;
  verdict: string;
  summary: string;
}

const POLICY_VERDICT = 5;

/** Words and order are those of the hubble CLI v1.19: scripts parse them. */
export function flowText(flow: Flow, options: FlowTextOptions): FlowText {
  const { paint } = options;
  const [source, destination] = hosts(flow, options);
  return {
    source,
    sourceIdentity: paint.identity(`(${identity(flow.source)})`),
    destination,
    destinationIdentity: paint.identity(`(${identity(flow.destination)})`),
    event: shown(eventName(flow)),
    verdict: verdict(flow, options),
    summary: summary(flow, paint),
  };
}

function identity(endpoint: Endpoint | undefined): string {
  const number = endpoint?.identity ?? 0;
  const reserved = (RESERVED_IDENTITIES as Readonly<Record<number, string>>)[number];
  return reserved ?? `ID:${number}`;
}

function hosts(flow: Flow, options: FlowTextOptions): [string, string] {
  const { paint } = options;
  if (flow.IP === undefined) {
    if (flow.ethernet === undefined) return ["", ""];
    return [paint.host(shown(flow.ethernet.source)), paint.host(shown(flow.ethernet.destination))];
  }
  const ported = flow.l4?.TCP ?? flow.l4?.UDP ?? flow.l4?.SCTP;
  return [
    paint.host(
      host(
        options,
        flow.IP.source,
        ported?.source_port,
        flow.source,
        flow.source_service,
        flow.source_names,
      ),
    ),
    paint.host(
      host(
        options,
        flow.IP.destination,
        ported?.destination_port,
        flow.destination,
        flow.destination_service,
        flow.destination_names,
      ),
    ),
  ];
}

function host(
  { paint, ipTranslation }: FlowTextOptions,
  address: string | undefined,
  port: number | undefined,
  endpoint: Endpoint | undefined,
  service: Service | undefined,
  names: readonly string[] | undefined,
): string {
  let name = address ?? "";
  if (ipTranslation) {
    // The namespace of a service hides that of the pod, for the pod's name too: so the CLI has it.
    const namespace = (service === undefined ? endpoint?.namespace : service.namespace) ?? "";
    const own = endpoint?.pod_name || service?.name || "";
    if (own !== "") name = namespace === "" ? own : `${namespace}/${own}`;
    else if (names !== undefined && names.length > 0) name = names.join(",");
  }
  const text = shown(name);
  if (port === undefined || port === 0) return text;
  return `${text.includes(":") ? `[${text}]` : text}:${paint.port(String(port))}`;
}

function verdict(flow: Flow, { paint, policyNames }: FlowTextOptions): string {
  const number = enumNumber(VERDICTS, flow.verdict);
  const byPolicy = flow.event_type?.type === POLICY_VERDICT;
  const named = (word: string, refs: (PolicyRef[] | undefined)[]): string =>
    policyNames ? word + policies(flow, refs) : word;
  const plain = shown(enumText(VERDICTS, flow.verdict));
  switch (number === undefined ? "" : (VERDICTS as Readonly<Record<number, string>>)[number]) {
    case "FORWARDED":
    case "REDIRECTED":
      return paint.good(
        byPolicy ? named("ALLOWED", [flow.egress_allowed_by, flow.ingress_allowed_by]) : plain,
      );
    case "DROPPED":
    case "ERROR":
      return paint.bad(
        byPolicy ? named("DENIED", [flow.egress_denied_by, flow.ingress_denied_by]) : plain,
      );
    case "AUDIT":
      return paint.notable(
        byPolicy ? named("AUDITED", [flow.egress_denied_by, flow.ingress_denied_by]) : plain,
      );
    case "TRACED":
    case "TRANSLATED":
      return paint.notable(plain);
    default:
      return plain;
  }
}

function policies(flow: Flow, [egress, ingress]: (PolicyRef[] | undefined)[]): string {
  const refs =
    flow.traffic_direction === "EGRESS"
      ? egress
      : flow.traffic_direction === "INGRESS"
        ? ingress
        : undefined;
  const names = (refs ?? [])
    .filter((ref) => ref.name && ref.kind)
    .map((ref) => `${shown(ref.name)} (${shown(ref.kind)})`);
  return names.length === 0 ? "" : ` BY ${names.join(", ")}`;
}

function summary(flow: Flow, paint: Paint): string {
  let text = shown(flow.Summary);
  const trace = flow.ip_trace_id?.trace_id ?? 0;
  if (Number(trace) > 0) text = `IP Trace ID: ${trace}; ${text}`;
  const auth = enumText(AUTH_TYPES, flow.auth_type);
  if (auth !== "DISABLED") {
    text += `; Auth: ${auth === "TEST_ALWAYS_FAIL" ? paint.bad(auth) : paint.good(shown(auth))}`;
  }
  return text;
}
