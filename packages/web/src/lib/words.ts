/** Hubble's names in words. The name itself stays in reach: it is what one searches for. */
import { DROP_REASONS, DROP_TITLES, enumNumber } from "@dropscope/model";

/** `POLICY_DENIED` → `Policy denied`, as Cilium's monitor says it; what no table knows keeps its name or number. */
export function reasonTitle(name: string): string {
  const number = enumNumber(DROP_REASONS, /^\d+$/.test(name) ? Number(name) : name);
  if (name === "" || number === 0) return "No reason given";
  const title = number === undefined ? undefined : DROP_TITLES[number];
  return title ?? `Unknown reason ${name}`;
}

export type VerdictKind = "forwarded" | "dropped" | "audit" | "redirected" | "error" | "unknown";

const VERDICTS: Record<string, [VerdictKind, string]> = {
  FORWARDED: ["forwarded", "Forwarded"],
  DROPPED: ["dropped", "Dropped"],
  AUDIT: ["audit", "Audit"],
  REDIRECTED: ["redirected", "Redirected"],
  ERROR: ["error", "Error"],
  TRACED: ["forwarded", "Traced"],
  TRANSLATED: ["forwarded", "Translated"],
  VERDICT_UNKNOWN: ["unknown", "Unknown"],
  "": ["unknown", "Unknown"],
};

/** Which of the six looks a verdict has. A verdict of a newer Hubble looks unknown and keeps its name. */
export function verdictKind(name: string): VerdictKind {
  return VERDICTS[name]?.[0] ?? "unknown";
}

export function verdictWord(name: string): string {
  return VERDICTS[name]?.[1] ?? name;
}

const CAUSES: Record<string, string> = {
  "perf-ring": "the kernel's event ring overflowed",
  "observer-queue": "the agent was overloaded",
  "hubble-ring": "Hubble's ring was overwritten before it was read",
  "lost-other": "events were lost for a reason this version does not know",
  "node-unavailable": "relay could not reach the node",
  "node-error": "the node's stream failed",
  "node-silent": "the node sent nothing while others did",
  "ring-wrapped": "after a reconnect the node's ring no longer reached back",
  "spool-full": "the local spool was full",
  removed: "they were removed to keep the disk bound",
};

/** Why flows are missing, as the end of a sentence. */
export function causeWords(cause: string): string {
  return CAUSES[cause] ?? cause;
}

/** A part's message as a sentence of its own: parts write for logs, in small letters and with any ending. */
export function asSentence(text: string): string {
  const whole = text.trim().replace(/[.\s]+$/, "");
  if (whole === "") return "";
  const ended = /[!?…]$/.test(whole) ? whole : `${whole}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

const RCODES: Record<number, string> = {
  0: "NOERROR",
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
};

export function rcodeName(code: number): string {
  return RCODES[code] ?? `RCODE ${code}`;
}
