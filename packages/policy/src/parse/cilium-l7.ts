import type { Direction, FqdnMatch, HttpMatch, L7Rules, PortMatch } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, isAbsent, readRecord, readRecords, readText, readTexts } from "./fields.js";
import { readFqdn, wrongRegex } from "./patterns.js";
import { type Report, show } from "./report.js";

/** What the rule that a port entry stands in allows of L7. */
export interface L7Limits {
  readonly direction: Direction;
  readonly deny: boolean;
  /** The policy is about nodes: only DNS on egress is supported there. */
  readonly host: boolean;
}

/** The ports of an entry; `everyPort` when one of them is written as 0. */
export interface EntryPorts {
  readonly ports: readonly PortMatch[];
  readonly everyPort: boolean;
}

const knownOfRules = new Set(["http", "dns", "kafka", "l7", "l7proto"]);

/** What makes an entry of `toPorts` a redirect to a proxy; undefined when nothing does. */
export function readL7(
  report: Report,
  entry: Slot,
  ports: EntryPorts,
  limits: L7Limits,
): L7Rules | undefined {
  const rules = readRecord(report, child(entry, "rules"));
  if (rules) checkFields(report, rules, knownOfRules);
  const lists = rules ? ["http", "dns", "kafka", "l7"].filter((name) => has(rules, name)) : [];
  const read = rules ? readLists(report, rules) : undefined;
  if (rules && lists.length > 0) checkLists(report, rules, lists, ports, limits);
  const names = readTexts(report, child(entry, "serverNames")) ?? [];
  const listener = readRecord(report, child(entry, "listener"));
  const tls = ["terminatingTLS", "originatingTLS"].some((name) => has(entry, name));
  for (const { text, slot } of names)
    if (text === "") report.error("BAD_PATTERN", slot, "an empty server name", "Write a name.");
  if (names.length > 0 && lists.length > 0 && !has(entry, "terminatingTLS"))
    report.error(
      "CONFLICTING_FIELDS",
      child(entry, "serverNames"),
      "serverNames stand beside L7 rules without terminatingTLS",
      "Add terminatingTLS, or make two entries.",
    );
  if (listener) checkListener(report, listener, lists, limits);
  if (read) return read;
  const kind = names.length > 0 ? "sni" : listener ? "listener" : tls ? "other" : undefined;
  return (
    kind && {
      kind,
      http: [],
      dns: [],
      place: placeOf(kind === "sni" ? child(entry, "serverNames") : entry),
    }
  );
}

function has(slot: Slot, name: string): boolean {
  return !isAbsent(child(slot, name));
}

function checkListener(
  report: Report,
  listener: Slot,
  lists: readonly string[],
  limits: L7Limits,
): void {
  if (limits.direction === "ingress")
    report.error(
      "UNSUPPORTED",
      listener,
      "a listener on ingress, which Cilium refuses",
      "Use the listener on the egress side.",
    );
  if (lists.length > 0)
    report.error(
      "CONFLICTING_FIELDS",
      listener,
      "a listener beside L7 rules, which Cilium refuses",
      "Remove one of the two.",
    );
}

function checkLists(
  report: Report,
  rules: Slot,
  lists: readonly string[],
  { ports, everyPort }: EntryPorts,
  { direction, host }: L7Limits,
): void {
  const dns = count(rules, "dns") > 0;
  const kinds = lists.filter((name) => name !== "l7").length + (has(rules, "l7proto") ? 1 : 0);
  if (kinds > 1)
    report.error(
      "CONFLICTING_FIELDS",
      rules,
      "L7 rules of several protocols in one entry, which Cilium refuses",
      "Make an entry of toPorts for each protocol.",
    );
  for (const name of ["kafka", "l7proto"])
    if (has(rules, name))
      report.warn(
        "UNSUPPORTED",
        child(rules, name),
        `Cilium 1.20 gave up ${name} rules and drops them, which leaves the port open; older versions heed them`,
        "Use HTTP rules, or a CiliumEnvoyConfig.",
      );
  if (lists.includes("l7") && !has(rules, "l7proto"))
    report.error(
      "BAD_VALUE",
      child(rules, "l7"),
      "l7 without l7proto",
      "Name the protocol under l7proto.",
    );
  if (dns && direction === "ingress")
    report.error(
      "UNSUPPORTED",
      child(rules, "dns"),
      "DNS rules on ingress, which Cilium refuses",
      "Put them into the egress rules of the clients.",
    );
  if (host && (direction === "ingress" || !dns))
    report.error(
      "UNSUPPORTED",
      rules,
      "L7 rules in a policy for nodes, which Cilium refuses",
      "Select pods, or remove the L7 rules.",
    );
  if (has(rules, "dns") && ports.length === 0)
    report.error("BAD_PORT", rules, "DNS rules without a port", 'Write port: "53".');
  if (everyPort)
    report.error(
      "BAD_PORT",
      rules,
      "L7 rules on every port, which Cilium refuses",
      "Name the port that speaks the protocol.",
    );
  else for (const port of ports) checkPort(report, port, dns);
}

function checkPort(report: Report, port: PortMatch, dns: boolean): void {
  if (!dns && (port.protocols.length !== 1 || port.protocols[0] !== "TCP"))
    report.error(
      "BAD_PORT",
      port.place,
      `L7 rules are for TCP only, and this port is for ${port.protocols.join(", ")}`,
      "Write protocol: TCP.",
    );
  if (dns && port.of === "number" && port.last > port.first)
    report.error(
      "BAD_PORT",
      port.place,
      "DNS rules on a range of ports, which Cilium refuses",
      'Write port: "53" without endPort.',
    );
}

function count(rules: Slot, name: string): number {
  const { value } = child(rules, name);
  return Array.isArray(value) ? value.length : 0;
}

function readLists(report: Report, rules: Slot): L7Rules | undefined {
  const http = (readRecords(report, child(rules, "http")) ?? []).map((item) =>
    readHttp(report, item),
  );
  const dns = (readRecords(report, child(rules, "dns")) ?? []).flatMap(
    (item): FqdnMatch | FqdnMatch[] => readFqdn(report, item) ?? [],
  );
  const kind = kindOf(rules);
  return kind && { kind, http, dns, place: placeOf(rules) };
}

/** A list without entries makes no redirect. */
function kindOf(rules: Slot): L7Rules["kind"] | undefined {
  if (count(rules, "http") > 0) return "http";
  if (count(rules, "kafka") > 0) return "kafka";
  if (count(rules, "dns") > 0) return "dns";
  return has(rules, "l7proto") ? "other" : undefined;
}

const knownOfHttp = new Set(["path", "method", "host", "headers", "headerMatches"]);
const knownOfHeader = new Set(["name", "value", "mismatch", "secret"]);
const mismatches = new Set(["", "LOG", "ADD", "DELETE", "REPLACE"]);

function readHttp(report: Report, slot: Slot): HttpMatch {
  checkFields(report, slot, knownOfHttp);
  const regex = (name: "path" | "method" | "host"): string | undefined => {
    const at = child(slot, name);
    const text = readText(report, at) || undefined;
    const wrong = text === undefined ? undefined : wrongRegex(text);
    if (wrong)
      report.error(
        "BAD_PATTERN",
        at,
        `the expression ${show(text)} ${wrong}`,
        "Correct the regular expression.",
      );
    return text;
  };
  const [method, path, host] = [regex("method"), regex("path"), regex("host")];
  const headers = (readTexts(report, child(slot, "headers")) ?? []).map(({ text }) => text);
  for (const match of readRecords(report, child(slot, "headerMatches")) ?? [])
    headers.push(readHeader(report, match));
  return {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    headers,
  };
}

function readHeader(report: Report, slot: Slot): string {
  checkFields(report, slot, knownOfHeader);
  const name = readText(report, child(slot, "name")) ?? "";
  if (name === "")
    report.error("BAD_VALUE", slot, "a header match without name", "Write the header's name.");
  const mismatch = readText(report, child(slot, "mismatch")) ?? "";
  if (!mismatches.has(mismatch))
    report.error(
      "BAD_ACTION",
      child(slot, "mismatch"),
      `${show(mismatch)} is not an action`,
      "Write LOG, ADD, DELETE or REPLACE.",
    );
  const value = readText(report, child(slot, "value"));
  return value === undefined ? name : `${name}: ${value}`;
}
