import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  applyEdits,
  type Finding,
  lint,
  LINT_RULES,
  type LintSettings,
  mergeManifests,
  parseManifests,
  PROFILES,
  type ProfileName,
} from "@dropscope/policy";
import { describe, expect, test } from "vitest";

const cases = fileURLToPath(new URL("../cases/lint/", import.meta.url));
const update = process.env["UPDATE_CASES"] !== undefined;

interface Expected {
  readonly line: number;
  readonly path: string;
  readonly severity: string;
}

describe.each(LINT_RULES)("$id $title", ({ id }) => {
  const fires = filesOf(id, "fires");
  const quiet = filesOf(id, "quiet");

  test("has a case that fires and one that does not", () => {
    expect({ fires: fires.length > 0, quiet: quiet.length > 0 }).toEqual({
      fires: true,
      quiet: true,
    });
  });

  const expectedFile = `${cases}${id}/fires/expected.json`;
  const expected = readJson(expectedFile);
  if (update && fires.length > 0)
    writeFileSync(
      expectedFile,
      `${JSON.stringify(Object.fromEntries(fires.map((file) => [stem(file), found(id, file)])), null, 2)}\n`,
    );

  test.each(fires)("fires on %s", (file) => {
    const findings = found(id, file);
    expect(findings.length).toBeGreaterThan(0);
    if (!update) expect(findings).toEqual(expected[stem(file)]);
    for (const finding of lintFile(id, file)) expectWellFormed(finding);
  });

  test.each(fires)("the patches of %s mend it", (file) => {
    const text = readFileSync(file, "utf8");
    const patched = patchAll(id, file, text);
    const golden = file.replace(/\.\w+$/, ".patched");
    if (patched === undefined) return expect(existsSync(golden)).toBe(false);
    if (update) writeFileSync(golden, patched);
    expect(patched).toBe(readFileSync(golden, "utf8"));
  });

  test.each(quiet)("is silent on %s", (file) => {
    expect(lintFile(id, file).map(({ message }) => message)).toEqual([]);
  });
});

test("no case is of an id that is no lint", () => {
  const ids = new Set(LINT_RULES.map(({ id }) => id));
  expect(readdirSync(cases).filter((id) => !ids.has(id))).toEqual([]);
});

test("every id is once in the list, and says what it needs to", () => {
  const ids = LINT_RULES.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  for (const { title, help } of LINT_RULES)
    for (const text of [title, help.why, help.fix]) expect(text.trim().length).toBeGreaterThan(3);
});

function expectWellFormed(finding: Finding): void {
  expect(finding.message).toMatch(/^\S.*\.$/);
  expect(finding.fix.length).toBeGreaterThan(3);
  expect(finding.evidence.length).toBeLessThanOrEqual(5);
  expect(finding.message).not.toMatch(/undefined|\[object|NaN/);
}

/** The text after all patches of this lint; undefined when it has none. Fails when one does not mend what it is for. */
function patchAll(id: string, file: string, original: string): string | undefined {
  let text = original;
  let before = lintText(id, file, text).filter(({ patch }) => patch);
  if (before.length === 0) return undefined;
  // Two patches may touch each other; the second is then made on the new text.
  for (let round = 0; before.length > 0; round++) {
    expect(round).toBeLessThan(10);
    const problems = errorsIn(file, text);
    ({ text } = applyEdits(
      text,
      before.map(({ patch }) => patch!.edit),
    ));
    expect(errorsIn(file, text)).toBeLessThanOrEqual(problems);
    const after = lintText(id, file, text).filter(({ patch }) => patch);
    expect(after.length).toBeLessThan(before.length);
    before = after;
  }
  return text;
}

function errorsIn(file: string, text: string): number {
  return parseManifests(text, file).problems.filter(({ severity }) => severity === "error").length;
}

function found(id: string, file: string): Expected[] {
  return lintFile(id, file).map(({ place, severity }) => ({
    line: place.line,
    path: place.path,
    severity,
  }));
}

function lintFile(id: string, file: string): Finding[] {
  return lintText(id, file, readFileSync(file, "utf8"));
}

function lintText(id: string, file: string, text: string): Finding[] {
  const options = optionsOf(text);
  return lint(mergeManifests([parseManifests(text, file)]), {
    profile: PROFILES[options.profile ?? "kubernetes"],
    ...(options.settings ? { settings: options.settings } : {}),
    only: [id],
  });
}

function optionsOf(text: string): { profile?: ProfileName; settings?: Partial<LintSettings> } {
  const written = /^# options: (.*)/.exec(text)?.[1];
  return written === undefined ? {} : (JSON.parse(written) as ReturnType<typeof optionsOf>);
}

function filesOf(id: string, side: string): string[] {
  const folder = `${cases}${id}/${side}/`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.(yaml|json)$/.test(name) && name !== "expected.json")
    .map((name) => `${folder}${name}`);
}

function readJson(file: string): Record<string, Expected[]> {
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Expected[]>)
    : {};
}

function stem(file: string): string {
  return file
    .split("/")
    .at(-1)!
    .replace(/\.\w+$/, "");
}
