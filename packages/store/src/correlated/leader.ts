import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, DropscopeError, systemClock } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { type Lock, takeLock } from "../engine/lock.js";

/** At most one process at a time writes what the correlator knows into a store. */
export interface Leader {
  /** Asked before every step: true while this process is the one. */
  tryLead(): Promise<boolean>;
  /** Lets another one be it at once. */
  release(): Promise<void>;
}

/** By a lock in the data folder: it ends with its owner, whatever ends that. For the embedded engine. */
export function folderLeader(dataDir: string): Leader {
  let lock: Lock | undefined;
  return {
    async tryLead() {
      if (lock) return true;
      try {
        lock = await takeLock(dataDir, "correlator", "correlator");
        return true;
      } catch (error) {
        if (error instanceof DropscopeError && error.code === "DATA_IN_USE") return false;
        throw error;
      }
    },
    release() {
      lock?.release();
      lock = undefined;
      return Promise.resolve();
    },
  };
}

/** A lease that is not renewed for so long is over. */
const LEASE_MS = 10_000;
const RENEW_MS = 2_000;
const SETTLE_MS = 250;

/**
 * By a row in the store, for processes on several machines. ClickHouse has no lock: each writes
 * its claim and then looks; the oldest one that is still renewed wins, and everybody sees the
 * same order. Times are the store's.
 */
export function leaseLeader(client: StoreClient, options: { readonly clock?: Clock } = {}): Leader {
  const clock = options.clock ?? systemClock;
  const name = `lease/${hostname()}/${process.pid}/${randomUUID()}`;
  /** When the claim was last written; −∞ without one. */
  let renewed = Number.NEGATIVE_INFINITY;
  let leads = false;

  const claim = (since: string): Promise<void> =>
    client.command(
      `INSERT INTO correlator_state (name, version, value, written_at)
       SELECT {name:String}, toUInt64(toUnixTimestamp64Micro(now64(6))), ${since}, now64(3, 'UTC')`,
      { name },
    );

  const first = async (): Promise<boolean> => {
    const rows = await client.query<{ name: string }>(
      `SELECT name FROM (SELECT name, argMax(value, version) AS since, max(written_at) AS at FROM correlator_state WHERE startsWith(name, 'lease/') GROUP BY name)
       WHERE since != '' AND at > now64(3, 'UTC') - toIntervalMillisecond({ms:UInt32}) ORDER BY toInt64OrZero(since), name LIMIT 1`,
      { ms: LEASE_MS },
      { settings: { select_sequential_consistency: "1" } },
    );
    return rows[0]?.name === name;
  };

  return {
    async tryLead() {
      const now = clock.now();
      if (now - renewed < RENEW_MS) return leads;
      const lapsed = now - renewed >= LEASE_MS;
      if (lapsed) {
        leads = false;
        await claim("toString(toUnixTimestamp64Milli(now64(3)))");
        // A claim written in the same moment must be visible before anybody decides.
        await new Promise<void>((resolve) => clock.after(SETTLE_MS, resolve));
      } else
        await claim(
          "(SELECT argMax(value, version) FROM correlator_state WHERE name = {name:String})",
        );
      renewed = now;
      leads = await first();
      return leads;
    },
    async release() {
      if (renewed === Number.NEGATIVE_INFINITY) return;
      renewed = Number.NEGATIVE_INFINITY;
      leads = false;
      await claim("''");
    },
  };
}
