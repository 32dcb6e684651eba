/** Ways that the groups of one expression may be chosen, at most. */
const MAX_CHOICES = 64;

interface Token {
  /** Whether one character is matched by it. */
  readonly takes: (character: string) => boolean;
  readonly least: 0 | 1;
  readonly many: boolean;
}

/**
 * Whether a regular expression matches a whole text, for the expressions that people write in
 * policies: literals, dots, classes, groups of choices, `* + ?`. Undefined for any other:
 * expressions come from strangers, and JavaScript's own engine could be made to hang.
 */
export function matchesWhole(expression: string, text: string): boolean | undefined {
  const choices = choicesOf(expression.replace(/^\^/, "").replace(/(?<!\\)\$$/, ""));
  if (choices === undefined || text.length > 4096) return undefined;
  let unknown = false;
  for (const choice of choices) {
    const tokens = tokensOf(choice);
    if (tokens === undefined) unknown = true;
    else if (matches(tokens, text)) return true;
  }
  return unknown ? undefined : false;
}

/** All ways to choose among the alternatives of groups that do not repeat; undefined when there are too many. */
function choicesOf(expression: string): string[] | undefined {
  const parts = splitAlternatives(expression);
  if (parts.length > 1) return together(parts, choicesOf);
  const open = groupStart(expression);
  if (open < 0) return parts;
  const close = groupEnd(expression, open);
  if (close < 0) return undefined;
  const [head, tail] = [expression.slice(0, open), expression.slice(close + 1)];
  const isOptional = /^\?(?![*+?])/.test(tail);
  // A group that repeats is no choice.
  if (!isOptional && /^[*+?{]/.test(tail)) return undefined;
  const inner = choicesOf(expression.slice(open + 1, close).replace(/^\?:/, ""));
  const choices = inner && (isOptional ? [...inner, ""] : inner);
  const rest = isOptional ? tail.slice(1) : tail;
  return choices && together(choices, (choice) => choicesOf(`${head}${choice}${rest}`));
}

/** The choices of all parts; undefined when one part has none that can be told, or there are too many. */
function together(
  parts: readonly string[],
  choices: (part: string) => string[] | undefined,
): string[] | undefined {
  const result: string[] = [];
  for (const part of parts) {
    const some = choices(part);
    if (some === undefined) return undefined;
    result.push(...some);
    if (result.length > MAX_CHOICES) return undefined;
  }
  return result;
}

function groupStart(text: string): number {
  return scan(text, 0, (character) => character === "(");
}

function groupEnd(text: string, open: number): number {
  let depth = 0;
  return scan(text, open, (character) => {
    if (character === "(") depth++;
    if (character === ")") depth--;
    return depth === 0;
  });
}

function splitAlternatives(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  scan(text, 0, (character, at) => {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "|" && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
    return false;
  });
  return [...parts, text.slice(start)];
}

/** The first place outside of escapes and classes where the test holds; −1 when there is none. */
function scan(
  text: string,
  from: number,
  test: (character: string, at: number) => boolean,
): number {
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\\") at++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (test(character, at)) return at;
  }
  return -1;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    let takes: Token["takes"];
    if (character === "\\") {
      const escaped = escapeOf(text[++at] ?? "");
      if (escaped === undefined) return undefined;
      takes = escaped;
    } else if (character === "[") {
      const end = text.indexOf("]", at + 2);
      const inside = end < 0 ? undefined : classOf(text.slice(at + 1, end));
      if (inside === undefined) return undefined;
      takes = inside;
      at = end;
    } else if (character === ".") takes = () => true;
    else if (/[(){}*+?^$|]/.test(character)) return undefined;
    else takes = (one) => one === character;
    const quantifier = /[*+?{]/.test(text[at + 1] ?? "") ? text[++at] : "";
    // Counts and lazy or possessive quantifiers are left to the proxy.
    if (quantifier === "{" || (quantifier !== "" && /[*+?]/.test(text[at + 1] ?? "")))
      return undefined;
    tokens.push({
      takes,
      least: quantifier === "*" || quantifier === "?" ? 0 : 1,
      many: quantifier === "*" || quantifier === "+",
    });
  }
  return tokens;
}

function escapeOf(character: string): Token["takes"] | undefined {
  if (character === "d") return (one) => /[0-9]/.test(one);
  if (character === "w") return (one) => /[0-9A-Za-z_]/.test(one);
  if (character === "" || /[0-9A-Za-z]/.test(character)) return undefined;
  return (one) => one === character;
}

function classOf(inside: string): Token["takes"] | undefined {
  // Named classes and escapes are left to the proxy.
  if (/[[\\]/.test(inside)) return undefined;
  const negated = inside.startsWith("^");
  const set = negated ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let at = 0; at < set.length; at++) {
    const first = set[at] ?? "";
    const last = set[at + 1] === "-" && at + 2 < set.length ? (set[at + 2] ?? "") : first;
    if (last !== first || set[at + 1] === "-") at += at + 2 < set.length ? 2 : 0;
    ranges.push([first, last]);
  }
  return (one) => ranges.some(([first, last]) => first <= one && one <= last) !== negated;
}

/** Places in the text that can be reached behind each token; time is bounded by tokens × text. */
function matches(tokens: readonly Token[], text: string): boolean {
  let reached = new Uint8Array(text.length + 1);
  reached[0] = 1;
  for (const { takes, least, many } of tokens) {
    const next = new Uint8Array(text.length + 1);
    for (let at = 0; at <= text.length; at++) {
      if (reached[at] === 1 && least === 0) next[at] = 1;
      if (at === text.length) break;
      const from = reached[at] === 1 || (many && next[at] === 1);
      if (from && takes(text[at] ?? "")) next[at + 1] = 1;
    }
    reached = next;
  }
  return reached[text.length] === 1;
}
