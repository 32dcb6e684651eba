import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStoreClient, type StoreClient } from "./clickhouse/client.js";
import { startEngine, type Engine } from "./engine/start.js";
import { migrate } from "./migrations/run.js";

export { numberedBatch, numberOf, type NumberedOptions } from "./numbered.js";
export { faultyFs, FS_OPERATIONS, type FaultyFs, type FsOperation } from "./spool/faulty-fs.js";

export interface TestStore {
  dataDir: string;
  engine: Engine;
  client: StoreClient;
  /** Stops the engine and removes the folder. */
  close(): Promise<void>;
}

/**
 * A migrated embedded store in a folder of its own. It takes about a second, so a test
 * file starts one and its tests share it.
 */
export async function startTestStore(options: { dataDir?: string } = {}): Promise<TestStore> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "dropscope-test-"));
  const engine = await startEngine({ dataDir, memoryBytes: 1024 * 1024 * 1024 });
  const client = createStoreClient(() => engine.target());
  await migrate(client, { database: engine.target().database });
  return {
    dataDir,
    engine,
    client,
    async close() {
      await client.close();
      await engine.stop(5000);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
