import { DropscopeError } from "@dropscope/model";
import {
  type AssertedConnection,
  type AssertedEnd,
  type AssertedPort,
  type Assertion,
  type AssertionProblem,
  type Endpoint,
  endpointSort,
  podEndpoint,
  type Protocol,
  type World,
} from "@dropscope/policy";
import { type End, readEnd } from "../commands/policy/ends.js";
import { readPort } from "../commands/policy/port.js";

/** Pairs of ends of one assertion; what asks for more means it by mistake. */
const MAX_PAIRS = 100_000;

const WITH_PORTS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** Every connection that an assertion is about, or why it cannot be said. */
export interface Expanded {
  readonly connections: readonly AssertedConnection[];
  readonly problems: readonly AssertionProblem[];
}

/** Reads ends and ports of an assertion in the words of the other commands, and pairs them. */
export function expand(assertion: Assertion, world: World): Expanded {
  const problems: AssertionProblem[] = [];
  const from = endsOf("from", assertion.from, assertion.exceptFrom);
  const to = endsOf("to", assertion.to, assertion.exceptTo);
  if (problems.length > 0) return { connections: [], problems };
  if (from.length * to.length > MAX_PAIRS) {
    problems.push({
      place: assertion.place,
      message: `it is about ${from.length * to.length} pairs of ends, and ${MAX_PAIRS} are the most`,
      fix: "Name namespaces instead of any.",
    });
    return { connections: [], problems };
  }
  const connections: AssertedConnection[] = [];
  for (const destination of to)
    for (const { protocol, ports } of portsAt(destination)) {
      if (ports.length === 0) continue;
      for (const source of from)
        if (
          source.endpoint !== destination.endpoint ||
          !(source.isOneOfMany || destination.isOneOfMany)
        )
          connections.push({
            assertion,
            from: source.endpoint,
            to: destination.endpoint,
            protocol,
            ports,
          });
    }
  return { connections, problems: unique(problems) };

  function endsOf(
    field: "from" | "to",
    asked: readonly AssertedEnd[],
    except: readonly AssertedEnd[],
  ): AskedEnd[] {
    const found = new Map<string, AskedEnd>();
    for (const one of asked)
      for (const end of meant(one, field)) if (!found.has(sortOf(end))) found.set(sortOf(end), end);
    for (const one of except)
      for (const end of meant(one, field)) {
        // Whatever Service it was reached by.
        for (const [sort, { endpoint }] of found)
          if (endpointSort(endpoint) === endpointSort(end.endpoint)) found.delete(sort);
      }
    if (found.size === 0 && problems.length === 0)
      problems.push({
        place: asked[0]?.place ?? assertion.place,
        message: `${field}: nobody is left`,
        fix: "Name fewer exceptions.",
      });
    return [...found.values()];
  }

  function meant({ text, place }: AssertedEnd, field: "from" | "to"): AskedEnd[] {
    const many = manyEnds(text, world);
    if (many?.length === 0)
      problems.push({
        place,
        message: `${field}: there is no pod or workload in ${JSON.stringify(text)}`,
        fix: "Name a namespace of the manifests, or NS/KEY=VALUE for pods that are not there yet.",
      });
    if (many !== undefined) return many.map((endpoint) => ({ endpoint, isOneOfMany: true }));
    const end = tried(place, () => readEnd(text, field, world, assertion.namespace));
    if (end === undefined) return [];
    return end.endpoints.map((endpoint) => ({
      endpoint,
      isOneOfMany: false,
      service: end.service,
    }));
  }

  function portsAt(to: AskedEnd): { protocol: Protocol; ports: [number, number][] }[] {
    const { protocol, ports } = assertion;
    if (ports.length === 0) return portsUnnamed(to);
    const protocols =
      protocol === undefined && ports.every(({ of }) => of === "any")
        ? WITH_PORTS
        : [protocol ?? "TCP"];
    return protocols.map((one) => ({
      protocol: one,
      ports: ports.flatMap((port) => intervalOf(port, one, to)),
    }));
  }

  /** Without a port, deny means every port, and allow those that the destination declares. */
  function portsUnnamed(to: AskedEnd): { protocol: Protocol; ports: [number, number][] }[] {
    const { protocol, expects, place } = assertion;
    if (isIcmp(protocol)) {
      const { port } = readPort(undefined, protocol as "ICMP", to.endpoint, undefined);
      return [
        { protocol: protocol as Protocol, ports: [expects === "deny" ? [0, 255] : [port, port]] },
      ];
    }
    const protocols = protocol === undefined ? WITH_PORTS : [protocol];
    if (expects === "deny")
      return protocols.map((one) => ({ protocol: one, ports: [[1, 65_535]] }));
    const declared = protocols.map((one) => ({
      protocol: one,
      ports: declaredPorts(to, one),
    }));
    if (declared.every(({ ports }) => ports.length === 0))
      problems.push({
        place,
        message: `port is missing: ${to.endpoint.name} declares no ${protocol ?? ""} port`.replace(
          "  ",
          " ",
        ),
        fix: "Write port: NUMBER, or port: any.",
      });
    return declared;
  }

  function declaredPorts({ endpoint, service }: AskedEnd, protocol: Protocol): [number, number][] {
    const asked =
      service === undefined
        ? endpoint.ports.filter((one) => one.protocol === protocol).map(({ port }) => port)
        : service.ports
            .filter((one) => one.protocol === protocol)
            .flatMap(({ port }) => {
              const answer = tried(assertion.place, () =>
                readPort(String(port), protocol, endpoint, service, "port"),
              );
              return answer === undefined ? [] : [answer.port];
            });
    return asked.map((port) => [port, port]);
  }

  function intervalOf(port: AssertedPort, protocol: Protocol, to: AskedEnd): [number, number][] {
    if (port.of === "any") return [isIcmp(protocol) ? [0, 255] : [1, 65_535]];
    if (port.of === "range") {
      if (to.service === undefined) return [[port.first, port.last]];
      problems.push({
        place: port.place,
        message: "ports of a Service are no range: each leads to a port of its own",
        fix: "Write them one by one, or name the pods behind the Service.",
      });
      return [];
    }
    const answer = tried(port.place, () =>
      readPort(port.text, protocol, to.endpoint, to.service, "port"),
    );
    return answer === undefined ? [] : [[answer.port, answer.port]];
  }

  function tried<Value>(place: AssertionProblem["place"], read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DropscopeError)) throw error;
      problems.push({ place, message: error.message.replace(/\.$/, ""), fix: error.next });
      return undefined;
    }
  }
}

interface AskedEnd {
  readonly endpoint: Endpoint;
  /** Meant by `any` or `NS/*`: a pair of an end with itself is not meant then. */
  readonly isOneOfMany: boolean;
  readonly service?: End["service"] | undefined;
}

function sortOf({ endpoint, service }: AskedEnd): string {
  return `${service === undefined ? "" : `${service.namespace}/${service.name}`} ${endpointSort(endpoint)}`;
}

/** What `any` and `NS/*` mean; undefined for another form. */
function manyEnds(text: string, world: World): Endpoint[] | undefined {
  const all = world.workloads.flatMap(({ namespace, pods }) =>
    pods.map((endpoint) => ({ namespace, endpoint })),
  );
  const namespace = /^([^/]+)\/\*$/.exec(text)?.[1];
  if (namespace !== undefined)
    return all.filter((one) => one.namespace === namespace).map(({ endpoint }) => endpoint);
  if (text !== "any") return undefined;
  const outside = world.endpoint("world");
  return [...all.map(({ endpoint }) => endpoint), stranger(world), ...(outside ? [outside] : [])];
}

/** A pod that nobody has heard of: without labels, in a namespace that is not among the manifests. */
function stranger(world: World): Endpoint {
  const namespace = "any-other-namespace";
  return podEndpoint(
    { name: "a pod of any other namespace", namespace, labels: {} },
    world.namespaceLabels(namespace),
    world.profile.cluster,
  );
}

const isIcmp = (protocol: Protocol | undefined): boolean =>
  protocol === "ICMP" || protocol === "ICMPv6";

/** The same mistake may be met once for each destination. */
function unique(problems: readonly AssertionProblem[]): AssertionProblem[] {
  const seen = new Map(problems.map((one) => [JSON.stringify(one), one]));
  return [...seen.values()];
}
