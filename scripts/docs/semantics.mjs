// docs/semantics.md is written by hand; here each of its lines is held against what it names:
// a corpus (`netpol-analyzer`), a case of one (`cilium-engine extra/…`), or a test
// (`peer.test.ts: words of its title`).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../prepare.mjs";

const PAGE = "docs/semantics.md";
const corpora = join(process.env.DROPSCOPE_SHARED ?? join(root, "../shared"), "corpus");

/** @returns one sentence without its point for each disagreement */
export function semanticsProblems() {
  const tests = testFiles();
  const cases = caseNames();
  return rowsOf(readFileSync(`${root}${PAGE}`, "utf8")).flatMap((row) => {
    const named = [...row.at(-1).matchAll(/`([^`]+)`/g)].map(([, text]) => text);
    if (named.length === 0) return [`${PAGE}: nothing holds "${row[0]}"`];
    return named
      .filter((text) => !isThere(text, tests, cases))
      .map((text) => `${PAGE}: there is no ${text}`);
  });
}

/** Rows of the tables whose last column says what holds them. */
function rowsOf(text) {
  const rows = [];
  let counts = false;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) {
      counts = false;
      continue;
    }
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.at(-1) === "held by") counts = true;
    else if (counts && !/^-+$/.test(cells[0])) rows.push(cells);
  }
  return rows;
}

function isThere(text, tests, cases) {
  const [corpus, name] = text.split(" ", 2);
  if (cases.has(corpus)) return name === undefined || (cases.get(corpus)?.has(name) ?? true);
  const colon = text.indexOf(": ");
  return colon > 0 && (tests.get(text.slice(0, colon))?.includes(text.slice(colon + 2)) ?? false);
}

/** Texts of the test files of the policy engine, by their name without folder; some share one. */
function testFiles() {
  const files = new Map();
  for (const folder of ["packages/policy/src", "test/path"])
    for (const file of readdirSync(`${root}${folder}`, { recursive: true }))
      if (file.endsWith(".test.ts"))
        files.set(
          basename(file),
          `${files.get(basename(file)) ?? ""}${readFileSync(join(root, folder, file), "utf8")}`,
        );
  return files;
}

/** Names of the cases of each corpus; undefined where the corpus is not at hand. */
function caseNames() {
  const read = (file, namesOf) => {
    const path = join(corpora, file);
    return existsSync(path) ? new Set(namesOf(readFileSync(path, "utf8"))) : undefined;
  };
  const json = (file, namesOf) => read(file, (text) => namesOf(JSON.parse(text)));
  const netpol = (name) => json(`${name}/index.json`, ({ cases }) => cases.map((one) => one.case));
  return new Map([
    ["ahmetb-recipes", json("ahmetb-recipes/index.json", (all) => Object.keys(all.expectations))],
    [
      "cilium-engine",
      json("cilium-engine/index.json", ({ index }) => index.map(({ name }) => name)),
    ],
    ["netpol-analyzer", netpol("netpol-analyzer")],
    ["netpol-analyzer-anp", netpol("netpol-analyzer-anp")],
    [
      "cyclonus",
      read("cyclonus/cases.jsonl", (text) =>
        text
          .split("\n")
          .filter((line) => line.trim() !== "")
          .flatMap((line) => JSON.parse(line).tags),
      ),
    ],
  ]);
}
