import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  findingsJson,
  findingsText,
  lint,
  parseManifests,
  PROFILES,
  sarifLog,
} from "@dropscope/policy";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../cases/lint/", import.meta.url));

/** The objects of every case: what comes closest to firing is what a slip must not make crash. */
const objects = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .sort()
  .map((name) =>
    parseManifests(readFileSync(root + name, "utf8"), name).sources.map(({ value }) => value),
  )
  .filter((list) => list.length > 0);

const junk: readonly unknown[] = [
  null,
  0,
  -1,
  1e99,
  "",
  "x",
  "__proto__",
  "a".repeat(300),
  "0.0.0.0/0",
  65_536,
  true,
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: {} },
  JSON.parse('{"__proto__": 1}') as unknown,
  { matchLabels: null },
  { matchExpressions: [{}] },
  { matchLabels: { app: 1 } },
];

const slip = fc.record({
  object: fc.nat(),
  place: fc.nat(),
  change: fc.constantFrom("replace", "remove", "add"),
  junk: fc.constantFrom(...junk),
});

test("no slip in any object makes a lint fail or speak nonsense", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...objects),
      fc.array(slip, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("kubernetes" as const, "cilium" as const),
      (whole, slips, profile) => {
        const copies = JSON.parse(JSON.stringify(whole)) as object[];
        for (const one of slips) make(one, copies);
        const text = copies.map((copy) => JSON.stringify(copy)).join("\n---\n");
        const manifests = parseManifests(text, "a.json");
        const findings = lint(manifests, { profile: PROFILES[profile] });
        for (const { message, evidence } of findings) {
          expect(message).not.toMatch(/undefined|\[object|NaN/);
          expect(evidence.length).toBeLessThanOrEqual(5);
        }
        findingsText(findings);
        JSON.stringify([
          findingsJson(findings),
          sarifLog(findings, manifests, { version: "0.0.0" }),
        ]);
      },
    ),
    { numRuns: Number(process.env["RUNS"] ?? 500) },
  );
});

function make(
  { object, place, change, junk: value }: typeof slip extends fc.Arbitrary<infer T> ? T : never,
  among: object[],
): void {
  const places = placesIn(among[object % among.length]!);
  const found = places[place % places.length];
  if (!found) return;
  const { parent, key } = found;
  if (change === "replace") parent[key] = value;
  else if (change === "remove" && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (change === "remove") delete parent[key];
  else parent[`${key}2`] = value;
}

interface Found {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: object, found: Found[] = []): Found[] {
  for (const [key, inner] of Object.entries(value)) {
    found.push({ parent: value as Record<string, unknown>, key });
    if (typeof inner === "object" && inner !== null) placesIn(inner as object, found);
  }
  return found;
}
