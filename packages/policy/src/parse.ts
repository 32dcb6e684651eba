import { isMap, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type {
  LabelExpression,
  LabelSelector,
  Place,
  Policy,
  PolicyKind,
  PolicyProblem,
} from "./policy.js";

export interface ParsedPolicies {
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
}

/** Larger files are refused: no policy object is, and the parser's time grows with its input. */
const MAX_BYTES = 1 << 20;

const kinds: Readonly<Record<string, PolicyKind>> = {
  "networking.k8s.io/NetworkPolicy": "NetworkPolicy",
  "cilium.io/CiliumNetworkPolicy": "CiliumNetworkPolicy",
  "cilium.io/CiliumClusterwideNetworkPolicy": "CiliumClusterwideNetworkPolicy",
};

type Json = Record<string, unknown>;

/**
 * Reads policies from YAML or JSON: several documents, `List` objects, anything
 * else passed over. Never throws; what is wrong becomes a problem with its place.
 */
export function parsePolicies(text: string, file: string): ParsedPolicies {
  const policies: Policy[] = [];
  const problems: PolicyProblem[] = [];
  if (text.length > MAX_BYTES) {
    problems.push({
      code: "TOO_LARGE",
      message: `the file is larger than ${MAX_BYTES} bytes`,
      place: { file, line: 1 },
    });
    return { policies, problems };
  }
  const lines = new LineCounter();
  for (const document of parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true })) {
    const placeOf = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
    const [error] = document.errors;
    if (error) {
      problems.push({
        code: "YAML",
        message: error.message.split("\n")[0]!,
        place: placeOf(error.pos[0]),
      });
      continue;
    }
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (cause) {
      problems.push({ code: "YAML", message: (cause as Error).message, place: placeOf(0) });
      continue;
    }
    const items = isMap(document.contents) ? document.contents.get("items") : undefined;
    if (isObject(value) && Array.isArray(value["items"]) && isSeq(items)) {
      value["items"].forEach((item: unknown, index) => {
        const node = items.items[index] as { range?: [number, number, number] } | undefined;
        readObject(item, placeOf(node?.range?.[0] ?? 0), policies, problems);
      });
    } else readObject(value, placeOf(document.contents?.range?.[0] ?? 0), policies, problems);
  }
  return { policies, problems };
}

function readObject(
  value: unknown,
  place: Place,
  policies: Policy[],
  problems: PolicyProblem[],
): void {
  if (!isObject(value)) return;
  const group = text(value["apiVersion"]).split("/")[0];
  const kind = kinds[`${group}/${text(value["kind"])}`];
  if (!kind) return;
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const { name } = metadata;
  if (typeof name !== "string" || name === "") {
    problems.push({ code: "NO_NAME", message: `${kind} without metadata.name`, place });
    return;
  }
  const clusterwide = kind === "CiliumClusterwideNetworkPolicy";
  const namespace = clusterwide ? "" : text(metadata["namespace"]) || "default";
  const specs =
    kind === "NetworkPolicy" ? [value["spec"]] : [value["spec"], ...list(value["specs"])];
  for (const spec of specs) {
    if (spec === undefined) continue;
    const read = isObject(spec) ? readSpec(kind, spec) : "the spec is not an object";
    if (typeof read === "string")
      problems.push({ code: "BAD_SPEC", message: `${namespace}/${name}: ${read}`, place });
    else policies.push({ kind, name, namespace, place, ...read });
  }
}

function readSpec(kind: PolicyKind, spec: Json): Pick<Policy, "subject" | "isolates"> | string {
  if (kind === "NetworkPolicy") {
    const selector = readSelector(spec["podSelector"] ?? {});
    if (!selector) return "podSelector is not a label selector";
    const types = list(spec["policyTypes"]);
    // The API server's default: always Ingress, Egress only if there is an egress rule.
    const isolates = types.length
      ? { ingress: types.includes("Ingress"), egress: types.includes("Egress") }
      : { ingress: true, egress: list(spec["egress"]).length > 0 };
    return { subject: { of: "pods", selector }, isolates };
  }
  const byNode = spec["nodeSelector"] !== undefined;
  if (byNode === (spec["endpointSelector"] !== undefined))
    return "exactly one of endpointSelector and nodeSelector is required";
  const selector = readSelector(byNode ? spec["nodeSelector"] : spec["endpointSelector"]);
  if (!selector) return "the subject is not a label selector";
  const has = (section: string): boolean => list(spec[section]).length > 0;
  const ingress = has("ingress") || has("ingressDeny");
  const egress = has("egress") || has("egressDeny");
  if (!ingress && !egress) return "none of ingress, ingressDeny, egress, egressDeny has a rule";
  const asked = isObject(spec["enableDefaultDeny"]) ? spec["enableDefaultDeny"] : {};
  return {
    subject: { of: byNode ? "nodes" : "pods", selector },
    isolates: {
      ingress: typeof asked["ingress"] === "boolean" ? asked["ingress"] : ingress,
      egress: typeof asked["egress"] === "boolean" ? asked["egress"] : egress,
    },
  };
}

const operators = new Set(["In", "NotIn", "Exists", "DoesNotExist"]);

function readSelector(value: unknown): LabelSelector | undefined {
  if (!isObject(value)) return undefined;
  const matchLabels: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, wanted] of Object.entries(
    isObject(value["matchLabels"]) ? value["matchLabels"] : {},
  ))
    matchLabels[key] = text(wanted);
  const matchExpressions: LabelExpression[] = [];
  for (const item of list(value["matchExpressions"])) {
    if (
      !isObject(item) ||
      typeof item["key"] !== "string" ||
      !operators.has(text(item["operator"]))
    )
      return undefined;
    matchExpressions.push({
      key: item["key"],
      operator: item["operator"] as LabelExpression["operator"],
      values: list(item["values"]).map(text),
    });
  }
  return { matchLabels, matchExpressions };
}

/** YAML gives numbers and booleans for unquoted values; Kubernetes compares texts. */
function text(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
