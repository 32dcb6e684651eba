import { createHash } from "node:crypto";
import { cleanText, type DnsFinding, formatTimeNs, TEXT_CAPS } from "@dropscope/model";
import { packetsOf } from "../ledger/tally.js";
import { RULES } from "../rules/index.js";
import { type Found, keyOf } from "./found.js";

/** As it is stored and shown; undefined when what was found is not enough for its rule. */
export function publish(found: Found): DnsFinding | undefined {
  const words = RULES.find(({ rule }) => rule === found.rule)?.describe(found);
  const count = packetsOf(found.tally);
  if (words === undefined || count === 0) return undefined;
  const { rule, client, server, tally, after, policies } = found;
  return {
    rule,
    id: idOf(found),
    severity: words.severity,
    client,
    server,
    query: cleanText(words.query, TEXT_CAPS.name),
    detail: words.detail,
    firstSeen: timeText(tally.first),
    lastSeen: timeText(tally.last),
    count,
    policies: [...policies.values()].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)),
    sentence: cleanText(words.sentence),
    stall: words.stall,
    next: cleanText(words.next),
    evidence: tally.samples.map(({ uuid }) => uuid),
    failedAfter: after.samples.map(({ uuid }) => uuid),
  };
}

/** The same for the same cause, whoever finds it and whenever. */
export function idOf(found: Found): string {
  return createHash("sha256").update(keyOf(found)).digest("hex").slice(0, 16);
}

function timeText(ms: number): string {
  return formatTimeNs(BigInt(Math.round(ms * 1e6)));
}

function textOf({ kind, namespace, name }: DnsFinding["policies"][number]): string {
  return `${namespace}/${name}/${kind}`;
}
