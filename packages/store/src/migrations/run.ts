import { randomUUID } from "node:crypto";
import { DropscopeError, EXIT, systemClock, type Clock } from "@dropscope/model";
import { clickhouseCode } from "../clickhouse/classify.js";
import type { StoreClient } from "../clickhouse/client.js";
import type { Retention } from "../config.js";
import { applyRetention } from "../space/apply-retention.js";
import { resolveRetention } from "../space/retention.js";
import { storedRetention } from "../space/store-settings.js";
import { engineDdl, type Layout } from "./ddl.js";
import { MIGRATIONS, SCHEMA_VERSION } from "./list.js";

export interface MigrateOptions {
  /** Database to make when it is not there; must be the one of the client. */
  database: string;
  /** What the settings say; the rest is what the store was told, else the defaults. */
  retention?: Partial<Retention>;
  /** False: tables that are there keep the retention they have. Default true. */
  changeRetention?: boolean;
  replicated?: boolean;
  /** Inserts come one after the other, as into the embedded engine: what was claimed first is seen first. */
  oneWriter?: boolean;
  clock?: Clock;
}

export interface MigrateResult {
  /** Migrations that this run applied. */
  applied: string[];
  version: number;
  /** Tables whose retention changed. */
  retained: string[];
}

/** A migrator that died is taken over after this. */
const CLAIM_MS = 60_000;
const WAIT_MS = 250;

/**
 * Brings the schema to this build's version. Run twice, the second does nothing; of two at
 * once, one works and the other waits for it.
 * @throws DropscopeError `SCHEMA_TOO_NEW` when a newer build has been here; `RETENTION_INVALID`
 */
export async function migrate(
  client: StoreClient,
  options: MigrateOptions,
): Promise<MigrateResult> {
  const clock = options.clock ?? systemClock;
  const layout: Layout = { replicated: options.replicated ?? false };
  // Before anything is made: what contradicts itself must change nothing.
  resolveRetention(options.retention);
  await prepare(client, options.database, layout);
  const retention = resolveRetention(options.retention, await storedRetention(client));
  const applied: string[] = [];
  let done = await doneVersions(client);
  if (MIGRATIONS.some(({ id }) => !done.has(id))) {
    const claim = createClaim(client, clock, options.oneWriter === true ? 0 : WAIT_MS);
    for (const migration of MIGRATIONS) {
      if (done.has(migration.id)) continue;
      // Somebody may have finished it between the look and the claim, or is about to.
      if (await claim.take()) done = await doneVersions(client);
      if (done.has(migration.id)) continue;
      for (const sql of migration.statements(layout, retention)) await client.command(sql);
      await record(client, migration.id, migration.name);
      applied.push(migration.name);
    }
    await claim.release();
  }
  const retained = options.changeRetention === false ? [] : await applyRetention(client, retention);
  return { applied, version: SCHEMA_VERSION, retained };
}

/** The database and the table that says what was done. The database is named, as it may not be there yet. */
async function prepare(client: StoreClient, database: string, layout: Layout): Promise<void> {
  const name = `\`${database.replaceAll("`", "")}\``;
  try {
    await client.command("SELECT 1");
  } catch (error) {
    // UNKNOWN_DATABASE; every other trouble is the caller's to hear about.
    if (clickhouseCode(error) !== 81) throw error;
    const outside = client.inDatabase("default");
    await outside.command(`CREATE DATABASE IF NOT EXISTS ${name} ENGINE = Atomic`);
    await outside.close();
  }
  await client.command(
    `CREATE TABLE IF NOT EXISTS ${name}.schema_migrations (
  id UInt32, name String, by String, at DateTime64(3, 'UTC')
) ENGINE = ${engineDdl("MergeTree", layout)} ORDER BY (id, at)`,
  );
}

/** @throws DropscopeError `SCHEMA_TOO_NEW` */
async function doneVersions(client: StoreClient): Promise<Set<number>> {
  const rows = await client.query<{ id: number }>(
    "SELECT DISTINCT id FROM schema_migrations WHERE id > 0 ORDER BY id",
    {},
    { settings: { select_sequential_consistency: "1" } },
  );
  const newest = Math.max(0, ...rows.map((row) => row.id));
  if (newest > SCHEMA_VERSION) throw tooNew(newest);
  return new Set(rows.map((row) => row.id));
}

async function record(client: StoreClient, id: number, name: string): Promise<void> {
  await client.command(
    "INSERT INTO schema_migrations (id, name, by, at) SELECT {id:UInt32}, {name:String}, '', now64(3, 'UTC')",
    { id, name },
  );
}

interface Claim {
  /** Resolves when only we migrate: true when others may have done so since the last call. */
  take(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Rows with id 0 are claims. ClickHouse has no lock: each writes its claim and then looks;
 * the oldest one that is still fresh wins, and everybody sees the same order. One that ran out
 * and was written anew stands at the end: somebody else may be at work by then.
 * @param settleMs after which a claim that was written in the same moment is visible
 */
function createClaim(client: StoreClient, clock: Clock, settleMs: number): Claim {
  const me = randomUUID();
  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const note = (name: "claim" | "done"): Promise<void> =>
    client.command(
      "INSERT INTO schema_migrations (id, name, by, at) SELECT 0, {name:String}, {by:String}, now64(3, 'UTC')",
      { name, by: me },
    );
  const fresh = (): Promise<{ by: string }[]> =>
    client.query<{ by: string }>(
      "SELECT by FROM schema_migrations WHERE id = 0 GROUP BY by HAVING argMax(name, at) = 'claim' AND maxIf(at, name = 'claim') > now64(3, 'UTC') - toIntervalMillisecond({ms:UInt32}) ORDER BY maxIf(at, name = 'claim'), by",
      { ms: CLAIM_MS },
    );
  let held = false;
  let writtenAt = 0;
  return {
    async take() {
      // Nobody takes over what is younger than that.
      if (held && clock.now() - writtenAt < CLAIM_MS / 2) return false;
      for (;;) {
        let claims = await fresh();
        if (!claims.some(({ by }) => by === me)) {
          writtenAt = clock.now();
          await note("claim");
          if (settleMs > 0) await pause(settleMs);
          claims = await fresh();
        }
        held = claims[0]?.by === me;
        if (held) return true;
        await pause(WAIT_MS);
      }
    },
    release: () => note("done"),
  };
}

function tooNew(version: number): DropscopeError {
  return new DropscopeError(
    "SCHEMA_TOO_NEW",
    `the store has schema version ${version}; this build knows ${SCHEMA_VERSION}`,
    { next: "Run the newer dropscope, or use another store.", exitCode: EXIT.config },
  );
}
