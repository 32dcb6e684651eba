import type { FqdnMatch } from "../policy.js";
import { child, type Slot } from "../source/slot.js";
import { checkFields, readText } from "./fields.js";
import { type Report, show } from "./report.js";

const knownOfFqdn = new Set(["matchName", "matchPattern"]);
const MAX_FQDN = 255;

/** `matchName` or `matchPattern`, with the syntax that Cilium takes. */
export function readFqdn(report: Report, slot: Slot): FqdnMatch | undefined {
  checkFields(report, slot, knownOfFqdn);
  const name = readText(report, child(slot, "matchName")) || undefined;
  const pattern = readText(report, child(slot, "matchPattern")) || undefined;
  if ((name === undefined) === (pattern === undefined)) {
    report.error(
      "BAD_PATTERN",
      slot,
      name === undefined
        ? "neither matchName nor matchPattern is written"
        : "matchName and matchPattern stand together",
      "Write exactly one of the two.",
    );
    return undefined;
  }
  const text = name ?? pattern!;
  const wrong = wrongFqdn(text, pattern !== undefined);
  if (wrong) {
    const at = child(slot, name === undefined ? "matchPattern" : "matchName");
    report.error("BAD_PATTERN", at, `${show(text)} ${wrong}`, "Correct the name.");
    return undefined;
  }
  return pattern === undefined ? { kind: "name", name: text } : { kind: "pattern", pattern: text };
}

function wrongFqdn(text: string, pattern: boolean): string | undefined {
  if (text.length > MAX_FQDN) return `is longer than ${MAX_FQDN} characters`;
  if (pattern ? !/^[-a-zA-Z0-9_.*]+$/.test(text) : !/^[-a-zA-Z0-9_.]+$/.test(text))
    return pattern
      ? "is not a pattern: letters, digits, '-', '_', '.' and '*' only"
      : "is not a name: letters, digits, '-', '_' and '.' only; wildcards belong under matchPattern";
  return /^\.|\.\./.test(text) ? "has an empty label between dots" : undefined;
}

/** Repeats that RE2 takes at most: `a{1000}`. */
const MAX_REPEAT = 1000;

/**
 * Whether a regular expression is one that Cilium's engine (RE2) takes; a single
 * pass, nothing is compiled or run. Undefined: fine.
 */
export function wrongRegex(text: string): string | undefined {
  let depth = 0;
  let repeatable = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    switch (character) {
      case "\\": {
        const next = text[++at];
        if (next === undefined) return "ends in a backslash";
        if (/[1-9]/.test(next)) return "refers back to a group, which Cilium's expressions cannot";
        repeatable = true;
        break;
      }
      case "[": {
        const end = classEnd(text, at);
        if (end < 0) return "has a '[' that is not closed";
        at = end;
        repeatable = true;
        break;
      }
      case "(": {
        depth++;
        if (text[at + 1] === "?") {
          const look = /^\?(?:[=!]|<[=!])/.test(text.slice(at + 1, at + 4));
          if (look) return "looks ahead or behind, which Cilium's expressions cannot";
          const group = /^\?(?:P?<\w+>|[a-zA-Z-]*[:)])/.exec(text.slice(at + 1, at + 80));
          if (!group) return "has a group that nothing is known of after '(?'";
          at += group[0].length;
          if (group[0].endsWith(")")) depth--;
        }
        repeatable = false;
        break;
      }
      case ")":
        if (--depth < 0) return "has a ')' that opens nowhere";
        repeatable = true;
        break;
      case "|":
        repeatable = false;
        break;
      case "*":
      case "+":
      case "?":
        if (!repeatable) return `has a '${character}' after nothing`;
        // A lazy `?` may follow; a second quantifier may not.
        if (text[at + 1] === "?") at++;
        repeatable = false;
        break;
      case "{": {
        const repeat = /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(text.slice(at, at + 24));
        if (!repeat) {
          repeatable = true;
          break;
        }
        if (!repeatable) return "has a '{' after nothing";
        const [all, least, most] = repeat;
        if (Math.max(Number(least), Number(most ?? 0)) > MAX_REPEAT)
          return `repeats more than ${MAX_REPEAT} times`;
        if (most && Number(most) < Number(least))
          return "has a repeat whose end is before its start";
        at += all.length - 1;
        if (text[at + 1] === "?") at++;
        repeatable = false;
        break;
      }
      default:
        repeatable = true;
    }
  }
  return depth > 0 ? "has a '(' that is not closed" : undefined;
}

/** Where a character class ends: a `]` that comes first in it is a member. */
function classEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === "^") at++;
  if (text[at] === "]") at++;
  for (; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "[" && text[at + 1] === ":") {
      const named = /^\[:\^?\w{1,12}:\]/.exec(text.slice(at, at + 20));
      if (named) at += named[0].length - 1;
    } else if (text[at] === "]") return at;
  }
  return -1;
}
