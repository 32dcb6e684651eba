import { runStoreMigrations } from "@dropscope/store";
import { createLogger } from "../log.js";
import type { AddCommand, Invocation } from "../program.js";
import { storeOptions } from "../wire/store.js";

export const addMigrate = (add: AddCommand): unknown =>
  add({
    name: "migrate",
    summary: "create or update the tables of the store",
    description:
      "Brings the store's schema to this version. Every command does it at start; run it by hand where the running processes may not change tables. A second run changes nothing.",
    groups: ["store", "keeping"],
    examples: [
      [
        "dropscope migrate --clickhouse http://clickhouse:8123",
        "with a user that may create tables",
      ],
    ],
    run,
  });

async function run({ loaded }: Invocation): Promise<void> {
  const logger = createLogger(loaded.config);
  const { applied, version } = await runStoreMigrations(storeOptions(loaded.config, logger));
  process.stdout.write(
    applied.length === 0
      ? `the schema is at version ${version}; nothing to do\n`
      : `applied ${applied.join(", ")}; the schema is at version ${version}\n`,
  );
}
