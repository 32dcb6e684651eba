import { DropscopeError, EXIT, nearest } from "@dropscope/model";
import {
  addressEndpoint,
  type Endpoint,
  podEndpoint,
  type Service,
  type World,
} from "@dropscope/policy";
import { shown } from "../../observe/paint.js";
import { backendsOf, serviceOf } from "./service-end.js";

/** What `--from` or `--to` means. */
export interface End {
  /** Never empty; several for a Service or for workloads of one name. */
  readonly endpoints: readonly Endpoint[];
  /** Set when a Service was asked for: its port is not yet the pod's. */
  readonly service?: Service;
  /** Why the ends are not literally what was asked for. */
  readonly notes: readonly string[];
}

/** The forms of an end, for help and errors. */
export const END_FORMS =
  "NS/POD or NS/WORKLOAD, an address, NS/KEY=VALUE,… for a pod with these labels, svc/NS/NAME, a DNS name (NAME or NAME@ADDRESS), or host, remote-node, kube-apiserver, world, ingress, health, init, unmanaged";

const ENTITIES = [
  "host",
  "remote-node",
  "kube-apiserver",
  "world",
  "ingress",
  "health",
  "init",
  "unmanaged",
];

/**
 * Understands an end of a connection.
 * @param flag `--from` or `--to`, for errors
 * @param namespace of names that give none
 * @throws DropscopeError `USAGE` for what is no end; `POLICY_END` (exit 66) for one that is not among the manifests
 */
export function readEnd(text: string, flag: string, world: World, namespace: string): End {
  const service = serviceOf(text, flag, world);
  if (service) return backendsOf(service, world);
  const labels = labelledPod(text, flag, world);
  if (labels) return labels;
  if (/^[^/]*\/\d+$/.test(text) && /[.:]/.test(text.split("/")[0]!))
    throw usage(`${flag} ${quote(text)} is a range of addresses.`, "Name one address of it.");
  const found = world.resolve(text, namespace);
  if (found) return { endpoints: found.endpoints, notes: found.note ? [found.note] : [] };
  return (
    dnsName(text, flag) ??
    serviceNamed(text, world, namespace) ??
    missing(text, flag, world, namespace)
  );
}

const LABEL_KEY = /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;

/** `ns/app=web,tier=front` or `ns/[app=web]`: a pod that need not be there. */
function labelledPod(text: string, flag: string, world: World): End | undefined {
  const slash = text.indexOf("/");
  const rest = text.slice(slash + 1);
  const bare = rest.startsWith("[") && rest.endsWith("]") ? rest.slice(1, -1) : rest;
  if (slash < 0 || (!bare.includes("=") && bare === rest)) return undefined;
  const namespace = text.slice(0, slash);
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of bare.split(",").filter((one) => one !== "")) {
    const equals = part.indexOf("=");
    const [key, value] = [part.slice(0, equals), part.slice(equals + 1)];
    if (equals <= 0 || namespace === "" || !LABEL_KEY.test(key) || !LABEL_VALUE.test(value))
      throw usage(
        `${flag} ${quote(text)}: ${quote(part)} is no label of a pod in a namespace.`,
        "Write NS/KEY=VALUE,KEY=VALUE.",
      );
    labels[key] = value;
  }
  const known = world.namespaces.some(({ name }) => name === namespace);
  const endpoint = podEndpoint(
    { name: `${namespace}/[${bare}]`, namespace, labels, serviceAccount: "default" },
    world.namespaceLabels(namespace),
    world.profile.cluster,
  );
  const notes = [`${endpoint.name} stands for a pod with exactly these labels`];
  if (!known)
    notes.push(
      `namespace ${namespace} is not among the manifests: it has only its name for a label`,
    );
  return { endpoints: [endpoint], notes };
}

/** A name outside, as a DNS answer gave it; with its address, CIDRs can match too. */
function dnsName(text: string, flag: string): End | undefined {
  const [name = "", address] = text.split("@");
  if (text.includes("/") || !name.includes(".")) return undefined;
  if (/^[\d.]+$/.test(name) || !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/i.test(name))
    throw usage(`${flag} ${quote(text)} is neither an address nor a name.`, `Write ${END_FORMS}.`);
  if (address !== undefined && !/^(\d{1,3}(\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i.test(address))
    throw usage(`${flag} ${quote(text)}: ${quote(address)} is no address.`, "Write NAME@ADDRESS.");
  const endpoint = addressEndpoint({
    name: text,
    fqdns: [name],
    ...(address === undefined ? {} : { address }),
  });
  const told = `${name} is taken to be observed by the DNS proxy`;
  const notes =
    address === undefined
      ? [`${told}; its address is not known, so no CIDR matches it (write NAME@ADDRESS)`]
      : [told];
  return { endpoints: [endpoint], notes };
}

/** A Service that has no pod or workload of its name. */
function serviceNamed(text: string, world: World, namespace: string): End | undefined {
  const [first = "", second] = text.split("/");
  const [ns, name] = second === undefined ? [namespace, first] : [first, second];
  const service = world.context.services.find((one) => one.namespace === ns && one.name === name);
  return service && backendsOf(service, world);
}

function missing(text: string, flag: string, world: World, namespace: string): never {
  const full = text.includes("/") ? text : `${namespace}/${text}`;
  const names = world.workloads.flatMap((workload) => [
    `${workload.namespace}/${workload.name}`,
    ...workload.pods.map(({ name }) => name),
  ]);
  const entity = text.includes("/") ? undefined : nearest(text, ENTITIES);
  const guess = entity ?? nearest(full, names) ?? elsewhere(full, names);
  throw new DropscopeError(
    "POLICY_END",
    `${flag}: there is no pod, workload or Service ${shown(full)} in the manifests.`,
    {
      next: guess ? `Did you mean ${shown(guess)}?` : `Write ${END_FORMS}.`,
      exitCode: EXIT.noInput,
    },
  );
}

/** The same name in another namespace. */
function elsewhere(full: string, names: readonly string[]): string | undefined {
  const name = full.slice(full.indexOf("/"));
  return names.find((one) => one.endsWith(name));
}

const quote = (text: string): string => shown(JSON.stringify(text));

const usage = (message: string, next: string): DropscopeError =>
  new DropscopeError("USAGE", message, { next, exitCode: EXIT.usage });
