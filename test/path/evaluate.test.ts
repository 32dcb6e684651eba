import { expect, test } from "vitest";
interface Said {
  readonly outcome: string;
  readonly responsible: readonly string[];
}
interface Scene {
  readonly policies: readonly object[];
  readonly truth: Said | readonly string[];
}
interface Judge {
  readonly causesOf: (scene: Scene) => Said[];
  readonly findingsOf: (scene: Scene) => string[];
}
interface Options {
  readonly seed: string;
  readonly each: number;
  readonly only?: string;
  readonly judge?: Judge;
}
interface Evaluation {
  readonly causes: readonly Row[];
  readonly rules: readonly Row[];
  readonly failures: readonly unknown[];
}

// Plain JavaScript, as `npm run evaluate` runs it.
const script = (name: string): string =>
  new URL(`../../scripts/evaluate/${name}`, import.meta.url).href;
const { evaluate } = (await import(script("run.mjs"))) as {
  readonly evaluate: (options: Options) => Evaluation;
};
const { causesOf, findingsOf } = (await import(script("judge.mjs"))) as Judge;

interface Row {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
}
const lowest = (rows: readonly Row[]): number =>
  Math.min(...rows.flatMap(({ precision, recall }) => [precision, recall]));

test("the correlator is right about incidents and look-alikes whose truth is known from how they were made", () => {
  const { causes, rules, failures } = evaluate({ seed: "test", each: 2 });
  expect(failures).toEqual([]);
  expect(causes).toHaveLength(7);
  expect(rules).toHaveLength(13);
});

test("the same seed makes the same scenes, another one others", () => {
  const seen = (seed: string): string[] => {
    const all: string[] = [];
    const judge = {
      findingsOf,
      causesOf: (scene: Scene): Said[] => {
        all.push(JSON.stringify([scene.policies, scene.truth]));
        return [];
      },
    };
    evaluate({ seed, each: 1, only: "label renamed", judge });
    return all;
  };
  const [one] = seen("a");
  expect(one).toBeDefined();
  expect(seen("a")).toEqual([one]);
  expect(seen("b")).not.toEqual([one]);
});

test("a judge that is wrong is found out (control)", () => {
  const blames = {
    // Whatever happened, the first policy is to blame.
    causesOf: (scene: Scene) =>
      causesOf(scene).map(() => ({ outcome: "default-deny", responsible: ["x"] })),
    findingsOf: () => ["D1 a/b"],
  };
  const { causes, rules } = evaluate({ seed: "test", each: 1, judge: blames });
  expect(lowest(causes)).toBe(0);
  expect(lowest(rules)).toBe(0);
  // Forgetting a single policy is enough.
  const forgets = {
    causesOf: (scene: Scene) => causesOf({ ...scene, policies: scene.policies.slice(1) }),
    findingsOf,
  };
  expect(
    lowest(evaluate({ seed: "test", each: 1, only: "rule removed", judge: forgets }).causes),
  ).toBeLessThan(0.98);
});
