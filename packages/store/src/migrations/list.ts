import type { Retention } from "../config.js";
import { correlatedTables } from "./correlated.js";
import { tableDdl, type Layout } from "./ddl.js";
import { objectTables } from "./objects.js";
import { rollups, viewDdl } from "./rollups.js";
import { spaceTables } from "./space.js";
import { savedViewTable } from "./saved-views.js";
import { tables } from "./tables.js";

export interface Migration {
  id: number;
  name: string;
  /** Statements that do no harm when an earlier try got halfway. */
  statements(layout: Layout, retention: Retention): string[];
}

/** In order. One that was released is never changed: a new one follows it. */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    name: "tables",
    statements: (layout, retention) => tables(retention).map((table) => tableDdl(table, layout)),
  },
  {
    id: 2,
    name: "rollups",
    statements: (layout, retention) =>
      rollups(retention).flatMap((rollup) => [tableDdl(rollup.table, layout), viewDdl(rollup)]),
  },
  {
    id: 3,
    name: "object versions",
    statements: (layout, retention) =>
      objectTables(retention).map((table) => tableDdl(table, layout)),
  },
  {
    id: 4,
    name: "correlator",
    statements: (layout, retention) =>
      correlatedTables(retention).map((table) => tableDdl(table, layout)),
  },
  {
    id: 5,
    name: "saved views",
    statements: (layout) => [tableDdl(savedViewTable(), layout)],
  },
  {
    id: 6,
    name: "space",
    statements: (layout, retention) =>
      spaceTables(retention).map((table) => tableDdl(table, layout)),
  },
];

/** Newest schema that this build knows. */
export const SCHEMA_VERSION = Math.max(...MIGRATIONS.map((migration) => migration.id));

/** Names of all migrations, in order. */
export const MIGRATION_NAMES = MIGRATIONS.map((migration) => migration.name);
