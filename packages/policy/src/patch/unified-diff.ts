/** A unified diff of two texts, as `patch` and `git apply` take it; empty when they are equal. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return "";
  const [left, right] = [lines(before), lines(after)];
  const steps = compare(left, right);
  // What is not there yet is named so, or `git apply` looks for it.
  const out: string[] = [before === "" ? "--- /dev/null" : `--- a/${name}`, `+++ b/${name}`];
  for (const [first, last] of hunks(steps)) out.push(...hunkText(steps, first, last, left, right));
  return `${out.join("\n")}\n`;
}

/** Lines around a change. */
const CONTEXT = 3;
/** The exact way takes time and memory by the product of what differs. */
const MOST_CELLS = 4_000_000;

interface Step {
  readonly kind: " " | "-" | "+";
  /** Index in the text that it is of; of both for a line that stays. */
  readonly left: number;
  readonly right: number;
}

/** The last line break ends the last line and starts none. */
function lines(text: string): string[] {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return all;
}

function compare(left: readonly string[], right: readonly string[]): Step[] {
  let head = 0;
  const shorter = Math.min(left.length, right.length);
  while (head < shorter && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && left[left.length - 1 - tail] === right[right.length - 1 - tail])
    tail += 1;
  const same = (count: number, l: number, r: number): Step[] =>
    Array.from({ length: count }, (_, at) => ({ kind: " ", left: l + at, right: r + at }));
  const middleLeft = left.slice(head, left.length - tail);
  const middleRight = right.slice(head, right.length - tail);
  return [
    ...same(head, 0, 0),
    ...between(middleLeft, middleRight).map(({ kind, left: l, right: r }) => ({
      kind,
      left: l + head,
      right: r + head,
    })),
    ...same(tail, left.length - tail, right.length - tail),
  ];
}

/** Longest common subsequence; everything out and everything in where that would take too long. */
function between(left: readonly string[], right: readonly string[]): Step[] {
  const [rows, columns] = [left.length, right.length];
  const steps: Step[] = [];
  if (rows * columns > MOST_CELLS) {
    for (let at = 0; at < rows; at++) steps.push({ kind: "-", left: at, right: 0 });
    for (let at = 0; at < columns; at++) steps.push({ kind: "+", left: rows, right: at });
    return steps;
  }
  const width = columns + 1;
  const common = new Uint32Array((rows + 1) * width);
  for (let l = rows - 1; l >= 0; l--)
    for (let r = columns - 1; r >= 0; r--)
      common[l * width + r] =
        left[l] === right[r]
          ? 1 + (common[(l + 1) * width + r + 1] ?? 0)
          : Math.max(common[(l + 1) * width + r] ?? 0, common[l * width + r + 1] ?? 0);
  let l = 0;
  let r = 0;
  while (l < rows || r < columns) {
    if (l < rows && r < columns && left[l] === right[r])
      steps.push({ kind: " ", left: l++, right: r++ });
    else if (
      l < rows &&
      (r >= columns || (common[(l + 1) * width + r] ?? 0) >= (common[l * width + r + 1] ?? 0))
    )
      steps.push({ kind: "-", left: l++, right: r });
    else steps.push({ kind: "+", left: l, right: r++ });
  }
  return steps;
}

/** First and last step of each hunk; changes that share their context share a hunk. */
function hunks(steps: readonly Step[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [at, { kind }] of steps.entries()) {
    if (kind === " ") continue;
    const first = Math.max(0, at - CONTEXT);
    const last = Math.min(steps.length - 1, at + CONTEXT);
    const before = found.at(-1);
    if (before && first <= before[1] + 1) before[1] = last;
    else found.push([first, last]);
  }
  return found;
}

function hunkText(
  steps: readonly Step[],
  first: number,
  last: number,
  left: readonly string[],
  right: readonly string[],
): string[] {
  const part = steps.slice(first, last + 1);
  const out = part.filter(({ kind }) => kind !== "+").length;
  const into = part.filter(({ kind }) => kind !== "-").length;
  const start = part[0] as Step;
  const place = (count: number, at: number): string => `${count === 0 ? at : at + 1},${count}`;
  return [
    `@@ -${place(out, start.left)} +${place(into, start.right)} @@`,
    ...part.map(
      ({ kind, left: l, right: r }) => `${kind}${(kind === "+" ? right[r] : left[l]) ?? ""}`,
    ),
  ];
}
