import { cleanText } from "@dropscope/model";
import type { RuleRef } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { Place } from "../place.js";
import type {
  CidrGroupRef,
  FqdnMatch,
  Peer,
  Policy,
  PortMatch,
  Protocol,
  ServiceRef,
} from "../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
  SERVICE_ACCOUNT,
} from "../selector.js";

/** The namespace label that is the namespace's name. */
const METADATA_NAME = `${NAMESPACE_LABEL_PREFIX}kubernetes.io/metadata.name`;
/** A list in a sentence is cut here; the structured answer has all of it. */
const MAX_LISTED = 4;

/** `app=web`, `app in (a, b)`, `no label app`, `namespace shop`: as a person would say it. */
export function requirementText(requirement: Requirement): string {
  const { key, operator, values } = requirement;
  const special = specialName(key);
  if (special !== undefined) return specialText(special, requirement);
  const name = keyText(requirement);
  const [only = ""] = values;
  switch (operator) {
    case "In":
      return values.length === 1 ? `${name}=${only}` : `${name} in (${listed(values)})`;
    case "NotIn":
      return values.length === 1 ? `${name}!=${only}` : `${name} not in (${listed(values)})`;
    case "Exists":
      return key.startsWith(NAMESPACE_LABEL_PREFIX) ? name : `label ${name}`;
    case "DoesNotExist":
      return labelText(requirement, undefined);
  }
}

/** What stands for a key that is not a label of the pod itself. */
function specialName(key: string): string | undefined {
  if (key === POD_NAMESPACE || key === METADATA_NAME) return "namespace";
  if (key === POLICY_CLUSTER) return "cluster";
  return key === SERVICE_ACCOUNT ? "service account" : undefined;
}

function specialText(name: string, { operator, values }: Requirement): string {
  const list = values.length === 1 ? values[0]! : `in (${listed(values)})`;
  switch (operator) {
    case "In":
      return `${name} ${list}`;
    case "NotIn":
      return `a ${name} other than ${values.join(", ")}`;
    case "Exists":
      return `any ${name}`;
    case "DoesNotExist":
      return `no ${name}`;
  }
}

/** The key as it is written in a policy: without the prefix that Cilium gives namespace labels. */
export function keyText({ source, key }: Pick<Requirement, "source" | "key">): string {
  if (key.startsWith(NAMESPACE_LABEL_PREFIX))
    return `namespace label ${key.slice(NAMESPACE_LABEL_PREFIX.length)}`;
  return source === "k8s" || source === "any" ? key : `${source}:${key}`;
}

/** What the endpoint has under the key of a requirement: `app=api`, `no label app`, `namespace payments`. */
export function labelText(
  { source, key }: Pick<Requirement, "source" | "key">,
  value: string | undefined,
): string {
  const special = specialName(key);
  if (special !== undefined) return value === undefined ? `no ${special}` : `${special} ${value}`;
  const name = keyText({ source, key });
  if (value !== undefined) return `${name}=${value}`;
  return key.startsWith(NAMESPACE_LABEL_PREFIX) ? `no ${name}` : `no label ${name}`;
}

/** Whom a peer entry means: `pods with app=web in namespace shop`, `10.0.0.0/8 except 10.1.0.0/16`. */
export function peerText(peer: Peer): string {
  switch (peer.of) {
    case "endpoints":
      return selectorText("pods", peer.selector.requirements);
    case "nodes":
      return selectorText("nodes", peer.selector.requirements);
    case "cidr":
      return `${peer.cidr}${exceptText(peer.except)}`;
    case "cidr-group":
      return `${groupText(peer.group)}${exceptText(peer.except)}`;
    case "entity":
      return `entity ${peer.entity}`;
    case "fqdn":
      return `DNS name ${fqdnText(peer.name)}`;
    case "service":
      return serviceText(peer.service);
    case "unknown":
      return peer.what;
  }
}

function selectorText(what: string, requirements: readonly Requirement[]): string {
  // The scoping to the local cluster is on nearly every peer and says nothing.
  const told = requirements.filter(({ key, place }) => key !== POLICY_CLUSTER || place);
  if (told.length === 0) return `all ${what}`;
  const [within, own] = [told.filter(isWithin), told.filter((one) => !isWithin(one))];
  const of = own.length === 0 ? "" : ` with ${joined(own.map(requirementText))}`;
  const place = within.length === 0 ? "" : ` in ${joined(within.map(requirementText))}`;
  return `${what}${of}${place}`;
}

/** A requirement that says where a pod is, not what it is like. */
const isWithin = ({ key, operator }: Requirement): boolean =>
  specialName(key) === "namespace" && operator !== "DoesNotExist";

const exceptText = (except: readonly string[]): string =>
  except.length === 0 ? "" : ` except ${listed(except)}`;

export const fqdnText = (match: FqdnMatch): string =>
  match.kind === "name" ? match.name : match.pattern;

const groupText = (group: CidrGroupRef): string =>
  "name" in group
    ? `CIDR group ${group.name}`
    : `CIDR groups with ${joined(group.selector.requirements.map(requirementText))}`;

const serviceText = (service: ServiceRef): string =>
  "name" in service
    ? `backends of Service ${service.namespace}/${service.name}`
    : `backends of Services with ${joined(service.selector.requirements.map(requirementText))}`;

/** `TCP 80`, `UDP 8000-9000`, `TCP "http"`, `every TCP port`. */
export function portText(port: PortMatch): string {
  const protocols = port.protocols.join("/");
  if (port.of === "name") return `${protocols} ${JSON.stringify(port.name)}`;
  const icmp = port.protocols.some(isIcmp);
  if (port.first === (icmp ? 0 : 1) && port.last >= (icmp ? 255 : 65_535))
    return icmp ? `${protocols} of every type` : `every ${protocols} port`;
  const numbers = port.first === port.last ? String(port.first) : `${port.first}-${port.last}`;
  return `${protocols} ${icmp ? "type " : ""}${numbers}`;
}

/** `TCP 5432`, `ICMP type 8`. */
export function connectionText({ protocol, port }: Pick<Connection, "protocol" | "port">): string {
  return `${protocol} ${isIcmp(protocol) ? "type " : ""}${port}`;
}

export const isIcmp = (protocol: Protocol): boolean => protocol === "ICMP" || protocol === "ICMPv6";

/** `NetworkPolicy payments/db-ingress`. */
export function policyText({ kind, namespace, name }: Policy): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

/** `spec.ingress[0], db-ingress.yaml:12`. */
export function placeText({ path, file, line }: Place): string {
  const where = `${file}:${line}`;
  return path === "" ? where : `${path}, ${where}`;
}

export const ruleText = ({ policy, rule }: RuleRef): string =>
  `${policyText(policy)} (${placeText(rule.place)})`;

/** `payments/api`, `the node`, `10.1.2.3 (an address outside the cluster)`. */
export function endText({ kind, name, hostNetwork }: Endpoint): string {
  if (kind === "address") return `${name} (an address outside the cluster)`;
  return hostNetwork ? `${name} (on the host network)` : name;
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(texts: readonly string[]): string {
  if (texts.length <= 1) return texts.join("");
  return `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** Comma-separated; what goes past the bound is counted. */
export function listed(texts: readonly string[], most = MAX_LISTED): string {
  if (texts.length <= most) return texts.join(", ");
  return `${texts.slice(0, most).join(", ")} and ${texts.length - most} more`;
}

/** Names come from strangers: nothing in them may hide or reorder what stands around. */
export const clean = (text: string): string => cleanText(text, Number.POSITIVE_INFINITY);
