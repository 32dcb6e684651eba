import { DropscopeError, EXIT } from "@dropscope/model";
import { type Endpoint, type Protocol, type Service, targetNumber } from "@dropscope/policy";
import { shown } from "../../observe/paint.js";

/** Types of an echo request: what `ping` sends. */
const ECHO = { ICMP: 8, ICMPv6: 128 } as const;

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  tcp: "TCP",
  udp: "UDP",
  sctp: "SCTP",
  icmp: "ICMP",
  icmpv4: "ICMP",
  icmpv6: "ICMPv6",
};

/** @throws DropscopeError `USAGE` */
export function readProtocol(text: string): Protocol {
  const protocol = Object.hasOwn(PROTOCOLS, text.toLowerCase())
    ? PROTOCOLS[text.toLowerCase()]
    : undefined;
  if (protocol) return protocol;
  throw usage(`--protocol ${quote(text)} is none.`, "Write TCP, UDP, SCTP, ICMP or ICMPv6.");
}

export interface PortAnswer {
  /** At the pod; the type for ICMP. */
  readonly port: number;
  /** How it was found, where it is not what was written. */
  readonly note?: string;
}

/**
 * The port that policies see at one end: a number as it is, a name looked up
 * among its container ports, a Service's port translated. Without `--port` the
 * only one that the Service or the pod declares, and an echo request for ICMP.
 * @param flag how a person names the port: `--port`
 * @throws DropscopeError `USAGE`
 */
export function readPort(
  text: string | undefined,
  protocol: Protocol,
  to: Endpoint,
  service: Service | undefined,
  flag = "--port",
): PortAnswer {
  if (protocol === "ICMP" || protocol === "ICMPv6") return icmpType(text, protocol, flag);
  if (service) return servicePort(text, protocol, to, service, flag);
  const declared = to.ports.filter((one) => one.protocol === protocol);
  if (text === undefined) {
    const [only] = declared;
    if (only && new Set(declared.map(({ port }) => port)).size === 1)
      return {
        port: only.port,
        note: `${protocol} ${only.port} is the only ${protocol} port that ${to.name} declares`,
      };
    throw usage(
      `${flag} is missing.`,
      declared.length === 0
        ? `Write ${flag} NUMBER.`
        : `${to.name} declares ${declared.map(({ name, port }) => `${port}${name ? ` (${name})` : ""}`).join(", ")}.`,
    );
  }
  const number = numberOf(text);
  if (number !== undefined) return { port: number };
  const named = declared.find(({ name }) => name === text);
  if (named)
    return { port: named.port, note: `${text} is ${protocol} ${named.port} at ${to.name}` };
  const names = declared.flatMap(({ name }) => name || []);
  throw usage(
    `${flag} ${quote(text)} is neither a number of 1 to 65535 nor the name of a ${protocol} port of ${to.name}.`,
    names.length === 0 ? "Write the number." : `It names ${names.join(", ")}.`,
  );
}

function servicePort(
  text: string | undefined,
  protocol: Protocol,
  to: Endpoint,
  service: Service,
  flag: string,
): PortAnswer {
  const name = `${service.namespace}/${service.name}`;
  const ports = service.ports.filter((one) => one.protocol === protocol);
  const number = text === undefined ? undefined : numberOf(text);
  const found =
    text === undefined
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find((one) => one.port === number || one.name === text);
  if (!found)
    throw usage(
      text === undefined
        ? `${flag} is missing.`
        : `${flag} ${quote(text)} is no ${protocol} port of Service ${name}.`,
      ports.length === 0
        ? `It has no ${protocol} port.`
        : `It has ${ports.map((one) => `${one.port}${one.name ? ` (${one.name})` : ""}`).join(", ")}.`,
    );
  const port = targetNumber(found, to);
  if (port === undefined)
    throw usage(
      `Port ${found.port} of Service ${name} leads to the port named ${quote(String(found.targetPort))}, which ${to.name} does not have.`,
      "Name the pod and the port's number.",
    );
  return {
    port,
    note: `port ${found.port} of Service ${name} leads to port ${port} of its backend`,
  };
}

function icmpType(text: string | undefined, protocol: "ICMP" | "ICMPv6", flag: string): PortAnswer {
  if (text === undefined)
    return { port: ECHO[protocol], note: `without ${flag}, ${protocol} is an echo request` };
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return { port: Number(text) };
  throw usage(`${flag} ${quote(text)} is no type of ${protocol}.`, "Write a number of 0 to 255.");
}

function numberOf(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= 1 && number <= 65_535 ? number : undefined;
}

const quote = (text: string): string => shown(JSON.stringify(text));

const usage = (message: string, next: string): DropscopeError =>
  new DropscopeError("USAGE", shown(message), { next: shown(next), exitCode: EXIT.usage });
