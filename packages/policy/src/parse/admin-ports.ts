import type { PortMatch, Protocol } from "../policy.js";
import { child, entries, placeOf, type Slot } from "../source/slot.js";
import { isAbsent, readInteger, readRecord, readText } from "./fields.js";
import { wrongPortName } from "./names.js";
import { checkPortNumber } from "./port-numbers.js";
import { type Report, show } from "./report.js";
import { readProtocol } from "./workload.js";

const transports: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** The one field of an entry that is written. Undefined: none, or several, which is reported. */
function onlyField(
  report: Report,
  slot: Slot,
  known: readonly string[],
  what: string,
): [string, Slot] | undefined {
  const written = entries(slot).filter(([, value]) => !isAbsent(value));
  const [field] = written;
  if (written.length === 1 && known.includes(field![0])) return field;
  report.error(
    "BAD_PORT",
    slot,
    `exactly one field must be set in ${what}`,
    `Write one of ${known.join(", ")}; make several entries of several.`,
  );
  return undefined;
}

/** v1alpha1: `portNumber`, `portRange` or `namedPort`. */
export function readAdminPort(report: Report, slot: Slot): PortMatch | undefined {
  const field = onlyField(
    report,
    slot,
    ["portNumber", "portRange", "namedPort"],
    "an AdminNetworkPolicyPort",
  );
  if (!field) return undefined;
  const [name, value] = field;
  const place = placeOf(slot);
  if (name === "namedPort") return readName(report, value, place);
  const record = readRecord(report, value);
  const protocol = record && readProtocol(report, record);
  if (!protocol) return undefined;
  const range =
    name === "portNumber" ? readNumber(report, child(record, "port")) : readRange(report, record);
  return range && { of: "number", protocols: [protocol], ...range, place };
}

/** v1alpha2: `tcp`, `udp`, `sctp`, each with an optional destinationPort, or `destinationNamedPort`. */
export function readClusterPort(report: Report, slot: Slot): PortMatch | undefined {
  const field = onlyField(
    report,
    slot,
    ["tcp", "udp", "sctp", "destinationNamedPort"],
    "a protocol",
  );
  if (!field) return undefined;
  const [name, value] = field;
  const place = placeOf(slot);
  if (name === "destinationNamedPort") return readName(report, value, place);
  const record = readRecord(report, value);
  if (!record) return undefined;
  const common = { of: "number", protocols: [name.toUpperCase() as Protocol], place } as const;
  const port = readRecord(report, child(record, "destinationPort"));
  if (!port) return { ...common, first: 1, last: 65_535 };
  const one = onlyField(report, port, ["number", "range"], "a port");
  if (!one) return undefined;
  const range =
    one[0] === "number"
      ? readNumber(report, one[1])
      : readRange(report, readRecord(report, one[1]));
  return range && { ...common, ...range };
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function readName(report: Report, slot: Slot, place: PortMatch["place"]): PortMatch | undefined {
  const name = readText(report, slot);
  if (name === undefined) return undefined;
  const wrong = wrongPortName(name);
  if (wrong)
    report.error(
      "BAD_PORT",
      slot,
      `${show(name)} is not the name of a port: it ${wrong}`,
      "Correct the name.",
    );
  return { of: "name", protocols: transports, name, place };
}

function readNumber(report: Report, slot: Slot): Range | undefined {
  const port = readInteger(report, slot);
  if (port === undefined) {
    if (isAbsent(slot))
      report.error("BAD_PORT", slot, "no port", "Write a number from 1 to 65535.");
    return undefined;
  }
  checkPortNumber(report, slot, port);
  return { first: port, last: port };
}

function readRange(report: Report, slot: Slot | undefined): Range | undefined {
  if (!slot) return undefined;
  const start = readNumber(report, child(slot, "start"));
  const end = readNumber(report, child(slot, "end"));
  if (!start || !end) return undefined;
  if (end.first < start.first)
    report.error(
      "BAD_PORT",
      slot,
      `the range ends at ${end.first}, before its start ${start.first}`,
      "Write the smaller number under start.",
    );
  return { first: start.first, last: end.first };
}
