import type { Endpoint, NamedPort } from "../endpoint.js";
import { parseAddress, type Words } from "../match/cidr.js";
import type { MatchContext } from "../match/context.js";
import { cidrsReach } from "../match/peer.js";
import { isLocalEndpoint } from "../match/subject.js";
import { POLICY_CLUSTER } from "../selector.js";
import type { FqdnMatchers } from "./fqdns.js";
import type { GivenLabels, LabelSet, LabelSets } from "./label-sets.js";
import type { PortClasses } from "./ports.js";
import type { Prefixes } from "./prefixes.js";
import type { Vocabulary } from "./vocabulary.js";

/** Ends that no policy can tell apart. */
export interface EndpointClass {
  /** From 1: 0 stands for "not known yet". */
  readonly id: number;
  /** One of them, which speaks for all. */
  readonly example: Endpoint;
  /** Whether policies are judged at it. */
  readonly isLocal: boolean;
  readonly labels: LabelSet;
  /** Its addresses, when CIDRs are compared with them at all. Those of another end of the class lie in the same CIDRs. */
  readonly addresses: readonly Words[];
  /** Numbers of the FQDN matchers that match one of its names. */
  readonly fqdns: readonly number[];
}

/** An endpoint with what was found out about it. */
export interface End {
  readonly endpoint: Endpoint;
  readonly labels: GivenLabels;
  /** Number of all of its class but labels, addresses and names. */
  readonly rest: number;
  class: EndpointClass | undefined;
  /** The epoch that `class` is of. */
  epoch: number;
}

/** Ends and the classes that they fall into. */
export interface Classes {
  end(endpoint: Endpoint): End;
  /** Text that is equal for ends that always fall into one class. */
  nameOf(end: End): string;
  of(end: End): EndpointClass;
  byId(id: number): EndpointClass;
  count(): number;
  /** Grows with every new distinction: a label key, a CIDR or an FQDN matcher that no policy had before. */
  epoch(): number;
}

/** Entities and the cluster are told by labels, whether or not a selector names them. */
const ALWAYS_USED: readonly (readonly [source: string, key: string])[] = [
  ...["host", "remote-node", "kube-apiserver", "ingress", "init", "health", "unmanaged"].map(
    (entity) => ["reserved", entity] as const,
  ),
  ["k8s", POLICY_CLUSTER],
];

export function createClasses(parts: {
  readonly vocabulary: Vocabulary;
  readonly labelSets: LabelSets;
  readonly prefixes: Prefixes;
  readonly ports: PortClasses;
  readonly fqdns: FqdnMatchers;
  readonly context: MatchContext;
  readonly onNew: (added: EndpointClass) => void;
}): Classes {
  const { vocabulary, labelSets, prefixes, ports, fqdns, context } = parts;
  for (const [source, key] of ALWAYS_USED) vocabulary.use(vocabulary.key(source, key));
  const byName = new Map<string, EndpointClass>();
  const list: EndpointClass[] = [];
  const rests = new Map<string, number>();
  const epoch = (): number => vocabulary.uses() + prefixes.count() + fqdns.count();

  const classify = ({ endpoint, labels: given, rest }: End): EndpointClass => {
    const labels = labelSets.project(given);
    const texts = cidrsReach(endpoint, context) ? endpoint.addresses : [];
    const atoms = new Set(texts.map((text) => prefixes.atomOf(text) ?? -1));
    const matching = endpoint.kind === "address" ? fqdns.matching(endpoint.fqdns) : [];
    const name = `${labels.id}|${[...atoms].sort((a, b) => a - b).join()}|${matching.join()}|${rest}`;
    let found = byName.get(name);
    if (found === undefined) {
      found = {
        id: list.length + 1,
        example: endpoint,
        isLocal: isLocalEndpoint(endpoint, context),
        labels,
        addresses: texts.map((text) => parseAddress(text)).filter((words) => words !== undefined),
        fqdns: matching,
      };
      byName.set(name, found);
      list.push(found);
      parts.onNew(found);
    }
    return found;
  };

  return {
    end: (endpoint) => {
      for (const port of endpoint.ports) ports.addNamed(port);
      const { kind, local, hostNetwork, namespace } = endpoint;
      const text = JSON.stringify([kind, local, hostNetwork, namespace, portsName(endpoint.ports)]);
      const rest = rests.get(text) ?? rests.size;
      rests.set(text, rest);
      return {
        endpoint,
        labels: labelSets.intern(endpoint.labels),
        rest,
        class: undefined,
        epoch: -1,
      };
    },
    nameOf: ({ endpoint, labels, rest }) => {
      const addresses = cidrsReach(endpoint, context) ? endpoint.addresses : [];
      return `${labels.id} ${rest} ${JSON.stringify([addresses, endpoint.fqdns])}`;
    },
    of: (end) => {
      const now = epoch();
      if (end.class === undefined || end.epoch !== now) {
        end.class = classify(end);
        end.epoch = now;
      }
      return end.class;
    },
    byId: (id) => {
      const found = list[id - 1];
      if (found === undefined) throw new RangeError(`there is no endpoint class ${id}`);
      return found;
    },
    count: () => list.length,
    epoch,
  };
}

function portsName(ports: readonly NamedPort[]): string {
  return ports
    .map(({ name, protocol, port }) => `${name}/${protocol}/${port}`)
    .sort()
    .join();
}
