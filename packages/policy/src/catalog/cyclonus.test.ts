import { describe, expect, it } from "vitest";
import { cyclonusCases, type CyclonusStep } from "../../../../test/kit/cyclonus.js";
import { parseManifests } from "../parse/manifests.js";
import type { Policy, Protocol } from "../policy.js";
import { PROFILES } from "../profile.js";
import { isDenial, type Decision } from "../decision.js";
import { createCatalog } from "./catalog.js";
import { keyOf, type CatalogObject, type Change } from "./objects.js";

/** Steps are a minute apart. */
const timeOf = (step: number): number => 1_700_000_000_000 + step * 60_000;
const place = { file: "cases.jsonl", line: 1, column: 1, path: "" };

const cases = cyclonusCases().filter(({ steps }) => steps.length > 1);

function objectsOf(step: CyclonusStep): CatalogObject[] {
  const namespaces = Object.entries(step.namespaces).map(([name, labels]): CatalogObject => ({
    kind: "Namespace",
    namespace: "",
    name,
    value: { name, labels },
  }));
  const pods = step.pods.map(({ namespace, name, labels, ip, ports }): CatalogObject => ({
    kind: "Pod",
    namespace,
    name,
    value: {
      kind: "Pod",
      namespace,
      name,
      labels,
      serviceAccount: "default",
      hostNetwork: false,
      ports,
      addresses: [ip],
      place,
    },
  }));
  const policies = (step.policies ?? []).map((policy): CatalogObject => {
    const { namespace, name } = policy.metadata;
    return { kind: "NetworkPolicy", namespace, name, value: policiesOf(policy) };
  });
  return [...namespaces, ...pods, ...policies];
}

function policiesOf(manifest: object): readonly Policy[] {
  const { policies } = parseManifests(JSON.stringify(manifest), "cases.jsonl");
  expect(policies).toHaveLength(1);
  return policies;
}

/** What a watch would have said: an update for everything there is, a word about everything gone. */
function changesOf(steps: readonly CyclonusStep[]): Change[] {
  const changes: Change[] = [];
  let before: CatalogObject[] = [];
  for (const [i, step] of steps.entries()) {
    const at = timeOf(i);
    const objects = objectsOf(step);
    const there = new Set(objects.map(keyOf));
    for (const id of before.filter((object) => !there.has(keyOf(object))))
      changes.push({ type: "delete", at, id });
    for (const object of objects) changes.push({ type: "set", at, object });
    before = objects;
  }
  return changes;
}

function verdicts(decision: Decision | undefined): string[] | undefined {
  if (decision === undefined) return undefined;
  const { ingress, egress } = decision;
  const [into, out] = [isDenial(ingress.outcome), isDenial(egress.outcome)];
  return [into, out, into || out].map((denied) => (denied ? "blocked" : "allowed"));
}

describe.skipIf(cases.length === 0)("steps of cyclonus' cases, each judged at its own time", () => {
  it.each(["in order", "the last first"])("when changes arrive %s", (order) => {
    let checks = 0;
    for (const { index, steps } of cases) {
      const catalog = createCatalog({ profile: PROFILES.kubernetes });
      const changes = changesOf(steps);
      for (const change of order === "in order" ? changes : changes.toReversed())
        catalog.apply(change);
      const wrong: string[] = [];
      for (const [i, { expected }] of steps.entries()) {
        // Both the first moment of the step and one within it.
        const views = [catalog.at(timeOf(i)), catalog.at(timeOf(i) + 59_999.5)];
        for (const [from, row] of Object.entries(expected))
          for (const [to, probes] of Object.entries(row)) {
            // A real pod cannot keep itself out.
            if (from === to) continue;
            for (const [probe, truth] of Object.entries(probes)) {
              const [protocol, port] = probe.split("/") as [Protocol, string];
              for (const view of views) {
                const got = verdicts(view.decide(from, to, protocol, Number(port)));
                checks++;
                if (got?.join() !== truth.join())
                  wrong.push(
                    `step ${i} ${from} → ${to} ${probe}: ${truth.join()}, got ${got?.join()}`,
                  );
              }
            }
          }
      }
      expect(wrong.slice(0, 5), `case ${index}`).toEqual([]);
    }
    expect(checks).toBeGreaterThan(1000);
  });
});
