// docs/errors.md is written by hand; here it is held against the sources: each code that a
// person can meet is in it, and it has none that the sources do not know.
import { readdirSync, readFileSync } from "node:fs";
import { root } from "../prepare.mjs";

const CODE = "[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*";
/** `new DropscopeError("X"`, a helper that makes one (`usage("X"`), or an object with a `code`. */
const MADE = [
  new RegExp(`\\b(?:DropscopeError|FilterError|[a-z][A-Za-z]*)\\(\\s*"(${CODE}_${CODE})"`, "g"),
  new RegExp(`\\bDropscopeError\\(\\s*"(${CODE})"`, "g"),
  new RegExp(`\\bcode(?:: |\\?\\? |, code = )"(${CODE})"`, "g"),
];
/** Words in the same places that are no codes of ours. */
const FOREIGN =
  /^(E[A-Z]+|ERR_.*|HPE_.*|FIRST_.*|DROPSCOPE_.*|HUBBLE_(SERVER|TLS|RING_BUFFER)|NODE_.*)$/;

/** @returns one sentence without its point for each disagreement */
export function errorCodeProblems() {
  const sources = readdirSync(`${root}packages`)
    .flatMap((name) => filesUnder(`${root}packages/${name}/src`))
    .filter(
      (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\/testing\/|\/gen\/|\.gen\./.test(file),
    )
    .map((file) => readFileSync(file, "utf8"));
  const page = readFileSync(`${root}docs/errors.md`, "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
  const made = new Set(
    sources.flatMap((text) =>
      MADE.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code)),
    ),
  );
  const problems = [];
  for (const code of made)
    if (!listed.includes(code) && !FOREIGN.test(code))
      problems.push(`docs/errors.md does not list ${code}`);
  for (const code of listed) {
    if (!sources.some((text) => text.includes(`"${code}"`)))
      problems.push(`docs/errors.md lists ${code}, which no source knows`);
    if (listed.indexOf(code) !== listed.lastIndexOf(code))
      problems.push(`docs/errors.md lists ${code} twice`);
  }
  return problems;
}

function filesUnder(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(`${dir}/${entry.name}`) : [`${dir}/${entry.name}`],
  );
}
