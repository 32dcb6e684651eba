import type { PortMatch, Protocol } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { readIcmps } from "./cilium-icmp.js";
import { readL7, type L7Limits } from "./cilium-l7.js";
import { checkFields, isAbsent, readInteger, readRecords, readText } from "./fields.js";
import { MAX_ENTRIES, rangeOf } from "./port-numbers.js";
import { type Report, show } from "./report.js";

const knownOfAllow = new Set([
  "ports",
  "rules",
  "listener",
  "serverNames",
  "terminatingTLS",
  "originatingTLS",
]);
const knownOfDeny = new Set(["ports"]);

/** The ports of a rule; undefined when it restricts none. `toPorts` and `icmps` exclude each other. */
export function readCiliumPorts(
  report: Report,
  rule: Slot,
  limits: L7Limits,
): PortMatch[] | undefined {
  const toPorts = readRecords(report, child(rule, "toPorts")) ?? [];
  const icmps = readRecords(report, child(rule, "icmps")) ?? [];
  if (toPorts.length > 0 && icmps.length > 0)
    report.error(
      "CONFLICTING_FIELDS",
      rule,
      "toPorts and icmps stand in one rule, which Cilium refuses",
      "Make a rule of its own for icmps.",
    );
  if (toPorts.length === 0 && icmps.length === 0) return undefined;
  return [
    ...toPorts.flatMap((entry) => readPortRule(report, entry, limits)),
    ...icmps.flatMap((entry) => readIcmps(report, entry)),
  ];
}

function readPortRule(report: Report, entry: Slot, limits: L7Limits): PortMatch[] {
  checkFields(report, entry, limits.deny ? knownOfDeny : knownOfAllow);
  const written = readRecords(report, child(entry, "ports")) ?? [];
  if (written.length > MAX_ENTRIES)
    report.error(
      "BAD_PORT",
      child(entry, "ports"),
      `${written.length} ports, and Cilium takes at most ${MAX_ENTRIES} in one entry`,
      "Spread them over several entries of toPorts, or use endPort.",
    );
  const ports = written.flatMap((slot): PortMatch | PortMatch[] => readPort(report, slot) ?? []);
  const everyPort = written.some((slot) => parsePort(child(slot, "port").value) === 0);
  const l7 = limits.deny ? undefined : readL7(report, entry, { ports, everyPort }, limits);
  return l7 ? ports.map((port) => Object.assign({ l7 }, port)) : ports;
}

const knownOfPort = new Set(["port", "endPort", "protocol"]);
const transports = ["TCP", "UDP", "SCTP"] as const;
const protocols: Readonly<Record<string, readonly Protocol[]>> = {
  "": transports,
  ANY: transports,
  TCP: ["TCP"],
  UDP: ["UDP"],
  SCTP: ["SCTP"],
  ICMP: ["ICMP"],
  ICMPV6: ["ICMPv6"],
};
/** Known to Cilium behind a flag; they have no ports, and no flow of them is judged. */
const extended = new Set(["VRRP", "IGMP", "GRE", "IPIP", "IPV6", "ESP", "AH"]);

/** IANA service names; anything else is a number. */
const portName = /^(?:[a-zA-Z0-9]-?)*[a-zA-Z](?:-?[a-zA-Z0-9])*$/;

function readPort(report: Report, slot: Slot): PortMatch | undefined {
  checkFields(report, slot, knownOfPort);
  const written = (readText(report, child(slot, "protocol")) ?? "").toUpperCase();
  const found = Object.hasOwn(protocols, written) ? protocols[written] : undefined;
  if (!found) {
    reportProtocol(report, slot, written);
    return undefined;
  }
  const at = child(slot, "port");
  const text = readText(report, at);
  const endPort = readInteger(report, child(slot, "endPort")) ?? 0;
  if (endPort < 0 || endPort > 65_535)
    report.error(
      "BAD_PORT",
      child(slot, "endPort"),
      `${endPort} is not a port`,
      "Write a number from 1 to 65535.",
    );
  if (text === undefined || text === "") {
    if (isAbsent(at) || text === "")
      report.error("BAD_PORT", slot, "no port", 'Write port: "0" for every port.');
    return undefined;
  }
  const common = { protocols: found, place: placeOf(slot) };
  if (text.length <= 15 && portName.test(text))
    return { of: "name", ...common, name: text.toLowerCase() };
  const number = parsePort(text);
  if (number === undefined) {
    report.error(
      "BAD_PORT",
      at,
      `${show(text)} is neither a port nor the name of one`,
      'Write a number from 0 to 65535 in quotes, or a name of at most 15 letters, digits and "-".',
    );
    return undefined;
  }
  if (endPort !== 0 && endPort < number)
    report.warn(
      "BAD_PORT",
      child(slot, "endPort"),
      `endPort ${endPort} is less than port ${number}; only port ${number} is meant`,
      "Write the larger number under endPort.",
    );
  return { of: "number", ...common, ...rangeOf(found, number, endPort) };
}

/** Protocols without ports are refused without a port too, unless the agent has them switched on. */
function reportProtocol(report: Report, slot: Slot, written: string): void {
  const at = child(slot, "protocol");
  const advice = "Write TCP, UDP, SCTP, ICMP, ICMPv6 or ANY.";
  if (!extended.has(written))
    report.error("BAD_PORT", at, `${show(written)} is not a protocol`, advice);
  else if (isAbsent(child(slot, "port")))
    report.error(
      "BAD_PORT",
      slot,
      `${written} without a port, which Cilium takes only with enable-extended-ip-protocols`,
      'Write port: "0" beside it.',
    );
  else
    report.warn(
      "UNSUPPORTED",
      at,
      `${written} is not judged; the entry matches nothing here`,
      advice,
    );
}

/** As Go reads a number whose text says the base: `0` in front is octal. */
function parsePort(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^\d{1,6}$/.test(text)) return undefined;
  const number = /^0\d/.test(text) ? parseOctal(text) : Number(text);
  return number !== undefined && number <= 65_535 ? number : undefined;
}

function parseOctal(text: string): number | undefined {
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
}
