import { statSync } from "node:fs";
import { join } from "node:path";
import { until } from "@dropscope/ingester/testing";
import {
  createReader,
  createSpaceKeeper,
  currentRetention,
  migrate,
  readSpace,
  setRetention,
  type SpaceKeeperOptions,
} from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const DAY_MS = 86_400_000;
const DEFAULTS = { rawDays: 7, dropDays: 30, rollupDays: 90, problemDays: 90, policyDays: 90 };
let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
});
afterAll(() => store.close());

const dayOf = (ago: number): string =>
  new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

/** Flows of a day, stored some days ago: incompressible, so that a day has a size. */
function put(ago: number, options: { kept?: 0 | 1; storedAgo?: number; rows?: number } = {}) {
  const { kept = 0, storedAgo = ago, rows = 500 } = options;
  return store.client.command(
    `INSERT INTO flows (time, batch, stored_on, kept_long, uuid, flow_count, verdict, summary)
     SELECT toDateTime64({day:String}, 9, 'UTC') + number, 1, toDate({stored:String}), {kept:UInt8}, generateUUIDv4(), 1, if({kept:UInt8} = 1, 2, 1), randomString(200)
     FROM numbers({rows:UInt32})`,
    { day: `${dayOf(ago)} 00:00:00`, stored: dayOf(storedAgo), kept, rows },
  );
}

const show = async (table: string): Promise<string> =>
  (await store.client.query<{ statement: string }>(`SHOW CREATE TABLE ${table}`))[0]?.statement ??
  "";

interface PartInfo {
  name: string;
  path: string;
  expires: string;
}

const parts = (): Promise<PartInfo[]> =>
  store.client.query<PartInfo>(
    "SELECT name, path, toString(toDate(delete_ttl_info_max, 'UTC')) AS expires FROM system.parts WHERE database = currentDatabase() AND table = 'flows' AND active ORDER BY name",
  );

async function onlyPart(): Promise<PartInfo> {
  const all = await parts();
  expect(all).toHaveLength(1);
  return all[0] as PartInfo;
}

const tidied = (): Promise<void> =>
  until("no change of parts is under way", async () => {
    const [row] = await store.client.query<{ n: string }>(
      "SELECT count() AS n FROM system.mutations WHERE database = currentDatabase() AND NOT is_done",
    );
    return row?.n === "0";
  });

beforeEach(async () => {
  for (const table of [
    "flows",
    "gaps",
    "removals",
    "store_settings",
    "drops_1m",
    "edges_1m",
    "peers_1h",
    "dns_1m",
  ])
    await store.client.command(`TRUNCATE TABLE ${table}`);
  await migrate(store.client, { database: store.engine.target().database, retention: DEFAULTS });
});

describe("retention, changed while the store runs", () => {
  test("tables say it at once, old parts go, and what stays is not rewritten", async () => {
    // Large parts have a file a column, and are what must not be rewritten.
    await store.client.command("ALTER TABLE flows MODIFY SETTING min_bytes_for_wide_part = 0");
    await put(5);
    await put(0, { rows: 50 });
    const stays = (await parts()).find(({ name }) =>
      name.startsWith(dayOf(0).replaceAll("-", "")),
    ) as PartInfo;
    const inode = statSync(join(stays.path, "summary.bin")).ino;
    const changed = await setRetention(store.client, { rawDays: 3 }, "test");
    expect(changed).toMatchObject({ before: { rawDays: 7 }, after: { ...DEFAULTS, rawDays: 3 } });
    expect(changed.tables).toEqual(["flows"]);
    expect(await show("flows")).toContain("toIntervalDay(if(kept_long = 1, 30, 3))");
    expect(await currentRetention(store.client)).toEqual({ ...DEFAULTS, rawDays: 3 });
    await until(
      "the part of five days ago is gone",
      async () => (await parts()).length === 1,
      60_000,
    );
    await tidied();
    expect(statSync(join((await onlyPart()).path, "summary.bin")).ino).toBe(inode);
    expect((await setRetention(store.client, { rawDays: 3 }, "test")).tables).toEqual([]);
    await store.client.command(
      "ALTER TABLE flows MODIFY SETTING min_bytes_for_wide_part = 134217728",
    );
  });

  test("a longer time saves what is there", async () => {
    await put(1);
    expect((await onlyPart()).expires).toBe(dayOf(1 - 7));
    await setRetention(store.client, { rawDays: 20 }, "test");
    await until("the part was told", async () => (await onlyPart()).expires === dayOf(1 - 20));
  });

  test("what contradicts itself changes nothing", async () => {
    const before = await show("flows");
    await expect(setRetention(store.client, { dropDays: 2 }, "test")).rejects.toMatchObject({
      code: "RETENTION_INVALID",
      message: expect.stringContaining("flows for 7") as string,
    });
    for (const rawDays of [0, 1.5, 4000, Number.NaN])
      await expect(setRetention(store.client, { rawDays }, "test")).rejects.toMatchObject({
        code: "RETENTION_INVALID",
      });
    expect(await show("flows")).toBe(before);
  });

  test("is remembered by the store, and settings win over it", async () => {
    const { database } = store.engine.target();
    await setRetention(store.client, { rawDays: 4, dropDays: 40 }, "test");
    expect((await migrate(store.client, { database })).retained).toEqual([]);
    expect(await currentRetention(store.client)).toMatchObject({ rawDays: 4, dropDays: 40 });
    const { retained } = await migrate(store.client, { database, retention: { rawDays: 9 } });
    expect(retained).toEqual(["flows"]);
    expect(await currentRetention(store.client)).toMatchObject({ rawDays: 9, dropDays: 40 });
    expect((await migrate(store.client, { database, retention: { rawDays: 9 } })).retained).toEqual(
      [],
    );
  });

  test("a kill between the table and its parts is made good at the next start", async () => {
    const { database } = store.engine.target();
    await put(1);
    await store.client.command(
      "ALTER TABLE flows MODIFY TTL stored_on + toIntervalDay(if(kept_long = 1, 30, 20))",
      {},
      { settings: { materialize_ttl_after_modify: 0 } },
    );
    // Without the note of what was begun nobody knows (control).
    await migrate(store.client, { database, retention: { rawDays: 20 } });
    await tidied();
    expect((await onlyPart()).expires).toBe(dayOf(1 - 7));
    await store.client.command(
      "INSERT INTO store_settings (name, version, value, by, at) SELECT 'ttl/flows', toUInt64(toUnixTimestamp64Micro(now64(6))), 'x', '', now64(3)",
    );
    await migrate(store.client, { database, retention: { rawDays: 20 } });
    await until("the part was told", async () => (await onlyPart()).expires === dayOf(1 - 20));
    const [left] = await store.client.query<{ value: string }>(
      "SELECT argMax(value, version) AS value FROM store_settings WHERE name = 'ttl/flows'",
    );
    expect(left?.value).toBe("");
  });
});

const days = async (kept: 0 | 1): Promise<string[]> =>
  (
    await store.client.query<{ day: string }>(
      "SELECT DISTINCT toString(toDate(time)) AS day FROM flows WHERE kept_long = {kept:UInt8} ORDER BY day",
      { kept },
    )
  ).map(({ day }) => day);

const keeperOf = (bytes: number | undefined, more: Partial<SpaceKeeperOptions> = {}) =>
  createSpaceKeeper({
    client: store.client,
    ...(bytes === undefined ? {} : { bound: { bytes } }),
    ...more,
  });

const heldBytes = async (): Promise<number> => (await readSpace(store.client, Date.now())).bytes;

describe("the disk bound", () => {
  /** Five ordinary days and five of drops, the newest of them today. */
  async function fill(): Promise<number> {
    for (const ago of [4, 3, 2, 1, 0]) {
      await put(ago, { storedAgo: 0, rows: 4000 });
      await put(ago, { storedAgo: 0, kept: 1, rows: 4000 });
    }
    return heldBytes();
  }

  test("without one, and within one, nothing goes (control)", async () => {
    const held = await fill();
    for (const bound of [undefined, held * 2]) await keeperOf(bound).look();
    expect([await days(0), await days(1)].map((list) => list.length)).toEqual([5, 5]);
    expect((await readSpace(store.client, Date.now())).removals).toEqual([]);
  });

  test("the oldest ordinary days go first, as many as it takes, and it is said everywhere", async () => {
    const held = await fill();
    const bound = Math.round(held * 0.9);
    const keeper = keeperOf(bound);
    await keeper.look();
    expect(await heldBytes()).toBeLessThanOrEqual(bound);
    const left = await days(0);
    expect(left.length).toBeLessThan(5);
    expect(left).toEqual([4, 3, 2, 1, 0].slice(5 - left.length).map(dayOf));
    expect(await days(1)).toHaveLength(5);
    const removed = 5 - left.length;
    expect(keeper.state()).toMatchObject({
      removedPartitions: removed,
      removedRows: removed * 4000,
      stuck: false,
      bound,
    });
    const { removals } = await readSpace(store.client, Date.now());
    expect(removals.map(({ day }) => day).sort()).toEqual([4, 3, 2].slice(0, removed).map(dayOf));
    expect(removals[0]).toMatchObject({ class: "flows", table: "flows", rows: 4000, bound });
    const gaps = await createReader(store.client).gaps({});
    expect(gaps).toHaveLength(removed);
    expect(gaps[0]).toMatchObject({
      cause: "removed",
      count: 4000,
      from: `${dayOf(4)}T00:00:00Z`,
      message: expect.stringContaining("disk bound") as string,
    });
    // A second look finds enough space, and does nothing.
    await keeper.look();
    expect(keeper.state().removedPartitions).toBe(removed);
  });

  test("drops go after the ordinary flows, the newest day never, and then it says that it cannot", async () => {
    await fill();
    const keeper = keeperOf(1);
    await keeper.look();
    expect([await days(0), await days(1)]).toEqual([[dayOf(0)], [dayOf(0)]]);
    expect(keeper.state().stuck).toBe(true);
    const { removals } = await readSpace(store.client, Date.now());
    const order = removals.filter(({ table }) => table === "flows").map((one) => one.class);
    expect(new Set(order)).toEqual(new Set(["flows", "drops"]));
    const lastFlows = Math.max(
      ...removals.filter((one) => one.class === "flows").map(({ at }) => at),
    );
    const firstDrops = Math.min(
      ...removals.filter((one) => one.class === "drops").map(({ at }) => at),
    );
    expect(lastFlows).toBeLessThanOrEqual(firstDrops);
  });

  test("a flow from a clock that runs ahead does not cost the present day", async () => {
    await put(0, { storedAgo: 0 });
    await put(-400, { storedAgo: 0 });
    await keeperOf(1).look();
    expect(await days(0)).toEqual([dayOf(0), dayOf(-400)]);
  });

  test.each(["decided", "dropped"] as const)(
    "killed when a day was %s: the next one finishes it",
    async (at) => {
      const held = await fill();
      const bound = Math.round(held * 0.95);
      const killed = keeperOf(bound, {
        killPoint(point) {
          if (point === at) throw new Error("killed");
        },
      });
      await expect(killed.look()).rejects.toThrow("killed");
      expect((await readSpace(store.client, Date.now())).removals).toEqual([]);
      // The note of a process that may still live is left alone at first.
      await keeperOf(bound).look();
      expect((await readSpace(store.client, Date.now())).removals).toEqual([]);
      const later = { now: () => Date.now() + 120_000, after: () => () => undefined };
      await keeperOf(bound, { clock: later }).look();
      expect(await days(0)).toEqual([3, 2, 1, 0].map(dayOf));
      const { removals } = await readSpace(store.client, Date.now());
      expect(removals.map(({ day, rows }) => [day, rows])).toEqual([[dayOf(4), 4000]]);
      expect(await createReader(store.client).gaps({})).toHaveLength(1);
    },
  );
});

test("what is stored is told by table and class, with what a day takes", async () => {
  for (const ago of [2, 1]) await put(ago, { storedAgo: 0, rows: 1000 });
  await put(0, { storedAgo: 0, kept: 1, rows: 100 });
  const report = await readSpace(store.client, Date.now());
  expect(report.flows).toBe(2100);
  const flows = report.tables.find((one) => one.class === "flows");
  expect(flows).toMatchObject({
    table: "flows",
    rows: 2000,
    days: 7,
    oldest: Date.parse(dayOf(2)),
  });
  expect(flows?.newest).toBe(Date.parse(dayOf(1)) + 999_000);
  const own = report.classes.find((one) => one.class === "flows");
  expect(own?.perDay).toEqual({ bytes: (flows?.bytes ?? 0) / 2, days: 2 });
  expect(report.classes.find((one) => one.class === "drops")).toMatchObject({
    rows: 100,
    days: 30,
  });
  expect(report.disks[0]?.total).toBeGreaterThan(report.disks[0]?.free ?? 0);
});
