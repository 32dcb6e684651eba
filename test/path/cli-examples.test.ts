import { readFileSync } from "node:fs";
import { commandSpecs, settingsOf } from "@dropscope/cli";
import { FILTER_FLAGS } from "@dropscope/model";
import { describe, expect, test } from "vitest";

const specs = await commandSpecs();

/** Lines of the fenced `sh` blocks, joined where they end in a backslash. */
function shellLines(file: string): string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  return [...text.matchAll(/```(?:sh|bash|shell)\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    block.replaceAll("\\\n", " ").split("\n"),
  );
}

/** The command and the words of each use of dropscope in a line. */
function uses(line: string): { name: string; words: string[] }[] {
  const pattern = /(?:^|[|;&(]\s*|\s)(npm start --|npx dropscope|dropscope)\s+([^|;&#>]*)/g;
  return [...line.replace(/#.*/, "").matchAll(pattern)].map(([, by, rest = ""]) => {
    const words = rest.trim().split(/\s+/);
    if (by === "npm start --") return { name: "up", words };
    const length = specs.some(({ name }) => name === words.slice(0, 2).join(" ")) ? 2 : 1;
    return { name: words.slice(0, length).join(" "), words: words.slice(length) };
  });
}

const always = ["help", "config", "print-config", "h"];

function flagsOf(name: string): string[] {
  const spec = specs.find((one) => one.name === name);
  if (!spec) return [];
  const own = (spec.options ?? []).flatMap(({ long, short }) => [long ?? "", short ?? ""]);
  const filters = spec.filters
    ? FILTER_FLAGS.flatMap(({ name: flag, short }) => [flag, short ?? ""])
    : [];
  return [
    ...always,
    ...settingsOf(spec),
    ...filters,
    ...own.map((flag) => flag.replace(/^-+/, "")),
  ];
}

function check(line: string, name: string, words: readonly string[]): void {
  if (!name.startsWith("-"))
    expect(
      specs.map((spec) => spec.name),
      line,
    ).toContain(name);
  const known = name.startsWith("-") ? [...always, "version"] : flagsOf(name);
  for (const word of [name, ...words].filter((one) => /^-+[a-zA-Z]/.test(one)))
    expect(known, line).toContain(word.replace(/^-+/, "").replace(/=.*/, ""));
}

describe.each(["README.md", "CONTRIBUTING.md", "docs/cli.md", "docs/life-of-a-flow.md"])(
  "%s",
  (file) => {
    const lines = shellLines(file).filter((line) => uses(line).length > 0);

    test("its examples use commands and flags that there are", () => {
      if (file === "README.md" || file === "docs/cli.md") expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) for (const { name, words } of uses(line)) check(line, name, words);
    });
  },
);

test("npm scripts that the documents name are there", () => {
  const manifest = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { scripts: Record<string, string> };
  for (const file of ["README.md", "CONTRIBUTING.md"])
    for (const line of shellLines(file)) {
      const script = /npm (?:run )?([a-z:]+)/.exec(line)?.[1];
      if (script && !["install", "ci"].includes(script))
        expect(Object.keys(manifest.scripts)).toContain(script);
    }
});
