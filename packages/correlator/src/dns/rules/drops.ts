import type { Found, Part } from "../findings/found.js";
import { type Ledger, slotsAround } from "../ledger/ledger.js";
import type { DropKind, ServerSlot, Slot } from "../ledger/slot.js";
import { packetsOf } from "../ledger/tally.js";
import { quantaIn } from "../ledger/waits.js";
import type { Around } from "./rule.js";

/** Which rule a drop of a query belongs to; each belongs to one, so that one cause is told once. */
export type DropRule = "D1" | "D2" | "D3" | "D4" | "D5" | "D6";

export function ruleOf(
  kind: DropKind,
  at: ServerSlot,
  ledger: Ledger,
  slot: Slot,
  around: Around,
): DropRule | undefined {
  const { verdict, port, protocol } = kind;
  if (!verdict.isDnsPort || verdict.outcome === "other") return undefined;
  if (verdict.direction === "ingress") return at.server.kind === "other" ? undefined : "D3";
  if (verdict.outcome === "denied") return "D2";
  if (verdict.allowsPods !== undefined && port === 53) return "D6";
  if (port !== 53 && verdict.port53Allowed) return "D5";
  if (protocol === "TCP" && verdict.udpAllowed && udpPassed(at, ledger, slot, around)) return "D4";
  return "D1";
}

/** UDP of the same client to the same server passed within the window. */
function udpPassed(at: ServerSlot, ledger: Ledger, slot: Slot, { limits }: Around): boolean {
  return slotsAround(ledger, slot.number, limits.windowMs).some(
    ({ servers }) => packetsOf(servers.get(at.server.key)?.udpPassed ?? NONE) > 0,
  );
}

const NONE = { layers: {}, first: 0, last: 0, samples: [] };

/** The drops of a slot that one rule is about, each kind with its server. */
export function* dropsOf(
  rule: DropRule,
  ledger: Ledger,
  slot: Slot,
  around: Around,
): Generator<{ readonly kind: DropKind; readonly at: ServerSlot }> {
  for (const at of slot.servers.values())
    for (const kind of at.drops.values())
      if (ruleOf(kind, at, ledger, slot, around) === rule) yield { kind, at };
}

/** What a kind of drop adds to a finding. */
export function partOf(
  rule: DropRule,
  { kind, at }: { readonly kind: DropKind; readonly at: ServerSlot },
  ledger: Ledger,
  slot: Slot,
): Part {
  const { tally, verdict, protocol, port } = kind;
  return {
    rule,
    client: ledger.client.peer,
    server: at.server.peer,
    tally,
    policies: verdict.policies,
    sums: quantaIn(ledger, slot, at.server.key),
    texts: { server: at.server.kind, nearest: verdict.nearest },
    sets: { ports: [`${protocol} ${port}`] },
  };
}

export function simpleDropRule(rule: "D2" | "D5") {
  return function* (ledger: Ledger, slot: Slot, around: Around): Generator<Part> {
    for (const drop of dropsOf(rule, ledger, slot, around)) yield partOf(rule, drop, ledger, slot);
  };
}

export function packets(found: Found): number {
  return packetsOf(found.tally);
}
