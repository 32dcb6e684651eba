import type { Setting } from "./setting.js";

/** How long and how much is kept. */
export const KEEPING_SETTINGS = {
  "spool-max": {
    kind: "bytes",
    value: "SIZE",
    default: "4GiB",
    group: "keeping",
    help: "bound of the spool; when it is full, reading pauses and says so",
  },
  "ttl-flows": {
    kind: "days",
    value: "DAYS",
    group: "keeping",
    help: "days that flows are kept, counted from the day they were stored (default: 7)",
  },
  "ttl-drops": {
    kind: "days",
    value: "DAYS",
    group: "keeping",
    help: "days that dropped, failed and audited flows, and why they were dropped, are kept (default: 30, or as long as flows)",
  },
  "ttl-rollups": {
    kind: "days",
    value: "DAYS",
    group: "keeping",
    help: "days that the counts by minute and hour, and known losses, are kept (default: 90, or as long as drops)",
  },
  "ttl-problems": {
    kind: "days",
    value: "DAYS",
    group: "keeping",
    help: "days that problems and findings are kept after they were last seen (default: as long as rollups)",
  },
  "ttl-policies": {
    kind: "days",
    value: "DAYS",
    group: "keeping",
    help: "days that old versions of policies, pods, namespaces and services are kept (default: as long as rollups)",
  },
  "max-disk": {
    kind: "space",
    value: "SIZE",
    group: "keeping",
    help: "bound of what the tables hold, as a size (50GiB) or as a part of their disk (80%); beyond it the oldest days go, ordinary flows before drops",
  },
} as const satisfies Record<string, Setting>;
