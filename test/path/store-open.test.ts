import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createStoreClient,
  MIGRATION_NAMES,
  migrate,
  openStore,
  runStoreMigrations,
  uuidText,
  type Store,
  type StoreOptions,
} from "@dropscope/store";
import { numberedBatch, startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectBooks, expectExactly, storedNumbers } from "../kit/oracle.js";

const MEMORY = 1024 * 1024 * 1024;
let dir: string;
/** An engine that plays the server of `--clickhouse`. */
let server: TestStore;
const open: Store[] = [];

beforeAll(async () => {
  server = await startTestStore();
});

afterAll(() => server.close());

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-open-"));
});

afterEach(async () => {
  for (const store of open.splice(0)) await store.stop(10_000);
  rmSync(dir, { recursive: true, force: true });
});

async function started(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = openStore({ dataDir: dir, memoryBytes: MEMORY, ...options });
  open.push(store);
  await store.start();
  return store;
}

function clickhouse(): { url: string; user: string; password: string } {
  const { url, user, password } = server.engine.target();
  return { url, user, password };
}

describe("opening a store", () => {
  test("a batch goes through the door and is there, on a data folder that did not exist", async () => {
    dir = join(dir, "a", "b");
    const store = await started();
    expect(store.state()).toMatchObject({ state: "ok", waiting: 0, quarantined: 0 });
    await store.door.seal(numberedBatch({ first: 0, count: 100 }));
    await store.drained();
    expect(await storedNumbers(store.client)).toHaveLength(100);
    expectBooks(store.books());
    expect(store.metrics()).toMatchObject({ sealedFlows: 100, storedFlows: 100, storedBatches: 1 });
  });

  test("a command beside the owner shares the engine and has a spool of its own", async () => {
    const owner = await started();
    const other = await started({ share: true });
    await other.door.seal(numberedBatch({ first: 0, count: 10 }));
    await owner.door.seal(numberedBatch({ first: 10, count: 10 }));
    await Promise.all([owner.drained(), other.drained()]);
    expect(await storedNumbers(owner.client)).toHaveLength(20);
    expect(readdirSync(dir)).toContain("spool-2");
    await expect(started()).rejects.toMatchObject({ code: "DATA_IN_USE", exitCode: 73 });
  });

  test("a command that came first keeps no owner out, and nothing of either is lost or repeated", async () => {
    const guest = await started({ share: true });
    await guest.door.seal(numberedBatch({ first: 0, count: 10 }));
    const owner = await started();
    await owner.door.seal(numberedBatch({ first: 10, count: 10 }));
    await guest.door.seal(numberedBatch({ first: 20, count: 10 }));
    await Promise.all([owner.drained(), guest.drained()]);
    await expectExactly(owner.client, new Set(Array.from({ length: 30 }, (_, i) => i)));
    // Of owners there is one all the same.
    await expect(started()).rejects.toMatchObject({ code: "DATA_IN_USE", exitCode: 73 });
    // The engine was the guest's: the owner goes on without it.
    await guest.stop(5_000);
    await owner.door.seal(numberedBatch({ first: 30, count: 10 }));
    await owner.drained();
    await expectExactly(owner.client, new Set(Array.from({ length: 40 }, (_, i) => i)));
  });

  test("a command that only reads takes nothing that an owner needs", async () => {
    await (await started()).stop(5_000);
    const reading = await started({ readOnly: true, requireStore: true });
    const begun = Date.now();
    const owner = await started();
    // It did not have to wait for the folder `spool`.
    expect(Date.now() - begun).toBeLessThan(4_000);
    expect(readdirSync(dir)).not.toContain("spool-2");
    await owner.stop(5_000);
    await reading.stop(5_000);
  });

  test("what a command left behind that died is stored by the next owner", async () => {
    mkdirSync(join(dir, "spool-2"), { recursive: true });
    const { openSpool } = await import("@dropscope/store");
    const left = await openSpool({
      dir: join(dir, "spool-2"),
      quarantineDir: join(dir, "quarantine"),
    });
    await left.seal(numberedBatch({ first: 0, count: 12 }));
    const store = await started();
    await store.drained();
    await expectExactly(store.client, new Set(Array.from({ length: 12 }, (_, i) => i)));
  });

  test("when the owner of a borrowed engine leaves, the command starts its own", async () => {
    const owner = await started();
    const other = await started({ share: true });
    await owner.stop(5000);
    await other.door.seal(numberedBatch({ first: 0, count: 10 }));
    await other.drained();
    expect(await storedNumbers(other.client)).toHaveLength(10);
  });

  test("identity and time of what waits can be read back", async () => {
    const { openSpool } = await import("@dropscope/store");
    const spool = await openSpool({
      dir: join(dir, "spool"),
      quarantineDir: join(dir, "quarantine"),
    });
    await spool.seal(numberedBatch({ first: 5, count: 3, timeNs: 1_700_000_000_000_000_000n }));
    const store = openStore({
      dataDir: dir,
      // Nobody listens there: what waits goes on waiting.
      clickhouse: { url: "http://127.0.0.1:9" },
    });
    open.push(store);
    await store.start();
    expect(store.state()).toMatchObject({ state: "down", waiting: 3 });
    for await (const { rows, uuids, times } of store.waitingFlows()) {
      expect(rows).toBe(3);
      expect(uuidText(uuids, 1)).toBe("00000000-0000-0000-0000-000000000006");
      expect(times.readBigInt64LE(0)).toBe(1_700_000_000_000_000_000n);
    }
  });
});

describe("a server in place of the embedded engine", () => {
  test("takes the same way", async () => {
    const store = await started({ clickhouse: clickhouse() });
    await store.door.seal(numberedBatch({ first: 0, count: 50 }));
    await store.drained();
    await expectExactly(server.client, new Set(Array.from({ length: 50 }, (_, i) => i)));
    expect(readdirSync(dir)).not.toContain("clickhouse");
  });

  test("R22: one that is not there yet: batches are kept, and stored when it comes", async () => {
    const sleeping = createServer((_request, response) => response.writeHead(503).end("not yet"));
    await new Promise<void>((done) => sleeping.listen(0, "127.0.0.1", done));
    const { port } = sleeping.address() as AddressInfo;
    const store = await started({
      clickhouse: { ...clickhouse(), url: `http://127.0.0.1:${port}` },
    });
    expect(store.state().state).toBe("down");
    await store.door.seal(numberedBatch({ first: 1000, count: 10 }));
    expect(store.state()).toMatchObject({ waiting: 10 });
    expectBooks(store.books());
    sleeping.closeAllConnections();
    await new Promise((done) => sleeping.close(done));
    const { hostname, port: real } = new URL(server.engine.target().url);
    const { connect, createServer: listen } = await import("node:net");
    const forward = listen((socket) => {
      const up = connect(Number(real), hostname);
      socket.on("error", () => up.destroy()).pipe(up);
      up.on("error", () => socket.destroy()).pipe(socket);
    });
    await new Promise<void>((done) => forward.listen(port, "127.0.0.1", done));
    await store.drained();
    expect(store.state()).toMatchObject({ state: "ok", waiting: 0 });
    await store.stop(5000);
    forward.close();
  });

  test.each([
    ["nobody listens", "http://127.0.0.1:9", "CLICKHOUSE_UNREACHABLE", 69],
    ["no such host", "http://no-such-host.invalid:8123", "CLICKHOUSE_UNREACHABLE", 69],
  ])("%s: a command that needs the store says so", async (_name, url, code, exitCode) => {
    await expect(started({ clickhouse: { url }, requireStore: true })).rejects.toMatchObject({
      code,
      exitCode,
    });
  });

  test("a wrong password is said at once, and not repeated", async () => {
    const wrong = { ...clickhouse(), password: "hunter2" };
    const failed = await started({ clickhouse: wrong }).catch((error: Error) => error);
    expect(failed).toMatchObject({ code: "CLICKHOUSE_LOGIN", exitCode: 77 });
    expect(`${JSON.stringify(failed)} ${(failed as Error).message}`).not.toContain("hunter2");
  });

  test("something that is not ClickHouse", async () => {
    const page = createServer((_request, response) =>
      response.writeHead(404).end("<html>nginx</html>"),
    );
    await new Promise<void>((done) => page.listen(0, "127.0.0.1", done));
    const { port } = page.address() as AddressInfo;
    await expect(
      started({ clickhouse: { url: `http://127.0.0.1:${port}` }, requireStore: true }),
    ).rejects.toMatchObject({ code: "CLICKHOUSE_UNREACHABLE" });
    page.closeAllConnections();
    page.close();
  });
});

describe("bad data folders", () => {
  test("a file in its place", async () => {
    const path = join(dir, "file");
    writeFileSync(path, "");
    dir = path;
    await expect(started()).rejects.toMatchObject({ code: "DATA_NOT_A_DIRECTORY", exitCode: 78 });
  });

  test("no way to make it", async () => {
    dir = "/proc/dropscope";
    await expect(started()).rejects.toMatchObject({ code: "DATA_NO_PERMISSION", exitCode: 77 });
  });
});

describe("R19: migrations", () => {
  test("R19: the second run does nothing", async () => {
    expect(await runStoreMigrations({ dataDir: dir, memoryBytes: MEMORY })).toMatchObject({
      applied: MIGRATION_NAMES,
    });
    expect(await runStoreMigrations({ dataDir: dir, memoryBytes: MEMORY })).toMatchObject({
      applied: [],
      retained: [],
    });
  });

  // A database of its own for each: sessions that stand in a dropped one would not see it gone.
  test.each([
    ["thrice", false],
    ["thrice_embedded", true],
  ])("R19: of three at once, one works: %s", async (database, oneWriter) => {
    const clients = [1, 2, 3].map(() => createStoreClient({ ...server.engine.target(), database }));
    const results = await Promise.all(
      clients.map((client) => migrate(client, { database, oneWriter })),
    );
    expect(results.flatMap((result) => result.applied).sort()).toEqual([...MIGRATION_NAMES].sort());
    const [rows] = await clients[0]!.query<{ n: string }>(
      "SELECT count() AS n FROM schema_migrations WHERE id > 0",
    );
    expect(rows).toEqual({ n: String(MIGRATION_NAMES.length) });
    for (const client of clients) await client.close();
  });

  test("R19: a migration that was cut short is finished by the next", async () => {
    const client = createStoreClient({ ...server.engine.target(), database: "half" });
    const admin = server.client.inDatabase("default");
    await admin.command("DROP DATABASE IF EXISTS half SYNC");
    await migrate(client, { database: "half" });
    await client.command("DROP VIEW edges_1m_mv");
    await client.command(
      "ALTER TABLE schema_migrations DELETE WHERE id = 2 SETTINGS mutations_sync = 2",
    );
    expect(await migrate(client, { database: "half" })).toMatchObject({ applied: ["rollups"] });
    expect(await client.query("EXISTS TABLE edges_1m_mv")).toEqual([{ result: 1 }]);
    await client.close();
    await admin.close();
  });

  test("retention follows the configuration", async () => {
    const client = createStoreClient({ ...server.engine.target(), database: "kept" });
    await migrate(client, { database: "kept" });
    const retention = { rawDays: 3, dropDays: 20, rollupDays: 50 };
    expect((await migrate(client, { database: "kept", retention })).retained).toContain("flows");
    expect((await migrate(client, { database: "kept", retention })).retained).toEqual([]);
    await client.close();
  });

  test("a schema that a newer build has made is refused, not touched", async () => {
    await runStoreMigrations({ dataDir: dir, memoryBytes: MEMORY });
    const first = await started();
    await first.client.command(
      "INSERT INTO schema_migrations (id, name, by, at) VALUES (999, 'future', '', now64(3))",
    );
    await first.stop(5000);
    await expect(started()).rejects.toMatchObject({ code: "SCHEMA_TOO_NEW", exitCode: 78 });
  });
});
