import { parse, stringify } from "yaml";
import type { Pseudonyms } from "./pseudonyms.js";

/** Keys whose texts are words of an API, label keys, ports or addresses. Everything else is taken for a name. */
const KEPT = new Set(
  [
    "apiVersion kind key operator protocol protocols endPort",
    "policyTypes family action mode type of direction section tier source entity",
    "fromEntities toEntities authentication fromEntitiesDeny toEntitiesDeny",
    "externalTrafficPolicy method cidr except cidrs externalCIDRs fromCIDR toCIDR",
    "addresses podCidrs podCIDRs clusterAddresses backendAddresses ports peers",
  ]
    .join(" ")
    .split(" "),
);
/** Nobody matches on these, and anything may stand in them. */
const LEFT_OUT = new Set(
  [
    "annotations managedFields uid resourceVersion generation description",
    "ownerReferences status creationTimestamp selfLink generateName finalizers",
  ]
    .join(" ")
    .split(" "),
);
/** Names of ports that tell nothing but the protocol. */
const PORT_NAMES = new Set(
  "http https http2 h2c grpc dns dns-tcp tcp udp tls ssh metrics health probe admin".split(" "),
);
const LABELS = new Set(["labels", "matchLabels"]);

type Fields = Record<string, unknown>;

/** An object in normal form, or as it was written: its names are replaced, its structure stays. */
export function redactObject(value: unknown, names: Pseudonyms): unknown {
  return walk(value, "", "", names);
}

/** Its YAML, without comments. Empty for a text that cannot be read. */
export function redactManifest(text: string, names: Pseudonyms): string {
  if (text === "") return "";
  try {
    const value = parse(text, { schema: "core", maxAliasCount: 100 }) as unknown;
    return stringify(walk(value, "", "", names), { aliasDuplicateObjects: false, lineWidth: 0 });
  } catch {
    return "";
  }
}

/** @param key under which the value stands @param within key of the object or list around it */
function walk(value: unknown, key: string, within: string, names: Pseudonyms): unknown {
  if (Array.isArray(value)) {
    const other = value.map((one) => walk(one, key, within, names));
    // In normal form the values of a requirement are sorted.
    return key === "values" ? other.sort((a, b) => (String(a) < String(b) ? -1 : 1)) : other;
  }
  if (isFields(value)) return fields(value, key, names);
  if (typeof value !== "string") return value;
  // Looked up by policies and services, so the same everywhere.
  const isPort = key === "port" || key === "targetPort" || (key === "name" && within === "ports");
  if (isPort && PORT_NAMES.has(value)) return value;
  if (key === "key") return names.labelKey(value);
  return KEPT.has(key) ? value : names.name(value);
}

function fields(value: Fields, key: string, names: Pseudonyms): Fields {
  if (key === "place") return { file: "", line: 1, column: 1, path: value["path"] };
  const isMap = LABELS.has(key) || (key === "selector" && Object.values(value).every(isText));
  const found: Fields = {};
  for (const [name, one] of Object.entries(value)) {
    if (isMap) found[mapKey(name, names)] = typeof one === "string" ? names.name(one) : one;
    else if (!LEFT_OUT.has(name)) found[name] = walk(one, name, key, names);
  }
  return found;
}

/** Keys may have a source before them: `k8s:app`, and there names may be keys: `fqdn:example.com`. */
function mapKey(key: string, names: Pseudonyms): string {
  return names.label(key);
}

const isText = (value: unknown): boolean => typeof value === "string";

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
