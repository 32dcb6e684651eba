import type { PortMatch } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, isAbsent, readInteger, readText } from "./fields.js";
import { wrongPortName } from "./names.js";
import { checkPortNumber } from "./port-numbers.js";
import { type Report, show } from "./report.js";

const knownOfPort = new Set(["protocol", "port", "endPort"]);
const protocols = new Set(["TCP", "UDP", "SCTP"]);

/** One entry of `ports`. */
export function readPort(report: Report, slot: Slot): PortMatch | undefined {
  checkFields(report, slot, knownOfPort);
  const protocol = readText(report, child(slot, "protocol")) ?? "TCP";
  if (!protocols.has(protocol))
    report.error(
      "BAD_PORT",
      child(slot, "protocol"),
      `${show(protocol)} is not a protocol`,
      "Write TCP, UDP or SCTP, in capitals.",
    );
  const common = { protocols: [protocol as "TCP" | "UDP" | "SCTP"], place: placeOf(slot) };
  const at = child(slot, "port");
  const endPort = readInteger(report, child(slot, "endPort"));
  if (isAbsent(at)) {
    if (endPort !== undefined)
      report.error(
        "BAD_PORT",
        child(slot, "endPort"),
        "endPort without port",
        "Write the first port of the range under port.",
      );
    return { of: "number", ...common, first: 1, last: 65_535 };
  }
  if (typeof at.value === "string") {
    const wrong = wrongPortName(at.value);
    if (wrong)
      report.error(
        "BAD_PORT",
        at,
        `${show(at.value)} is not the name of a port: it ${wrong}`,
        /^\d+$/.test(at.value) ? "Write the number without quotes." : "Correct the name.",
      );
    if (endPort !== undefined)
      report.error(
        "BAD_PORT",
        child(slot, "endPort"),
        "endPort beside a named port",
        "Give port as a number, or leave endPort out.",
      );
    return { of: "name", ...common, name: at.value };
  }
  const first = readInteger(report, at);
  if (first === undefined) return undefined;
  checkPortNumber(report, at, first);
  if (endPort === undefined) return { of: "number", ...common, first, last: first };
  const end = child(slot, "endPort");
  checkPortNumber(report, end, endPort);
  if (endPort < first)
    report.error(
      "BAD_PORT",
      end,
      `endPort ${endPort} is less than port ${first}`,
      "Write the larger number under endPort.",
    );
  return { of: "number", ...common, first, last: endPort };
}
