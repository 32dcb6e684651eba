import type { Flow } from "@dropscope/model";
import { type BundledLine, type BundleReader } from "@dropscope/store";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINE_BYTES } from "../format.js";
import { createRedactor } from "../redact/redactor.js";
import { chartSvg, sparkline } from "./chart.js";
import { flowLines } from "./flow-lines.js";
import { code, md, table } from "./markdown.js";

const HOSTILE = [
  "<script>alert(1)</script>",
  "[click](javascript:alert(1))",
  "![x](http://evil.example/x.png)",
  "`code` and ``more``",
  "a | b | c",
  "line\nbreak\r\n# heading",
  "\u202eright to left",
  "https://evil.example",
  "]]>--><svg onload=x>",
  "@everybody #1 ~~gone~~ $x$",
];

describe("foreign text in the summary", () => {
  test.each(HOSTILE)("%j means nothing in Markdown", (text) => {
    for (const shown of [md(text), table(["a"], [[md(text)]])[2] ?? ""]) {
      expect(shown).not.toMatch(/[\n\r\u202e]/);
      expect(shown).not.toMatch(/(^|[^\\])[<[\]`*]/);
      expect(shown).not.toMatch(/https?:\/\//);
    }
    const cell = code(text);
    expect(cell).not.toMatch(/[\n\r|\u202e]/);
    // No run of ticks within is as long as the ones around.
    const [, ticks = ""] = /^(`+)/.exec(cell) ?? [];
    expect(cell.slice(ticks.length, -ticks.length)).not.toMatch(
      new RegExp(`(^|[^\`])${ticks}($|[^\`])`),
    );
  });

  test("ordinary sentences stay readable", () => {
    expect(md("web/checkout to 10.0.0.1 on TCP 443")).toBe("web/checkout to 10.0.0.1 on TCP 443");
  });
});

const chartOf = (title: string, key: string, counts: number[]): string =>
  chartSvg({ title, unit: "drops", from: 0, stepMs: 1_000, series: [{ key, counts }], gaps: [] });

describe("charts", () => {
  test.each(HOSTILE)("%j runs nothing and leaves the picture whole", (text) => {
    const svg = chartOf(text, text, [1, 2, 3]);
    expect(svg.match(/<(?!\/?(?:svg|title|rect|text|line|g)\b)/g)).toBeNull();
    expect(svg).not.toMatch(/<[^>]*\s(?:on\w+|href|style)=|\u202e/);
  });

  test("a bar for each count, as high as it is to the others", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 120 }), (counts) => {
        const svg = chartOf("x", "y", counts);
        const group = /<g fill="[^"]+">(.*?)<\/g>/s.exec(svg)?.[1] ?? "";
        const heights = [...group.matchAll(/height="([\d.]+)"/g)].map(([, height]) =>
          Number(height),
        );
        const positive = counts.filter((count) => count > 0);
        expect(heights).toHaveLength(positive.length);
        const most = Math.max(...positive);
        const highest = Math.max(...heights);
        for (const [at, count] of positive.entries())
          expect(Math.abs((heights[at] ?? 0) - (highest * count) / most)).toBeLessThan(0.2);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }),
      { numRuns: 50 },
    );
    expect(chartOf("nothing", "y", [])).not.toMatch(/NaN|Infinity/);
  });

  test("a line of blocks", () => {
    expect(sparkline([0, 1, 4, 8])).toBe(" ▁▄█");
    expect(sparkline([0, 0])).toBe("");
  });
});

describe("lines of flows", () => {
  const whole = createRedactor({ names: false, dropL7: false });

  async function lineOf(flow: Flow): Promise<{ line: string; shortened: number }> {
    const item: BundledLine = { text: `${JSON.stringify({ flow })}\n`, whole: () => flow };
    const reader = {
      async *lines() {
        await Promise.resolve();
        yield [item];
      },
      items: () => {
        throw new Error("not asked for");
      },
    } as unknown as Pick<BundleReader, "lines" | "items">;
    const counts = { flows: 0, losses: 0, shortened: 0 };
    const query = { since: 0n, until: 1n, selection: { allow: [], deny: [] } };
    let text = "";
    for await (const line of flowLines(reader, query, whole, counts, () => undefined)) text += line;
    return { line: text, shortened: counts.shortened };
  }

  const long = "ü".repeat(2_000);
  const many = Array.from({ length: 60 }, (_, at) => `k8s:label-${at}=${long}`);

  test.each<[string, Flow]>([
    ["headers", { l7: { http: { headers: many.map((value) => ({ key: "x", value })) } } }],
    ["labels of a node", { node_labels: many }],
    ["labels of an end", { source: { namespace: "web", labels: many } }],
    ["policies", { egress_allowed_by: many.map((name) => ({ name, labels: many.slice(0, 2) })) }],
    ["answers", { l7: { dns: { query: "x.", cnames: many } } }],
    [
      "everything at once",
      { node_labels: many, source: { labels: many }, source_names: many, policy_log: many },
    ],
  ])("too many %s are left out, and the rest of the flow stays", async (_, more) => {
    const flow: Flow = { time: "2026-01-01T00:00:00Z", uuid: "u", verdict: "DROPPED", ...more };
    const { line, shortened } = await lineOf(flow);
    expect(Buffer.byteLength(line)).toBeLessThan(LINE_BYTES.flows);
    expect(shortened).toBe(1);
    expect((JSON.parse(line) as { flow: Flow }).flow).toMatchObject({
      uuid: "u",
      verdict: "DROPPED",
    });
    // The flow of the store is left as it is.
    expect(flow).toMatchObject(more);
  });

  test("a line that fits is not touched", async () => {
    expect(await lineOf({ verdict: "DROPPED", node_labels: many.slice(0, 2) })).toMatchObject({
      shortened: 0,
    });
  });
});
