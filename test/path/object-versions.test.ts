import { LOCAL_VIEWER, systemClock, type Viewer } from "@dropscope/model";
import {
  createObjectReader,
  createObjectWriter,
  type ObjectReader,
  type ObjectVersionRow,
  type ObjectWriter,
  type StoreClient,
  type VersionWrite,
} from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const START = Date.parse("2026-04-01T12:00:00Z");
const minute = (n: number): number => START + n * 60_000;

let store: TestStore;
let reader: ObjectReader;
const writers: ObjectWriter[] = [];

beforeAll(async () => {
  store = await startTestStore();
  reader = createObjectReader(store.client);
});
afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.stop(2000);
  for (const table of ["object_versions", "object_contents", "object_watches"])
    await store.client.command(`TRUNCATE TABLE ${table}`);
});
afterAll(() => store.close());

async function started(client: Pick<StoreClient, "insertRows" | "command"> = store.client) {
  const writer = createObjectWriter({ client, clock: fast });
  writers.push(writer);
  await writer.start();
  return writer;
}

/** The pauses of a writer whose store is away, shortened. */
const fast = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => systemClock.after(ms / 100, run),
};

function version(part: Partial<ObjectVersionRow> = {}): ObjectVersionRow {
  return {
    kind: "NetworkPolicy",
    namespace: "web",
    name: "allow-dns",
    uid: "u1",
    from: minute(0),
    to: Number.POSITIVE_INFINITY,
    content: "c1",
    resourceVersion: "7",
    source: "kubernetes",
    ...part,
  };
}

const write = (part: Partial<ObjectVersionRow> = {}): VersionWrite => {
  const one = version(part);
  return {
    version: one,
    content: { hash: one.content, spec: [one.content], manifest: `yaml of ${one.content}\n` },
  };
};

describe("versions of objects", () => {
  it("come back as they were written, with what they say", async () => {
    const writer = await started();
    const first = version({ from: Number.NEGATIVE_INFINITY, to: minute(5) + 0.125 });
    const second = version({ from: minute(5) + 0.125, content: "c2" });
    writer.put([write(first), write(second)]);
    await writer.drained();
    expect(await reader.loadVersions({ viewer: LOCAL_VIEWER })).toEqual([
      { ...first, spec: ["c1"] },
      { ...second, spec: ["c2"] },
    ]);
    expect(await reader.manifests(["c1", "c2", "c3"], LOCAL_VIEWER)).toEqual(
      new Map([
        ["c1", "yaml of c1\n"],
        ["c2", "yaml of c2\n"],
      ]),
    );
  });

  it("end where they were said to end, whatever is repeated and merged", async () => {
    const writer = await started();
    writer.put([write()]);
    await writer.drained();
    writer.put([{ version: version({ to: minute(9) }) }, { version: version({ to: minute(9) }) }]);
    await writer.drained();
    const closed = [version({ to: minute(9) })];
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toEqual(closed);
    await store.client.command("OPTIMIZE TABLE object_versions FINAL");
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toEqual(closed);
  });

  it("are asked for by time: what held at any moment of the range", async () => {
    const writer = await started();
    writer.put([
      write({ to: minute(10) }),
      write({ from: minute(10), to: minute(20), content: "c2" }),
    ]);
    await writer.drained();
    const within = async (since: number, until: number): Promise<string[]> =>
      (await reader.versions({ viewer: LOCAL_VIEWER, since, until })).map((one) => one.content);
    expect(await within(minute(2), minute(3))).toEqual(["c1"]);
    expect(await within(minute(9), minute(10))).toEqual(["c1", "c2"]);
    expect(await within(minute(10), minute(11))).toEqual(["c2"]);
    expect(await within(minute(20), minute(30))).toEqual([]);
    expect(await within(minute(-9), minute(-1))).toEqual([]);
  });

  it("of other namespaces are not shown, and clusterwide policies are", async () => {
    const writer = await started();
    writer.put([
      write({ content: "mine" }),
      write({ namespace: "secret", content: "theirs" }),
      write({
        kind: "CiliumClusterwideNetworkPolicy",
        namespace: "",
        name: "all",
        content: "everybody's",
      }),
      write({ kind: "Namespace", namespace: "", name: "web", content: "my-ns" }),
      write({ kind: "Namespace", namespace: "", name: "secret", content: "their-ns" }),
    ]);
    await writer.drained();
    const viewer: Viewer = { name: "web-dev", namespaces: ["web", ""], seesL7: false };
    const seen = (await reader.loadVersions({ viewer })).map((one) => one.content);
    expect(seen.sort()).toEqual(["everybody's", "mine", "my-ns"]);
    expect([...(await reader.manifests(["mine", "theirs", "their-ns"], viewer)).keys()]).toEqual([
      "mine",
    ]);
    // Control: somebody with all rights sees them all.
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toHaveLength(5);
    expect((await reader.manifests(["theirs"], LOCAL_VIEWER)).size).toBe(1);
  });

  it("names are values, never SQL", async () => {
    const writer = await started();
    const name = "x') OR 1=1 --\n\\'{p1:String}";
    writer.put([write({ name })]);
    await writer.drained();
    expect(await reader.versions({ viewer: LOCAL_VIEWER, name })).toHaveLength(1);
    expect(await reader.versions({ viewer: LOCAL_VIEWER, name: "x" })).toEqual([]);
  });

  it("half a surrogate does not hold up what comes after it", async () => {
    const writer = await started();
    writer.put([
      {
        version: version(),
        content: { hash: "c1", spec: { text: "a\ud800b" }, manifest: "a: \ud800\n" },
      },
      write({ name: "next" }),
    ]);
    await writer.drained();
    expect(await reader.loadVersions({ viewer: LOCAL_VIEWER })).toHaveLength(2);
  });

  it("watches keep the newest sign of life", async () => {
    const writer = await started();
    const listedAt = minute(0);
    for (const until of [minute(1), minute(3)]) {
      writer.watched([{ source: "kubernetes", kind: "Pod", listedAt, until }]);
      await writer.drained();
    }
    expect(await reader.watches({})).toEqual([
      { source: "kubernetes", kind: "Pod", listedAt, until: minute(3) },
    ]);
    expect(await reader.watches({ since: minute(4) })).toEqual([]);
  });
});

describe("a store that is away", () => {
  /** Refuses until told otherwise; counts tries. */
  function broken() {
    const state = { tries: 0, away: true };
    const client: Pick<StoreClient, "insertRows" | "command"> = {
      command: (sql) => store.client.command(sql),
      insertRows: async (table, rows, token) => {
        state.tries += 1;
        if (state.away) throw new Error("connection refused");
        await store.client.insertRows(table, rows, token);
      },
    };
    return { state, client };
  }

  it("loses nothing: versions wait and are stored in order", async () => {
    const { state, client } = broken();
    const writer = await started(client);
    writer.put([write()]);
    await until(() => state.tries >= 3);
    expect(writer.state()).toMatchObject({ waiting: 1, stored: 0 });
    expect(writer.state().trouble).toContain("connection refused");
    writer.put([{ version: version({ to: minute(4) }) }]);
    state.away = false;
    await writer.drained();
    expect(writer.state()).toMatchObject({ waiting: 0, trouble: "" });
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toEqual([version({ to: minute(4) })]);
  });

  it("keeps a bounded queue, and tells everything again when it overflowed", async () => {
    const { state, client } = broken();
    const all = Array.from({ length: 30 }, (_, n) => write({ name: `p${n}` }));
    const writer = createObjectWriter({
      client,
      clock: fast,
      maxWaiting: 10,
      everything: () => all,
    });
    writers.push(writer);
    await writer.start();
    for (const one of all) {
      writer.put([one]);
      expect(writer.state().waiting).toBeLessThanOrEqual(11);
    }
    state.away = false;
    await writer.drained();
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toHaveLength(30);
  });

  it("control: without somebody to ask, a full queue keeps everything", async () => {
    const { state, client } = broken();
    const writer = createObjectWriter({ client, clock: fast, maxWaiting: 10 });
    writers.push(writer);
    await writer.start();
    writer.put(Array.from({ length: 30 }, (_, n) => write({ name: `p${n}` })));
    expect(writer.state().waiting).toBe(30);
    state.away = false;
    await writer.drained();
    expect(await reader.versions({ viewer: LOCAL_VIEWER })).toHaveLength(30);
  });

  it("does not hold up the end", async () => {
    const { state, client } = broken();
    const writer = await started(client);
    writer.put([write()]);
    await until(() => state.tries >= 1);
    const before = Date.now();
    await writer.stop(10_000);
    expect(Date.now() - before).toBeLessThan(5000);
  });
});

it("contents that nothing points at are swept, and others stay", async () => {
  const sweeps: (() => void)[] = [];
  const writer = createObjectWriter({
    client: store.client,
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        if (ms < 60_000) return systemClock.after(0, run);
        sweeps.push(run);
        return () => undefined;
      },
    },
  });
  writers.push(writer);
  await writer.start();
  writer.put([write({ content: "used" })]);
  await writer.drained();
  await store.client.insertRows(
    "object_contents",
    ["used", "unused"].map((hash) => ({ hash, spec: "[]", manifest: "", seen_at: "2020-01-01" })),
    "old",
  );
  const hashes = async (): Promise<string[]> =>
    (
      await store.client.query<{ hash: string }>(
        "SELECT DISTINCT hash FROM object_contents ORDER BY hash",
      )
    ).map((row) => row.hash);
  expect(await hashes()).toEqual(["unused", "used"]);
  sweeps[0]?.();
  await until(async () => (await hashes()).length === 1);
  expect(await hashes()).toEqual(["used"]);
});

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 500; n += 1) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it never happened");
}
