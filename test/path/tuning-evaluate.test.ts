import type { SuggestionAnswer } from "@dropscope/model";
import type * as tuning from "@dropscope/tuning";
import { suggest } from "@dropscope/tuning";
import { expect, test } from "vitest";

interface Row {
  readonly denied: readonly string[];
  readonly ratio: number;
  readonly scanned: readonly string[];
  readonly stable: boolean;
}
type Suggest = typeof tuning.suggest;

// Plain JavaScript, as `npm run evaluate -- tuning` runs it.
const script = new URL("../../scripts/evaluate/tuning/run.mjs", import.meta.url).href;
const { evaluateTuning, isGood } = (await import(script)) as {
  readonly evaluateTuning: (options: {
    readonly seed: string;
    readonly worlds: number;
    readonly share: number;
    readonly propose?: Suggest;
  }) => Row[];
  readonly isGood: (row: Row) => boolean;
};

/** Hours in which a connection is seen, of all: less than there mostly are, so that flows are few. */
const FEW = 0.08;

test("proposals allow what clusters with hidden intents need, and hardly more", () => {
  const rows = evaluateTuning({ seed: "test", worlds: 2, share: FEW });
  expect(rows).toHaveLength(2);
  expect(rows.filter((row) => !isGood(row))).toEqual([]);
});

test("proposals that are too narrow, too wide, or of the moment are found out (control)", () => {
  const judge = (propose: Suggest): Row =>
    evaluateTuning({ seed: "test", worlds: 1, share: FEW, propose })[0] as Row;
  const changed = (
    answer: SuggestionAnswer,
    change: (yaml: string) => string,
  ): SuggestionAnswer => ({
    ...answer,
    yaml: change(answer.yaml),
  });
  const narrow = judge((...asked) =>
    changed(suggest(...asked), (yaml) => yaml.replaceAll(/port: "?8080"?$/gm, "port: 8081")),
  );
  expect(narrow.denied.length).toBeGreaterThan(0);
  const wide = judge((traffic, cluster, options) =>
    suggest(traffic, cluster, { ...options, mode: "namespace" }),
  );
  expect(wide.ratio).toBeGreaterThan(1.05);
  let asked = 0;
  const unstable = judge((...all) => changed(suggest(...all), (yaml) => `${yaml}# ${++asked}\n`));
  expect(unstable.stable).toBe(false);
});
