import type { FqdnMatch } from "../policy.js";

/** Lower case, without the trailing dot. */
export function normalizeName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/**
 * Whether a DNS name matches as in Cilium: `*` stands for any run of characters
 * but the dot, a leading `**.` for one or more whole labels, a bare `*` for every
 * name. Time is bounded by pattern length × name length; no regular expression is made.
 */
export function matchesName(match: FqdnMatch, name: string): boolean {
  const wanted = normalizeName(name);
  if (match.kind === "name") return normalizeName(match.name) === wanted;
  const pattern = normalizeName(match.pattern);
  if (pattern === "*") return true;
  const labels = wanted.split(".");
  if (!pattern.startsWith("**.")) return labelsMatch(pattern.split("."), labels);
  const tail = pattern.slice(3).split(".");
  return labels.length > tail.length && labelsMatch(tail, labels.slice(-tail.length));
}

function labelsMatch(patterns: readonly string[], labels: readonly string[]): boolean {
  return (
    patterns.length === labels.length &&
    patterns.every((pattern, i) => globMatches(pattern, labels[i] ?? ""))
  );
}

/** `*` is any run of characters. On a mismatch only the last star is tried longer, which is enough. */
function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length;) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
