import { runStoreMigrations } from "@dropscope/store";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { storeOptions } from "../wire/store.js";

/** Runs `dropscope migrate`. */
export async function run({ loaded }: Invocation): Promise<void> {
  const logger = createLogger(loaded.config);
  const { applied, version } = await runStoreMigrations(storeOptions(loaded.config, logger));
  process.stdout.write(
    applied.length === 0
      ? `the schema is at version ${version}; nothing to do\n`
      : `applied ${applied.join(", ")}; the schema is at version ${version}\n`,
  );
}
