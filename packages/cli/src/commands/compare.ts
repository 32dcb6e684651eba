import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addCompare = (add: AddCommand): unknown =>
  add({
    name: "compare",
    summary: "two ranges of the stored history side by side",
    description:
      "Prints what is different in one range from another, as before and after a deployment: connections that are new, vanished or have another verdict, drops by reason, and every change of policies and labels. Takes the filters of `dropscope observe`. Without --with-since and --with-until the range is compared with as much time right before it. Exit code 0 whether anything differs or not.",
    groups: ["store"],
    filters: true,
    options: [
      new Option("--since <TIME>", "beginning of the range: 1h, or RFC 3339 (default: 15m)"),
      new Option("--until <TIME>", "its end (default: now)"),
      new Option("--with-since <TIME>", "beginning of the range that it is compared with"),
      new Option("--with-until <TIME>", "its end"),
      new Option("--limit <N>", "connections of each kind of change at most").default("20"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json"])
        .default("text"),
    ],
    examples: [
      ["dropscope compare --since 1h --until now", "the last hour with the one before it"],
      [
        "dropscope compare --since 30m --until now --with-since 24h30m --with-until 24h -n web",
        "one namespace with the same time yesterday",
      ],
      [
        "dropscope compare -o json | jq '.edges[] | select(.change == \"verdict\")'",
        "for programs",
      ],
    ],
    run: async (invocation) => (await import("../run/compare.js")).run(invocation),
  });
