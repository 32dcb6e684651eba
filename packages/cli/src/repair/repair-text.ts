import type { Fix, FixReplay, NewlyAllowed, Peer, RepairAnswer } from "@dropscope/model";
import { shown } from "../observe/paint.js";
import { minute, plural } from "../tuning/evidence-text.js";

/** What was found, for a person: each edit with what it newly allows, its patch and its command. */
export function repairText(answer: RepairAnswer, notes: readonly string[]): string {
  const { denied, fixes, noFix, already } = answer;
  const lines = [denied, ...notes.map((note) => `  note: ${note}.`)];
  if (already !== "")
    lines.push(
      fixes.length === 0 ? already : `${already} At the time of the drop this would have done:`,
    );
  if (noFix !== "") lines.push("", noFix);
  const shownLines = lines.map(shown);
  for (const [at, fix] of fixes.entries()) shownLines.push("", ...fixLines(fix, at + 1));
  return `${shownLines.join("\n")}\n`;
}

function fixLines(fix: Fix, number: number): string[] {
  const { title, effect, remains, edits, allows, replay, diff } = fix;
  const told = [
    `${number}  ${title}`,
    ...new Set(
      edits.map(
        ({ policy: { kind, namespace, name }, isNew }) =>
          `   in ${kind} ${namespace === "" ? name : `${namespace}/${name}`}${isNew ? " (new)" : ""}`,
      ),
    ),
    ...(effect === "" ? [] : [`   ${effect}`]),
    ...allowedLines(allows).map((line) => `   ${line}`),
    ...(replay === null ? [] : [`   ${replayText(replay)}`]),
    ...(remains === "" ? [] : [`   but: ${remains}`]),
  ];
  // What stands in files keeps its lines; nothing in them may paint the terminal.
  // The command of a new object is the object once more: `-o command` has it.
  const commands = edits.filter(({ isNew }) => !isNew).map(({ command }) => command);
  const texts = [diff.trimEnd(), ...commands];
  const lines = texts.flatMap((text) => `${text}\n`.split("\n").map(shown));
  return [...told.map(shown), "", ...lines].slice(0, -1);
}

/** `newly allowed: …` and what of it nobody asked for. */
export function allowedLines({ pairs, asked, ports, beyond, more, pods }: NewlyAllowed): string[] {
  const among = pods === 0 ? "" : `, of ${plural(pods, "pod")} that were looked at`;
  const rest = pairs - asked;
  const own =
    asked === 0 ? "nothing of what was asked for" : `${plural(asked, "pair")} of ends on ${ports}`;
  const head = `newly allowed: ${own}${rest === 0 ? ", nothing else" : `, and ${plural(rest, "pair")} beyond what was asked for`}${among}`;
  return [
    head,
    ...beyond.map(
      ({ client, server, ports, pairs: many }) =>
        `  ${peerText(client)} → ${peerText(server)} on ${ports}${many === 1 ? "" : ` (${plural(many, "pair")})`}`,
    ),
    ...(more === 0 ? [] : [`  … and ${more} more`]),
  ];
}

export function replayText({
  from,
  to,
  edges,
  newlyAllowed,
  newlyDenied,
  unknown,
}: FixReplay): string {
  const denied =
    newlyDenied.edges === 0
      ? "none would be newly denied"
      : `${plural(newlyDenied.edges, "connection")} would be NEWLY DENIED (${plural(newlyDenied.flows, "flow")})`;
  const open = unknown.flows === 0 ? "" : `; ${plural(unknown.flows, "flow")} could not be judged`;
  return `replayed over ${plural(edges, "connection")} seen ${minute(from)} to ${minute(to)}: ${newlyAllowed.edges} would newly pass (${plural(newlyAllowed.flows, "flow")}), ${denied}${open}`;
}

function peerText({ namespace, name }: Peer): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
