import type { AddCommand } from "../program.js";

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
    run: async (invocation) => (await import("../run/migrate.js")).run(invocation),
  });
