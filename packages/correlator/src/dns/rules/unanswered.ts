import type { Ledger } from "../ledger/ledger.js";
import { type Sent, sentIn } from "../ledger/waits.js";
import type { Around } from "./rule.js";

/** Attempts of a client at one server of which it is known whether they were answered. */
export function attemptsAt(
  ledger: Ledger,
  serverKey: string,
  slot: number,
  around: Pick<Around, "limits" | "gaps" | "nodeTime">,
): { readonly sent: Sent; readonly failed: boolean }[] {
  const at = ledger.slots.get(slot);
  if (at === undefined || at.attempts.size === 0) return [];
  return sentIn(ledger, at, around.limits.answerMs)
    .filter(({ of, dropped }) => of.serverKey === serverKey && of.traced && !dropped)
    .filter((sent) => sent.answeredAfter !== undefined || isOver(sent, around))
    .map((sent) => ({ sent, failed: sent.answeredAfter === undefined }));
}

/** The node reported for long enough after it, and nothing that it saw is missing. */
function isOver(
  { time, of }: Sent,
  { limits, gaps, nodeTime }: Pick<Around, "limits" | "gaps" | "nodeTime">,
): boolean {
  const until = time + limits.answerMs;
  const newest = nodeTime(of.node);
  if (newest === undefined || newest < until + limits.settleMs) return false;
  return !gaps.overlaps(of.node, time, until);
}
