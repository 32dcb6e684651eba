import { DROP_REASONS, VERDICTS } from "../enums.gen.js";
import { RESERVED_IDENTITIES } from "../identities.js";
import type { CompletionKind, FilterFlag } from "../rest.js";
import { PROTOCOL_WORDS } from "./conditions.js";
import { FLOW_EVENT_TYPES, TRACE_POINTS } from "./event-types.js";

/**
 * A flag of the filter language: the CLI's help, the page's completion and the parser
 * are driven by it. Names are those of the real `hubble observe`.
 */
export interface FlagSpec {
  /** Without dashes. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** What follows it, for people; "" for a switch. A switch may still be given as `--flag=value`. */
  readonly value: string;
  readonly help: string;
  /** Which end of a flow it speaks of; `either` becomes two filters, joined by OR. */
  readonly side: "either" | "from" | "to" | "flow";
  /** The closed set of values, or those worth offering. */
  readonly values?: readonly string[];
  readonly complete?: CompletionKind;
  /** Not in the real CLI. */
  readonly extra?: true;
}

interface TwoSided {
  value: string;
  help: string;
  short?: string;
  values?: readonly string[];
  complete?: CompletionKind;
}

/** `--x`, `--from-x` and `--to-x`. In `help`, `%` stands for the side. */
function twoSided(name: string, spec: TwoSided): FlagSpec[] {
  const { short, help, ...rest } = spec;
  return [
    {
      name,
      ...(short === undefined ? {} : { short }),
      ...rest,
      side: "either",
      help: help.replace("%", "from or to"),
    },
    { name: `from-${name}`, ...rest, side: "from", help: help.replace("%", "from") },
    { name: `to-${name}`, ...rest, side: "to", help: help.replace("%", "to") },
  ];
}

function flow(name: string, value: string, help: string, more: Partial<FlagSpec> = {}): FlagSpec {
  return { name, value, help, side: "flow", ...more };
}

const verdicts = Object.values(VERDICTS).filter((name) => name !== "VERDICT_UNKNOWN");
const tracePoints = TRACE_POINTS.map((point) => `trace:${point}`);
const eventTypes = FLOW_EVENT_TYPES.flatMap((type) =>
  type === "trace" ? ["trace"].concat(tracePoints) : [type],
);
const HTTP_METHODS = [
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
];

export const FILTER_FLAGS: readonly FlagSpec[] = [
  flow("not", "", "Takes out what the next filter matches: --not --to-port 53."),
  flow("verdict", "VERDICT", "Flows with this verdict.", { values: verdicts, complete: "verdict" }),
  flow("drop-reason-desc", "REASON", "Flows dropped for this reason.", {
    values: Object.values(DROP_REASONS),
    complete: "drop-reason",
  }),
  flow(
    "policy",
    "[NAMESPACE/]POLICY",
    "Flows that this policy allowed or denied, or that its explanation holds responsible; * stands for any part of the name.",
    {
      complete: "policy",
      extra: true,
    },
  ),
  flow("problem", "ID", "Exactly the flows that are folded into this problem.", {
    complete: "problem",
    extra: true,
  }),
  flow("type", "TYPE[:SUBTYPE]", "Events of this type.", { short: "t", values: eventTypes }),
  flow("protocol", "PROTOCOL", "Flows of this L4 or L7 protocol.", { values: PROTOCOL_WORDS }),
  flow("traffic-direction", "DIRECTION", "Flows seen on their way in or out of the endpoint.", {
    values: ["ingress", "egress"],
  }),
  ...twoSided("pod", {
    value: "[NAMESPACE/]POD",
    help: 'Flows % pods whose name begins so; without a namespace "default" is meant, /POD means any.',
    complete: "pod",
  }),
  ...twoSided("namespace", {
    value: "NAMESPACE",
    short: "n",
    help: "Flows % this namespace.",
    complete: "namespace",
  }),
  ...twoSided("all-namespaces", { value: "", short: "A", help: "Flows % any namespace." }),
  ...twoSided("service", {
    value: "[NAMESPACE/]SERVICE",
    help: "Flows % the ClusterIP of a service whose name begins so.",
    complete: "service",
  }),
  ...twoSided("workload", {
    value: "[KIND/]NAME",
    help: "Flows % this workload.",
    complete: "workload",
  }),
  ...twoSided("label", {
    value: "SELECTOR",
    short: "l",
    help: "Flows % endpoints with these labels: app=web, k8s:app in (a,b), tier!=db, reserved:world.",
    complete: "label",
  }),
  ...twoSided("ip", { value: "IP|CIDR", help: "Flows % this address or range." }),
  flow("snat-ip", "IP|CIDR", "Flows whose source became this address by SNAT."),
  ...twoSided("fqdn", {
    value: "NAME",
    help: "Flows % this DNS name; * stands for any part of it.",
    complete: "fqdn",
  }),
  ...twoSided("port", { value: "PORT", help: "Flows % this port.", complete: "port" }),
  ...twoSided("identity", {
    value: "IDENTITY",
    help: "Flows % this security identity: a number or a reserved name.",
    values: Object.values(RESERVED_IDENTITIES).filter((name) => name !== "unknown"),
  }),
  flow("tcp-flags", "FLAG[,FLAG]", "TCP packets with all of these flags.", {
    values: ["SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR", "NS"],
  }),
  flow("http-status", "CODE", "HTTP answers with this status: 404, 5+."),
  flow("http-method", "METHOD", "HTTP requests with this method.", { values: HTTP_METHODS }),
  flow("http-path", "REGEX", "HTTP requests whose path matches."),
  flow("http-url", "REGEX", "HTTP requests whose URL matches."),
  flow("http-header", "NAME:VALUE", "HTTP flows with this header."),
  flow("dns-query", "REGEX", "DNS flows whose query matches.", { extra: true }),
  flow("reply", "", "Answers only; --reply=false for the other direction only.", {
    extra: true,
    values: ["true", "false"],
  }),
  flow("ipv4", "", "IPv4 only.", { short: "4" }),
  flow("ipv6", "", "IPv6 only.", { short: "6" }),
  flow("ip-version", "VERSION", "Flows of this IP version; none means no IP at all (ARP).", {
    values: ["none", "v4", "v6"],
  }),
  flow("encrypted", "", "Encrypted flows only."),
  flow("unencrypted", "", "Flows that were not encrypted only."),
  flow(
    "node-name",
    "[CLUSTER/]NODE",
    "Flows seen by this node; * stands for any part of the name.",
    {
      complete: "node",
    },
  ),
  flow("node-label", "SELECTOR", "Flows seen by nodes with these labels.", {
    complete: "node-label",
  }),
  ...twoSided("cluster", {
    value: "CLUSTER",
    help: "Flows % endpoints of this cluster.",
    complete: "cluster",
  }),
  flow("interface", "NAME", "Flows seen at this network interface."),
  flow("trace-id", "ID", "Flows with this trace id (W3C trace context)."),
  flow("ip-trace-id", "ID", "Flows with this IP trace id."),
  flow("uuid", "UUID", "The one flow with this id."),
  flow("cel-expression", "EXPRESSION", "Known, and refused: CEL is not supported."),
];

const byName = new Map(FILTER_FLAGS.map((spec) => [spec.name, spec]));
const byShort = new Map(
  FILTER_FLAGS.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec] as const])),
);

/** By its name without dashes. */
export function flagNamed(name: string): FlagSpec | undefined {
  return byName.get(name);
}

export function flagOfLetter(letter: string): FlagSpec | undefined {
  return byShort.get(letter);
}

/** The table in the form that the page gets. */
export function filterFlags(): FilterFlag[] {
  return FILTER_FLAGS.map((spec) => ({
    name: `--${spec.name}`,
    ...(spec.short === undefined ? {} : { short: `-${spec.short}` }),
    value: spec.value,
    help: spec.help,
    ...(spec.values === undefined ? {} : { values: [...spec.values] }),
    ...(spec.complete === undefined ? {} : { complete: spec.complete }),
  }));
}

/** The flag whose name is nearest to a misspelt one, when it is near at all. */
export function nearestFlag(name: string): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const spec of FILTER_FLAGS) {
    const distance = editDistance(name.slice(0, LONGEST), spec.name);
    if (best === undefined || distance < best.distance) best = { name: spec.name, distance };
  }
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3)))
    return best.name;
  // Half a name is what completion is for, but it is meant all the same.
  return name.length < 3
    ? undefined
    : FILTER_FLAGS.find((spec) => spec.name.startsWith(name))?.name;
}

const LONGEST = 60;

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
