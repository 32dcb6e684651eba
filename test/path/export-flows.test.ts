import {
  cutFlow,
  EVERYTHING,
  LOCAL_VIEWER,
  parseTimeNs,
  type Flow,
  type Viewer,
} from "@dropscope/model";
import { createExporter, EXPORT_COLUMNS, newBatchId, type ExportFormat } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitraryFlow, arbitraryViewer } from "../kit/arbitrary-flows.js";
import { exportRow, type ExportRow } from "../kit/export-twin.js";
import { RowWriter } from "../kit/flow-rows.js";
import { readCsv, readParquet } from "../kit/read-exports.js";

let store: TestStore;
beforeAll(async () => {
  store = await startTestStore();
});
afterAll(() => store.close());

async function storeOnly(flows: readonly Flow[]): Promise<void> {
  await store.client.command("TRUNCATE TABLE flows");
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
}

type Asked = Partial<Parameters<ReturnType<typeof createExporter>["export"]>[1]>;

async function exported(format: ExportFormat, asked: Asked = {}, windowRows = 40): Promise<Buffer> {
  const exporter = createExporter(store.client, { windowRows });
  const query = { viewer: LOCAL_VIEWER, selection: EVERYTHING, ...asked };
  const file = await exporter.export(format, query);
  const parts: Uint8Array[] = [];
  let rows = 0;
  for await (const part of file.bytes((now) => (rows = now.rows))) parts.push(part);
  expect(rows).toBe(file.expected);
  return Buffer.concat(parts);
}

const csvRows = async (asked?: Asked, windowRows?: number): Promise<Record<string, string>[]> => {
  const [header = [], ...rows] = readCsv((await exported("csv", asked, windowRows)).toString());
  return rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] as string])));
};

/** A minute of flows, one every 100 ms: their times say which is which. */
const base = parseTimeNs("2026-11-20T10:00:00Z") as bigint;
const given: Flow[] = fc.sample(arbitraryFlow, { numRuns: 300, seed: 20 }).map((flow, at) =>
  Object.assign(flow, {
    time: new Date(Number(base / 1_000_000n) + at * 100).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  }),
);

const viewers: Viewer[] = [
  LOCAL_VIEWER,
  { name: "blind", namespaces: "all", seesL7: false },
  ...fc.sample(arbitraryViewer, { numRuns: 4, seed: 7 }),
  { name: "web", namespaces: ["web"], seesL7: true },
];

describe("Parquet, read by another reader", () => {
  test.each(viewers.map((viewer) => [JSON.stringify(viewer), viewer] as const))(
    "has exactly what %s may see",
    async (_, viewer) => {
      await storeOnly(given);
      const { rows, columns } = await readParquet(await exported("parquet", { viewer }));
      expect(columns).toEqual(EXPORT_COLUMNS.map(({ name }) => name));
      const expected = given.flatMap((flow) => {
        const cut = cutFlow(flow, viewer);
        return cut === undefined ? [] : [exportRow(cut)];
      });
      expect(rows.map((row) => pick(row, expected[0]))).toEqual(expected);
    },
  );

  test("times are nanoseconds, UTC", async () => {
    await storeOnly([{ ...given[0], time: "2026-11-20T10:00:00.123456789Z" }]);
    const { rows } = await readParquet(await exported("parquet"));
    expect(rows[0]?.["time"]).toBe(parseTimeNs("2026-11-20T10:00:00.123456789Z"));
  });

  test("a file without rows still has its columns", async () => {
    await storeOnly([]);
    const { rows, columns } = await readParquet(await exported("parquet"));
    expect({ rows, columns: columns.length }).toEqual({ rows: [], columns: EXPORT_COLUMNS.length });
  });
});

function pick(row: Record<string, unknown>, like: ExportRow | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.keys(like ?? {}).map((name) => [name, plain(row[name])]));
}

const asText = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
};
const plain = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

describe("CSV", () => {
  test("says the same as Parquet, cell by cell, whatever the windows", async () => {
    await storeOnly(given);
    const [csv, parquet] = [await csvRows(), await readParquet(await exported("parquet"))];
    expect(csv).toHaveLength(given.length);
    for (const [at, row] of csv.entries())
      for (const { name, kind } of EXPORT_COLUMNS) {
        const value = parquet.rows[at]?.[name];
        const cell = unguarded(row[name] ?? "");
        if (kind === "list") expect(JSON.parse(cell), name).toEqual(value);
        else if (kind === "time") expect(parseTimeNs(cell)).toBe(value);
        else expect(cell, name).toBe(asText(value));
      }
    expect(await csvRows({}, 100_000)).toEqual(csv);
  });

  test.each([
    ["first 7", { first: 7 }, 0, 7],
    ["last 7", { last: 7 }, 293, 300],
    ["first 130, of several windows", { first: 130 }, 0, 130],
    ["last 130, of several windows", { last: 130 }, 170, 300],
    ["last 1000, of which there are 300", { last: 1000 }, 0, 300],
    [
      "a range, both ends inclusive",
      { since: base + 1_000_000_000n, until: base + 2_000_000_000n },
      10,
      21,
    ],
  ])("%s: these rows, oldest first, in both formats", async (_, asked, from, to) => {
    await storeOnly(given);
    const ids = given.slice(from, to).map(({ uuid }) => uuid);
    expect((await csvRows(asked)).map(({ uuid }) => uuid)).toEqual(ids);
    const { rows } = await readParquet(await exported("parquet", asked));
    expect(rows.map(({ uuid }) => uuid)).toEqual(ids);
  });

  const hostile = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "'=1",
    "''@x",
    "＝1",
    '"; DROP',
    "a,b\nc",
    '""',
    "'plain",
    "plain",
    "漢字 😀",
  ];

  test.each(hostile)("%j is no formula, and comes back as it was", async (text) => {
    const flow: Flow = { ...given[0], source: { pod_name: text, labels: [text] }, Summary: text };
    await storeOnly([flow]);
    const [row] = await csvRows();
    for (const cell of Object.values(row ?? {}))
      if (!/^-?\d+$/.test(cell) || cell === text)
        expect(cell).not.toMatch(/^ *[=+\-@＝＋－＠]|^[\t\r]/);
    expect(unguarded(row?.["summary"] ?? "")).toBe(text);
    expect(unguarded(row?.["src_pod"] ?? "")).toBe(text);
    expect(JSON.parse(row?.["src_labels"] ?? "")).toEqual([text]);
  });

  test("what is harmless is not touched (control)", async () => {
    await storeOnly([{ ...given[0], Summary: "'plain" }]);
    expect((await csvRows())[0]?.["summary"]).toBe("'plain");
  });
});

/** Takes back what an export puts in front of cells that a spreadsheet would run. */
function unguarded(cell: string): string {
  return /^''*(?: *[=+\-@＝＋－＠]|[\t\r\n])/.test(cell) ? cell.slice(1) : cell;
}

test("a question that costs too much is refused, not half answered", async () => {
  await storeOnly(given);
  const exporter = createExporter(store.client, {
    limits: { seconds: 10, rows: 5, bytes: 1e9, memoryBytes: 1e9 },
  });
  const query = { viewer: LOCAL_VIEWER, selection: EVERYTHING };
  const read = async (format: ExportFormat): Promise<void> => {
    for await (const _ of (await exporter.export(format, query)).bytes());
  };
  for (const format of ["csv", "parquet"] as const)
    await expect(read(format)).rejects.toMatchObject({ code: "QUERY_TOO_BROAD" });
});
