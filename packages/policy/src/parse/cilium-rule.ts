import type { Direction, Rule } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { l3Fields, readCiliumPeers } from "./cilium-peers.js";
import { readCiliumPorts } from "./cilium-ports.js";
import type { PeerScope } from "./cilium-scope.js";
import { checkFields, isAbsent, readRecord, readRecords, readText } from "./fields.js";
import { type Report, show } from "./report.js";

interface Section {
  readonly name: Rule["section"];
  readonly direction: Direction;
  readonly deny: boolean;
  readonly known: ReadonlySet<string>;
}

/** Fields of old versions. They restricted every other rule too. */
const REMOVED = ["fromRequires", "toRequires"];

const section = (name: Rule["section"], direction: Direction, deny: boolean): Section => ({
  name,
  direction,
  deny,
  known: new Set([
    ...l3Fields(direction, deny).map((field) => field.name),
    "toPorts",
    "icmps",
    ...REMOVED,
    ...(deny ? [] : ["authentication"]),
  ]),
});

export const SECTIONS: readonly Section[] = [
  section("ingress", "ingress", false),
  section("ingressDeny", "ingress", true),
  section("egress", "egress", false),
  section("egressDeny", "egress", true),
];

/** The rules of one of a spec's four lists. */
export function readCiliumRules(
  report: Report,
  spec: Slot,
  section: Section,
  scope: PeerScope,
  host: boolean,
): Rule[] {
  return (readRecords(report, child(spec, section.name)) ?? []).map((slot, index) =>
    readRule(report, slot, section, index, scope, host),
  );
}

function readRule(
  report: Report,
  slot: Slot,
  { name, direction, deny, known }: Section,
  index: number,
  scope: PeerScope,
  host: boolean,
): Rule {
  checkFields(report, slot, known);
  for (const field of REMOVED) {
    const written = child(slot, field);
    if (!isAbsent(written))
      report.warn(
        "UNSUPPORTED",
        written,
        "Cilium 1.19 gave up this field, and it has no effect; older versions still heed it",
        "Put its requirements into the selectors of the rules.",
      );
  }
  const peers = readCiliumPeers(report, slot, l3Fields(direction, deny), scope);
  const ports = readCiliumPorts(report, slot, { direction, deny, host });
  const authentication = deny ? undefined : readAuthentication(report, slot);
  return {
    direction,
    section: name,
    index,
    action: deny ? "deny" : "allow",
    // Ports alone mean everybody; a rule that says nothing at all means nobody
    // and only turns default deny on.
    peers: peers ?? (ports ? "any" : []),
    ports: ports ?? "any",
    ...(authentication && { authentication }),
    place: placeOf(slot),
  };
}

const modes = new Set(["required", "disabled", "test-always-fail"]);
const knownOfAuthentication = new Set(["mode"]);

function readAuthentication(report: Report, rule: Slot): Rule["authentication"] {
  const slot = readRecord(report, child(rule, "authentication"));
  if (!slot) return undefined;
  checkFields(report, slot, knownOfAuthentication);
  const mode = readText(report, child(slot, "mode"));
  if (mode !== undefined && modes.has(mode)) return mode as Rule["authentication"];
  report.error(
    "BAD_VALUE",
    child(slot, "mode"),
    mode === undefined ? "no mode of authentication" : `${show(mode)} is not a mode`,
    "Write required, disabled or test-always-fail.",
  );
  return undefined;
}
