import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lint, mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";

/** Every object that a lint has a case for, with something else where a value stood. */
const folder = fileURLToPath(new URL("../cases/lint/", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .sort()
  .map((name) => readFileSync(`${folder}${name}`, "utf8"));

const oddities: unknown[] = [
  null,
  0,
  -1,
  1e20,
  "",
  "*",
  true,
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: 1 },
  "x".repeat(300),
  "__proto__",
  { constructor: {} },
  [1, "a", {}],
];

type Slot = { readonly owner: Record<string, unknown>; readonly key: string };

function* slotsOf(value: unknown): Generator<Slot> {
  if (typeof value !== "object" || value === null) return;
  const owner = value as Record<string, unknown>;
  for (const key of Object.keys(owner)) {
    yield { owner, key };
    yield* slotsOf(owner[key]);
  }
}

test("no wrong type anywhere breaks a lint", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...oddities)), {
    minLength: 1,
    maxLength: 3,
  });
  let linted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...files), changes, fc.boolean(), (text, changes, cilium) => {
      const documents = parseAllDocuments(text).map((document): unknown => document.toJS());
      for (const [at, oddity] of changes) {
        const slots = [...slotsOf(documents)];
        const slot = slots[at % Math.max(slots.length, 1)];
        if (slot) slot.owner[slot.key] = structuredClone(oddity);
      }
      const broken = documents.map((document) => stringify(document)).join("---\n");
      const manifests = mergeManifests([parseManifests(broken, "odd.yaml")]);
      const findings = lint(manifests, { profile: PROFILES[cilium ? "cilium" : "kubernetes"] });
      linted += findings.length;
    }),
    { numRuns: 600 },
  );
  expect(linted).toBeGreaterThan(600);
}, 60_000);
