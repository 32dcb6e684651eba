import { FilterError } from "./filter-error.js";
import { quoteRegex } from "./globs.js";

/**
 * Label selectors as `hubble observe --label` takes them: Kubernetes syntax, where a key
 * may carry a Cilium source (`k8s:app`, `reserved:world`); without one it means any source.
 * All requirements must hold.
 */
export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[];
}

export interface LabelRequirement {
  /** Empty: any. */
  readonly source: string;
  readonly key: string;
  readonly op: "exists" | "missing" | "in" | "not-in" | "above" | "below";
  /** The one number of `above` and `below`, as text. */
  readonly values: readonly string[];
}

const NEXT =
  "Write it as KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (A,B), KEY notin (A,B), KEY>1 or KEY<1, joined by commas.";

/** An empty selector matches everything, as in Kubernetes. */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements: LabelRequirement[] = [];
  const reader = { text, at: 0 };
  skipSpace(reader);
  if (reader.at === text.length) return { requirements };
  for (;;) {
    requirements.push(requirement(reader));
    skipSpace(reader);
    if (reader.at === text.length) return { requirements };
    if (text[reader.at] !== ",") throw bad(reader);
    reader.at += 1;
  }
}

export function labelsMatch(selector: LabelSelector, labels: readonly string[]): boolean {
  return selector.requirements.every((need) => {
    const values = labels
      .map(parseLabel)
      .filter(
        (label) => label.key === need.key && (need.source === "" || label.source === need.source),
      )
      .map((label) => label.value);
    switch (need.op) {
      case "exists":
        return values.length > 0;
      case "missing":
        return values.length === 0;
      case "in":
        return values.some((value) => need.values.includes(value));
      case "not-in":
        return !values.some((value) => need.values.includes(value));
      case "above":
        return values.some((value) => WHOLE.test(value) && BigInt(value) > boundOf(need));
      case "below":
        return values.some((value) => WHOLE.test(value) && BigInt(value) < boundOf(need));
    }
  });
}

/** Numbers that a label is compared as; others compare as nothing. */
const WHOLE = /^-?[0-9]{1,18}$/;

/** What `above` and `below` compare with. */
export function boundOf(need: LabelRequirement): bigint {
  return BigInt(need.values[0] ?? 0);
}

/**
 * A regular expression (RE2) over one whole label that the requirement wants, or must not find.
 * Of `above` and `below` its first group is the number to compare.
 */
export function requirementRegex(need: LabelRequirement): string {
  const source = need.source === "" ? "(?:[^:=]*:)?" : `${quoteRegex(need.source)}:`;
  const key = source + quoteRegex(need.key);
  if (need.op === "exists" || need.op === "missing") return `^${key}(?:=|$)`;
  if (need.op === "above" || need.op === "below") return `^${key}=(-?[0-9]{1,18})$`;
  const values = need.values.map((value) => (value === "" ? "=?" : `=${quoteRegex(value)}`));
  return `^${key}(?:${values.join("|")})$`;
}

export function isNegative(need: LabelRequirement): boolean {
  return need.op === "missing" || need.op === "not-in";
}

/** `k8s:app=x`. A colon after the first `=` belongs to the value. */
export function parseLabel(label: string): { source: string; key: string; value: string } {
  const colon = label.indexOf(":");
  const equals = label.indexOf("=");
  const hasSource = colon >= 0 && (equals < 0 || colon < equals);
  const rest = hasSource ? label.slice(colon + 1) : label;
  const split = rest.indexOf("=");
  return {
    source: hasSource ? label.slice(0, colon) : "",
    key: split < 0 ? rest : rest.slice(0, split),
    value: split < 0 ? "" : rest.slice(split + 1),
  };
}

interface Reader {
  readonly text: string;
  at: number;
}

function requirement(reader: Reader): LabelRequirement {
  skipSpace(reader);
  let missing = false;
  if (reader.text[reader.at] === "!") {
    missing = true;
    reader.at += 1;
    skipSpace(reader);
  }
  const raw = take(reader, /[^\s=!,()<>]+/y);
  if (raw === undefined) throw bad(reader);
  const colon = raw.indexOf(":");
  const named =
    colon < 0
      ? { source: "", key: raw }
      : { source: raw.slice(0, colon), key: raw.slice(colon + 1) };
  const { key } = named;
  const source = named.source === "any" ? "" : named.source;
  if (key === "" || key.includes(":")) throw bad(reader);
  if (missing) return { source, key, op: "missing", values: [] };
  skipSpace(reader);
  const operator = take(reader, /==|!=|=|<|>|in(?=[\s(])|notin(?=[\s(])/y);
  if (operator === undefined) return { source, key, op: "exists", values: [] };
  skipSpace(reader);
  if (operator === "in" || operator === "notin") {
    const op = operator === "in" ? "in" : "not-in";
    return { source, key, op, values: valueList(reader) };
  }
  const start = reader.at;
  const value = take(reader, /[^\s,()]+/y) ?? "";
  if (operator === "<" || operator === ">") {
    if (!WHOLE.test(value)) throw bad({ text: reader.text, at: start });
    return { source, key, op: operator === ">" ? "above" : "below", values: [value] };
  }
  return { source, key, op: operator === "!=" ? "not-in" : "in", values: [value] };
}

function valueList(reader: Reader): string[] {
  const list = take(reader, /\(([^()]*)\)/y);
  if (list === undefined) throw bad(reader);
  return [
    ...new Set(
      list
        .slice(1, -1)
        .split(",")
        .map((value) => value.trim()),
    ),
  ];
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function skipSpace(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? "")) reader.at += 1;
}

function bad(reader: Reader): FilterError {
  const { text, at } = reader;
  return new FilterError(
    `${JSON.stringify(text)} is not a label selector (character ${at + 1})`,
    NEXT,
    { within: [at, Math.min(text.length, at + 1)] },
  );
}
