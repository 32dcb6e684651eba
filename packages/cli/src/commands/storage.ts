import { RETENTION_CLASSES } from "@dropscope/store/names";
import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addStorage = (add: AddCommand): unknown =>
  add({
    name: "storage",
    arguments: "[retention]",
    summary: "what is stored, since when and for how long; and change how long",
    description: `Says for each table how many rows and bytes it holds, since when, and how long they are kept; what another time would cost, from the bytes that a day took so far; and what was removed to keep --max-disk. \`storage retention --set\` changes how long a class is kept (${RETENTION_CLASSES.join(", ")}) in a running store, at once and without rewriting it; the store remembers it, and settings (ttl-…) win over it at the next start.`,
    groups: ["store"],
    options: [
      new Option("--estimate <CLASS=DAYS>", "what other times would cost: flows=30d,drops=90d"),
      new Option("--set <CLASS=DAYS>", "with `retention`: keep these classes so long: flows=3d"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json"])
        .default("text"),
    ],
    examples: [
      ["dropscope storage", "for people"],
      ["dropscope storage --estimate flows=30d", "what thirty days of flows would take"],
      ["dropscope storage retention --set flows=3d,drops=60d", "change it now"],
    ],
    run: async (invocation) => (await import("../run/storage.js")).run(invocation),
  });
