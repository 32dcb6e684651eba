import { DropscopeError, EXIT } from "@dropscope/model";
import { mergeManifests, parseManifests } from "@dropscope/policy";
import { objectKey } from "../cluster/index.js";
import { type Candidate, candidateOf } from "./candidate.js";

/** What a unified diff says of one file. */
export interface FileChange {
  /** Without the `a/` and `b/` of git; empty for a file that is new or deleted. */
  readonly from: string;
  readonly to: string;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  /** First line of the old text that it is about, from 1. */
  readonly line: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A text that a diff may be about, by the name of its file. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads a unified diff, as `diff -u`, git and `dropscope policy repair` write it.
 * @throws DropscopeError `PATCH_INVALID`
 */
export function readPatch(text: string): FileChange[] {
  const lines = text.replaceAll("\r\n", "\n").replace(/\n$/, "").split("\n");
  const files: { from: string; to: string; hunks: Hunk[] }[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("--- ") && (lines[at + 1] ?? "").startsWith("+++ ")) {
      files.push({ from: fileOf(line), to: fileOf(lines[at + 1] ?? ""), hunks: [] });
      at += 1;
      continue;
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!head) continue;
    const file = files.at(-1);
    if (file === undefined) throw invalid(`line ${at + 1} has a change before any file is named`);
    const [old, recent] = [Number(head[2] ?? 1), Number(head[4] ?? 1)];
    const { next, ...hunk } = readHunk(lines, at + 1, old, recent);
    file.hunks.push({ line: Number(head[1]) + (old === 0 ? 1 : 0), ...hunk });
    at = next - 1;
  }
  if (files.length === 0) throw invalid("it names no file");
  return files;
}

/**
 * The policies that a diff would leave in force. Each file of it is looked for among the texts by its name, else by
 * where its changes fit.
 * @throws DropscopeError `PATCH_INVALID`, and `PATCH_MISFIT` where no text, or more than one, is meant
 */
export function applyPatch(
  changes: readonly FileChange[],
  texts: readonly NamedText[],
  options: { readonly cluster: string; readonly namespace?: string },
): Candidate {
  const parse = (text: string, name: string) => parseManifests(text, name, options);
  const before = [];
  const after = [];
  for (const change of changes) {
    const found = change.from === "" ? { name: change.to, text: "" } : textFor(change, texts);
    const changed = applied(change, found.text);
    if (changed === undefined) throw misfit(change, "its changes do not fit the text");
    before.push(parse(found.text, found.name));
    if (change.to !== "") after.push(parse(changed, change.to));
  }
  const kept = mergeManifests(after);
  const left = new Set(kept.policies.map(objectKey));
  const gone = mergeManifests(before)
    .policies.map(objectKey)
    .filter((key) => !left.has(key));
  return candidateOf(kept, [...new Set(gone)]);
}

function fileOf(line: string): string {
  // A time may follow after a tab.
  const [name = ""] = line.slice(4).split("\t");
  return name === "/dev/null" ? "" : name.trim().replace(/^[ab]\//, "");
}

function readHunk(
  lines: readonly string[],
  start: number,
  old: number,
  recent: number,
): { before: string[]; after: string[]; next: number } {
  const before: string[] = [];
  const after: string[] = [];
  let at = start;
  while (before.length < old || after.length < recent) {
    const line = lines[at];
    if (line === undefined) throw invalid(`it ends within a change, after line ${at}`);
    const rest = line.slice(1);
    if (line.startsWith("-")) before.push(rest);
    else if (line.startsWith("+")) after.push(rest);
    // Mailers cut the blank of an empty line off.
    else if (line.startsWith(" ") || line === "") {
      before.push(rest);
      after.push(rest);
    } else if (!line.startsWith("\\")) throw invalid(`line ${at + 1} is not part of a change`);
    at += 1;
  }
  return { before, after, next: at };
}

function textFor(change: FileChange, texts: readonly NamedText[]): NamedText {
  const fitting = texts.filter(({ text }) => applied(change, text) !== undefined);
  const base = (name: string): string => name.replace(/^.*\//, "");
  const choices = [
    fitting.filter(({ name }) => name === change.from || name.endsWith(`/${change.from}`)),
    fitting.filter(({ name }) => base(name) === base(change.from)),
    fitting,
  ];
  const [found, ...others] = choices.find(({ length }) => length > 0) ?? [];
  if (found === undefined)
    throw misfit(change, "there is no policy whose text it fits; it may have changed since");
  if (others.length > 0) throw misfit(change, `it fits ${others.length + 1} policies alike`);
  return found;
}

/** Undefined where a change does not fit. Lines may have moved; the nearest place counts. */
function applied({ hunks }: FileChange, text: string): string | undefined {
  const ended = text === "" || text.endsWith("\n");
  const lines = text === "" ? [] : text.replaceAll("\r\n", "\n").replace(/\n$/, "").split("\n");
  const out: string[] = [];
  let at = 0;
  let moved = 0;
  for (const { line, before, after } of hunks) {
    const place = placeOf(lines, before, line - 1 + moved, at);
    if (place === undefined) return undefined;
    out.push(...lines.slice(at, place), ...after);
    moved = place - (line - 1);
    at = place + before.length;
  }
  out.push(...lines.slice(at));
  return out.length === 0 ? "" : `${out.join("\n")}${ended ? "\n" : ""}`;
}

function placeOf(
  lines: readonly string[],
  wanted: readonly string[],
  near: number,
  first: number,
): number | undefined {
  const fits = (place: number): boolean =>
    place >= first &&
    place + wanted.length <= lines.length &&
    wanted.every((line, index) => lines[place + index] === line);
  for (let far = 0; far <= lines.length; far++) {
    if (fits(near + far)) return near + far;
    if (fits(near - far)) return near - far;
  }
  return undefined;
}

function invalid(why: string): DropscopeError {
  return new DropscopeError("PATCH_INVALID", `The patch is no unified diff: ${why}.`, {
    next: "Give what `diff -u`, `git diff` or `dropscope policy repair -o diff` prints.",
    exitCode: EXIT.badInput,
  });
}

function misfit({ from, to }: FileChange, why: string): DropscopeError {
  return new DropscopeError(
    "PATCH_MISFIT",
    `The patch of ${JSON.stringify(from === "" ? to : from)} cannot be applied: ${why}.`,
    {
      next: "Make it again from the policies that are in force, or name the changed files with --policies.",
      exitCode: EXIT.badInput,
    },
  );
}
