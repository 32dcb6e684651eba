import type { AddCommand } from "../program.js";

type Register = (add: AddCommand) => unknown;

/**
 * Where each command is, in the order of the help. A line imports only the command
 * that it names: all of them together cost a second of CPU, each start.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  up: async () => (await import("./up.js")).addUp,
  ingest: async () => (await import("./ingest.js")).addIngest,
  correlate: async () => (await import("./correlate.js")).addCorrelate,
  serve: async () => (await import("./serve.js")).addServe,
  import: async () => (await import("./import.js")).addImport,
  problems: async () => (await import("./problems.js")).addProblems,
  audit: async () => (await import("./audit.js")).addAudit,
  observe: async () => (await import("./observe.js")).addObserve,
  compare: async () => (await import("./compare.js")).addCompare,
  explain: async () => (await import("./explain/index.js")).addExplain,
  status: async () => (await import("./status.js")).addStatus,
  storage: async () => (await import("./storage.js")).addStorage,
  simulate: async () => (await import("./simulate.js")).addSimulate,
  migrate: async () => (await import("./migrate.js")).addMigrate,
  doctor: async () => (await import("./doctor.js")).addDoctor,
  "incident export": async () => (await import("./incident/export.js")).addIncidentExport,
  "incident open": async () => (await import("./incident/open.js")).addIncidentOpen,
  "policy check": async () => (await import("./policy/check.js")).addCheck,
  "policy explain": async () => (await import("./policy/explain.js")).addExplain,
  "policy connections": async () => (await import("./policy/connections.js")).addConnections,
  "policy exposure": async () => (await import("./policy/exposure.js")).addExposure,
  "policy diff": async () => (await import("./policy/diff.js")).addDiff,
  "policy lint": async () => (await import("./policy/lint.js")).addLint,
  "policy suggest": async () => (await import("./policy/suggest.js")).addSuggest,
  "policy simulate": async () => (await import("./policy/simulate.js")).addSimulate,
  "policy repair": async () => (await import("./policy/repair.js")).addRepair,
  "policy rules": async () => (await import("./policy/rules.js")).addRules,
  "policy readiness": async () => (await import("./policy/readiness.js")).addReadiness,
  "policy test": async () => (await import("./policy/test.js")).addTest,
};

/** The command that a line names, or every one where it names none: help and suggestions need them. */
export function commandsFor(argv: readonly string[]): Promise<Register[]> {
  const named = [argv.slice(0, 2).join(" "), argv[0] ?? ""].find((name) =>
    Object.hasOwn(COMMANDS, name),
  );
  const loads = named === undefined ? Object.values(COMMANDS) : [COMMANDS[named]!];
  return Promise.all(loads.map((load) => load()));
}
