import type { DropExplanation, Flow } from "@dropscope/model";
import type { Connection, DecisionExplanation, Direction, Policy } from "@dropscope/policy";
import { type FlowEnd, clusterOf, endOf } from "./ends.js";
import type { Moment } from "./moment.js";
import { deniedBy } from "./attribution.js";
import {
  isAudited,
  isL7,
  isReply,
  type Layer,
  layerOf,
  layerText,
  reasonOf,
  statedDirection,
} from "./packet.js";
import { isDenial } from "@dropscope/policy";

/** One flow, made ready to be explained. */
export interface Case {
  readonly flow: Flow;
  /** What stands in the explanation whatever the outcome is. */
  readonly base: Pick<DropExplanation, "uuid" | "time" | "reason" | "audited">;
  /** Drop reason number; 0 when none is given, −1 for a name that this build does not know. */
  readonly reason: number;
  readonly direction: Direction | undefined;
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  /** Undefined when protocol or port are not told. */
  readonly layer: Layer | undefined;
  readonly moment: Moment;
  /** False when the flow has no time of its own and is judged by the newest state. */
  readonly timed: boolean;
}

/** The same with the direction known: whose policies decided is told. */
export interface DirectedCase extends Case {
  readonly direction: Direction;
}

export const subjectOf = (one: DirectedCase): FlowEnd =>
  one.direction === "egress" ? one.from : one.to;
export const peerOfCase = (one: DirectedCase): FlowEnd =>
  one.direction === "egress" ? one.to : one.from;

export const isDirected = (one: Case): one is DirectedCase => one.direction !== undefined;

/** @param flow with nothing in it that is not of its type */
export function caseOf(flow: Flow, moment: Moment, timed: boolean): Case {
  const turned = isL7(flow) && isReply(flow) ? turnedRound(flow) : flow;
  const { number, name } = reasonOf(flow);
  const base = {
    uuid: flow.uuid ?? "",
    time: flow.time ?? "",
    reason: name,
    audited: isAudited(flow),
  };
  const known = { flow: turned, base, reason: number, layer: layerOf(turned), timed };
  return { ...known, ...endsAndDirection(turned, moment), moment };
}

/** The same case at another moment: what the catalog adds to the flow is that of then. */
export function atMoment(one: DirectedCase, moment: Moment): DirectedCase {
  return { ...one, ...endsOf(one.flow, moment, one.direction), moment };
}

function endsAndDirection(flow: Flow, moment: Moment): Pick<Case, "from" | "to" | "direction"> {
  const direction = statedDirection(flow) ?? tellingDirection(flow);
  if (direction !== undefined) return { ...endsOf(flow, moment, direction), direction };
  const ends = endsOf(flow, moment, undefined);
  return { ...ends, direction: judgedDirection(flow, ends, moment) };
}

function endsOf(
  flow: Flow,
  moment: Moment,
  direction: Direction | undefined,
): { from: FlowEnd; to: FlowEnd } {
  const own =
    direction === "ingress"
      ? clusterOf(flow.destination)
      : clusterOf(flow.source) || (direction === undefined ? clusterOf(flow.destination) : "");
  const around = { moment, cluster: own || moment.profile.cluster };
  return { from: endOf(flow, "source", around), to: endOf(flow, "destination", around) };
}

/** Where the direction is not stated: the end that the observing node runs has an endpoint id there. */
function tellingDirection(flow: Flow): Direction | undefined {
  if (deniedBy(flow, "egress").length > 0) return "egress";
  if (deniedBy(flow, "ingress").length > 0) return "ingress";
  const [source, destination] = [flow.source?.ID ?? 0, flow.destination?.ID ?? 0];
  if (source > 0 && destination === 0) return "egress";
  return destination > 0 && source === 0 ? "ingress" : undefined;
}

/** Only a pod has policies here; of two pods, the one whose policies deny it. */
function judgedDirection(
  flow: Flow,
  { from, to }: { from: FlowEnd; to: FlowEnd },
  moment: Moment,
): Direction | undefined {
  const pods = [from, to].map(({ endpoint }) => endpoint.kind === "pod");
  if (pods[0] !== pods[1]) return pods[0] ? "egress" : "ingress";
  const connection = connectionOf({ from, to, layer: layerOf(flow) });
  if (!pods[0] || connection === undefined || from.known === "not" || to.known === "not")
    return undefined;
  const { egress, ingress } = moment.explain(connection);
  const denies = [isDenial(egress.outcome), isDenial(ingress.outcome)];
  if (denies[0] === denies[1]) return undefined;
  return denies[0] ? "egress" : "ingress";
}

function turnedRound(flow: Flow): Flow {
  const { source, destination, IP, l4, source_names, destination_names, ...rest } = flow;
  const port = (ports: { source_port?: number; destination_port?: number }) => ({
    ...(ports.destination_port === undefined ? {} : { source_port: ports.destination_port }),
    ...(ports.source_port === undefined ? {} : { destination_port: ports.source_port }),
  });
  return {
    ...rest,
    ...(destination === undefined ? {} : { source: destination }),
    ...(source === undefined ? {} : { destination: source }),
    ...(destination_names === undefined ? {} : { source_names: destination_names }),
    ...(source_names === undefined ? {} : { destination_names: source_names }),
    ...(IP === undefined
      ? {}
      : {
          IP: {
            ...(IP.destination === undefined ? {} : { source: IP.destination }),
            ...(IP.source === undefined ? {} : { destination: IP.source }),
          },
        }),
    ...(l4 === undefined
      ? {}
      : {
          l4: {
            ...(l4.TCP === undefined ? {} : { TCP: port(l4.TCP) }),
            ...(l4.UDP === undefined ? {} : { UDP: port(l4.UDP) }),
            ...(l4.SCTP === undefined ? {} : { SCTP: port(l4.SCTP) }),
          },
        }),
  };
}

export function connectionOf(one: Pick<Case, "from" | "to" | "layer">): Connection | undefined {
  if (one.layer === undefined) return undefined;
  return { from: one.from.endpoint, to: one.to.endpoint, ...one.layer };
}

/** The account of the connection; undefined when an end or the port is not known. */
export function accountOf(one: DirectedCase): DecisionExplanation | undefined {
  const connection = connectionOf(one);
  if (connection === undefined || one.from.known === "not" || one.to.known === "not")
    return undefined;
  return one.moment.explain(withLocalSubject(connection, one.direction));
}

/** The end whose node reported the drop is an endpoint of this cluster, whatever its labels say. */
function withLocalSubject(connection: Connection, direction: Direction): Connection {
  const side = direction === "egress" ? "from" : "to";
  const subject = connection[side];
  if (subject.local || (subject.kind !== "pod" && subject.kind !== "host")) return connection;
  return { ...connection, [side]: { ...subject, local: true } };
}

/**
 * Policies that make deny the default for the subject. Of an end without labels only those count
 * that select it by its namespace alone: more cannot be told, and none is guessed.
 */
export function isolatingPolicies(one: DirectedCase): readonly Policy[] {
  const { endpoint, known } = subjectOf(one);
  const subject = endpoint.kind === "pod" ? { ...endpoint, local: true } : endpoint;
  return one.moment
    .selecting(subject, one.direction)
    .filter((policy) => policy.isolates[one.direction])
    .filter(({ subject: selected }) => known !== "not" || selectsByPlace(selected.selector));
}

function selectsByPlace({ requirements }: Policy["subject"]["selector"]): boolean {
  return requirements.every(({ key }) => PLACE.test(key));
}

const PLACE =
  /^io\.(kubernetes\.pod\.namespace$|cilium\.k8s\.(policy\.cluster$|namespace\.labels\.))/;

/** `web/checkout to kube-system/coredns on UDP 53`. */
export function whoText({ flow, from, to }: Pick<Case, "flow" | "from" | "to">): string {
  const on = layerText(flow);
  return `${from.title} to ${to.title}${on === "" ? "" : ` on ${on}`}`;
}
