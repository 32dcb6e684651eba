import { readFileSync } from "node:fs";
import { STORE_METRICS } from "@dropscope/store";
import { expect, test } from "vitest";

// The page that newcomers and operators start from must not name what is gone.

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/life-of-a-flow.md");

const named = [...page.matchAll(/`([a-z]+)\/([\w/-]+\.ts)`((?: `\w+`,?)*)/g)].flatMap(
  ([, pack, file, names]) =>
    [...(names ?? "").matchAll(/`(\w+)`/g)].map(
      ([, name]) => [`packages/${pack}/src/${file}`, name!] as const,
    ),
);

test("the page names functions at all", () => {
  expect(named.length).toBeGreaterThan(14);
});

test.each(named)("%s has %s", (file, name) => {
  expect(read(file)).toMatch(new RegExp(`export (async )?(function|class|const) ${name}\\b`));
});

test("every metric that it names is exposed", () => {
  const store = new Set(
    Object.entries(STORE_METRICS).map(([key, { kind }]) => {
      const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return `dropscope_store_${snake}${kind === "counter" ? "_total" : ""}`;
    }),
  );
  const source =
    read("packages/cli/src/wire/metrics.ts") +
    read("packages/cli/src/wire/correlator-metrics.ts") +
    read("packages/dashboard/src/metrics.ts");
  const names = [...page.matchAll(/`(dropscope_\w+)`/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) {
    const short = name.replace(/^dropscope_((ingester|correlator)_)?/, "").replace(/_total$/, "");
    expect(store.has(name) || source.includes(short), name).toBe(true);
  }
});
