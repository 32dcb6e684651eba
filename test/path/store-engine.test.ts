import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectOrStartEngine, createStoreClient, startEngine } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
});

afterAll(() => store.close());

async function waitFor(what: () => boolean | Promise<boolean>, ms: number): Promise<number> {
  const started = performance.now();
  while (!(await what())) {
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return performance.now() - started;
}

function lives(pid: number): boolean {
  try {
    // An orphan that nobody has buried yet still has a number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const running = async (mark: string): Promise<number> =>
  (await store.client.query<{ query: string }>("SELECT query FROM system.processes")).filter(
    (row) => row.query.includes(mark) && !row.query.includes("system.processes"),
  ).length;

describe("the engine behind ClickHouse's HTTP interface", () => {
  test("parameters arrive as they are, whatever they hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 20 }), async (text) => {
        // What a UTF-8 wire can carry.
        const safe = Buffer.from(text).toString();
        const [row] = await store.client.query<{ t: string; l: string[] }>(
          "SELECT {t:String} AS t, {l:Array(String)} AS l",
          { t: safe, l: [safe, "x"] },
        );
        expect(row).toEqual({ t: safe, l: [safe, "x"] });
      }),
      {
        numRuns: 60,
        examples: [["'); DROP TABLE flows; --"], ["\\"], ["\0"], ["\t\r\n"], ["{t:String}"]],
      },
    );
    // What is left of the parameter in a session is not the next query's.
    for (let i = 0; i < 6; i += 1)
      await expect(store.client.query("SELECT {t:String}")).rejects.toMatchObject({ code: "456" });
  });

  test("queries take every core, also where one before took fewer", async () => {
    const ask = async (settings: Record<string, string>) =>
      store.client.query(
        "SELECT getSetting('max_threads_min_free_memory_per_thread') AS free, getSetting('compile_expressions') AS compiles",
        {},
        { settings },
      );
    const own = [{ free: 256 * 1024 * 1024, compiles: false }];
    expect(await ask({})).toEqual(own);
    expect(await ask({ max_threads_min_free_memory_per_thread: "0" })).toEqual([
      { free: 0, compiles: false },
    ]);
    expect(await ask({})).toEqual(own);
  });

  test("settings of one query do not leak into the next", async () => {
    const sql = "SELECT getSetting('max_block_size') AS n";
    const [before] = await store.client.query<{ n: string }>(sql);
    const [during] = await store.client.query<{ n: string }>(
      sql,
      {},
      { settings: { max_block_size: "777" } },
    );
    expect(Number(during!.n)).toBe(777);
    for (let i = 0; i < 6; i += 1)
      expect((await store.client.query<{ n: string }>(sql))[0]).toEqual(before);
    await expect(
      store.client.query("SELECT 1", {}, { settings: { no_such_setting: 1 } as never }),
    ).rejects.toMatchObject({ code: "115" });
    expect((await store.client.query<{ n: string }>(sql))[0]).toEqual(before);
  });

  test("errors carry ClickHouse's code, also after the first rows", async () => {
    await expect(store.client.query("SELECT nothing")).rejects.toMatchObject({ code: "47" });
    await expect(
      store.client.query("SELECT throwIf(number = 300000) FROM numbers(1000000)"),
    ).rejects.toMatchObject({ code: "395" });
    await expect(
      store.client.query("SELECT sleep(3)", {}, { settings: { max_execution_time: 1 } }),
    ).rejects.toMatchObject({ code: "159" });
  });

  test("binary rows arrive byte for byte, empty lines and all", async () => {
    await store.client.command(
      "CREATE TABLE bytes (id UInt32, b String) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100",
    );
    const raw = store.client.raw();
    const made = await raw.exec({
      query:
        "SELECT toUInt32(number) AS id, concat(unhex('0A0A00FFFE'), toString(number)) AS b FROM numbers(50000) FORMAT Native",
    });
    const body: Buffer[] = [];
    for await (const chunk of made.stream as AsyncIterable<Buffer>) body.push(chunk);
    await store.client.insertNative("bytes", body, "bytes-1");
    await store.client.insertNative("bytes", body, "bytes-1");
    const [row] = await store.client.query<{ n: string; bad: string }>(
      "SELECT count() AS n, countIf(b != concat(unhex('0A0A00FFFE'), toString(id))) AS bad FROM bytes",
    );
    expect(row).toEqual({ n: "50000", bad: "0" });
    await store.client.command("DROP TABLE bytes");
  });

  test("a large result streams, and an abort ends the query in the engine", async () => {
    const stop = new AbortController();
    let rows = 0;
    await expect(async () => {
      for await (const piece of store.client.stream(
        "SELECT number /* endless */ FROM numbers(100000000000)",
        {},
        { signal: stop.signal },
      )) {
        rows += piece.length;
        if (rows > 200_000) stop.abort();
      }
    }).rejects.toThrow();
    expect(await waitFor(async () => (await running("endless")) === 0, 5000)).toBeLessThan(5000);
    const slow = new AbortController();
    const query = store.client.query(
      "SELECT sum(sipHash64(number)) /* heavy */ FROM numbers(100000000000)",
      {},
      { signal: slow.signal },
    );
    await waitFor(async () => (await running("heavy")) === 1, 5000);
    slow.abort();
    await expect(query).rejects.toThrow();
    await waitFor(async () => (await running("heavy")) === 0, 5000);
  });

  test("strangers are refused, and so are writes of a read-only query", async () => {
    const { url, database } = store.engine.target();
    const stranger = createStoreClient({ url, user: "dropscope", password: "wrong", database });
    await expect(stranger.query("SELECT 1")).rejects.toMatchObject({ code: "516" });
    await stranger.close();
    await expect(
      store.client.command(
        "CREATE TABLE x (a Int8) ENGINE = Memory",
        {},
        { settings: { readonly: "1" } },
      ),
    ).rejects.toMatchObject({ code: "164" });
    expect((await fetch(`${url}/?query=SELECT%201`)).status).toBe(403);
    expect(await (await fetch(`${url}/ping`)).text()).toBe("Ok.\n");
  });

  test("the file with the password is for its owner only", () => {
    const path = join(store.dataDir, "engine.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      url: store.engine.target().url,
    });
  });
});

describe("the engine's process", () => {
  test("another command uses the engine that runs", async () => {
    const link = await connectOrStartEngine({ dataDir: store.dataDir });
    expect(link.own).toBe(false);
    expect(link.target()).toEqual(store.engine.target());
    await link.stop(1000);
    expect(await store.client.ping()).toBe(true);
  });

  test("R21: a second owner is refused within a second", async () => {
    const started = performance.now();
    await expect(startEngine({ dataDir: store.dataDir })).rejects.toMatchObject({
      code: "DATA_IN_USE",
      exitCode: 73,
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("one that crashes is started again on the same port, with its data", async () => {
    await store.client.command("CREATE TABLE stays (a Int8) ENGINE = MergeTree ORDER BY a");
    await store.client.insertRows("stays", [{ a: 1 }], "stays-1");
    const { url } = store.engine.target();
    process.kill(store.engine.pid()!, "SIGKILL");
    await waitFor(() => store.engine.trouble() !== undefined, 5000);
    await waitFor(() => store.client.ping(), 20_000);
    expect(store.engine.target().url).toBe(url);
    expect(await store.client.query("SELECT a FROM stays")).toEqual([{ a: 1 }]);
    expect(store.engine.trouble()).toBeUndefined();
  });

  test.each([
    ["one that hangs is started again, and batches go on", 1_000, true],
    ["without that patience it stays as it is (control)", 3_600_000, false],
  ])("%s", async (_, patienceMs, isHealed) => {
    const dataDir = mkdtempSync(join(tmpdir(), "dropscope-hang-"));
    const engine = await startEngine({ dataDir, watch: { everyMs: 200, patienceMs } });
    const client = createStoreClient(() => engine.target());
    try {
      await client.command("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a");
      const hung = engine.pid()!;
      // As a deadlock in it looks from outside: it lives, takes connections, and never answers.
      process.kill(hung, "SIGSTOP");
      const inserted = client.insertRows("t", [{ a: 1 }], "t-1", { timeoutMs: 4_000 }).then(
        () => true,
        () => false,
      );
      expect(await inserted).toBe(false);
      if (isHealed) {
        await waitFor(() => engine.pid() !== undefined && engine.pid() !== hung, 20_000);
        await client.insertRows("t", [{ a: 2 }], "t-2");
        expect(await client.query("SELECT a FROM t WHERE a = 2")).toEqual([{ a: 2 }]);
        expect(lives(hung)).toBe(false);
      } else expect(engine.pid()).toBe(hung);
    } finally {
      if (!isHealed) process.kill(engine.pid()!, "SIGCONT");
      await client.close();
      await engine.stop(5_000);
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  test("questions that take long leave a way for batches", async () => {
    await store.client.command("CREATE TABLE busy (a Int8) ENGINE = MergeTree ORDER BY a");
    const stopping = new AbortController();
    // More than there are connections, and than the engine answers at once.
    const asked = Array.from({ length: 40 }, () =>
      store.client
        .query("SELECT sleepEachRow(0.05) FROM numbers(50)", {}, { signal: stopping.signal })
        .catch(() => undefined),
    );
    const begun = performance.now();
    await store.client.insertRows("busy", [{ a: 1 }], "busy-1");
    expect(performance.now() - begun).toBeLessThan(2_000);
    // The same by the way of the questions waits behind them (control).
    const late = store.client
      .raw()
      .exec({ query: "INSERT INTO busy VALUES (2)", abort_signal: AbortSignal.timeout(3_000) })
      .then(
        () => "done",
        () => "late",
      );
    expect(await late).toBe("late");
    stopping.abort();
    await Promise.all(asked);
  });

  test("it leaves when its parent is killed, and the next owner starts", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "dropscope-orphan-"));
    const parent: ChildProcess = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { startEngine } from "@dropscope/store";
         const engine = await startEngine({ dataDir: ${JSON.stringify(dataDir)} });
         console.log(engine.pid());`,
      ],
      { stdio: ["ignore", "pipe", "inherit"], cwd: new URL("../../packages/cli", import.meta.url) },
    );
    const pid = await new Promise<number>((done) =>
      parent.stdout!.once("data", (text: Buffer) => done(Number(text.toString()))),
    );
    parent.kill("SIGKILL");
    const next = await startEngine({ dataDir });
    await waitFor(() => !lives(pid), 2000);
    await next.stop(5000);
    expect(() => statSync(join(dataDir, "engine.json"))).toThrow();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
