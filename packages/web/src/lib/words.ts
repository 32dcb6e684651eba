/** Hubble's names in words. The name itself stays in reach: it is what one searches for. */

const KEEP: Record<string, string> = {
  CT: "Conntrack",
  IP: "IP",
  L2: "L2",
  L3: "L3",
  L4: "L4",
  NAT: "NAT",
  SNAT: "SNAT",
  NAT46: "NAT46",
  NAT64: "NAT64",
  MAC: "MAC",
  TCP: "TCP",
  ACK: "ACK",
  ICMPV4: "ICMPv4",
  ICMPV6: "ICMPv6",
  IPV6: "IPv6",
  IGMP: "IGMP",
  FIB: "FIB",
  VLAN: "VLAN",
  VNI: "VNI",
  EDT: "EDT",
  TTL: "TTL",
  TC: "TC",
  DSR: "DSR",
  SID: "SID",
  SRV6: "SRv6",
  LB: "LB",
  SRC: "source",
  CLUSTERIP: "ClusterIP",
  EP: "endpoint",
  ID: "ID",
};

/** `POLICY_DENIED` → `Policy denied`; a number that no table knows stays a number. */
export function reasonTitle(name: string): string {
  if (name === "") return "No reason given";
  if (/^\d+$/.test(name)) return `Reason ${name}`;
  if (!/^[A-Z0-9_]+$/.test(name)) return name;
  const parts = (name === "DROP_REASON_UNKNOWN" ? "REASON_UNKNOWN" : name.replace(/^DROP_/, "")).split("_");
  const said = parts.map((part) => KEEP[part] ?? part.toLowerCase()).join(" ");
  return said.charAt(0).toUpperCase() + said.slice(1);
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
};

/** Why flows are missing, as the end of a sentence. */
export function causeWords(cause: string): string {
  return CAUSES[cause] ?? cause;
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
