import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addStatus = (add: AddCommand): unknown =>
  add({
    name: "status",
    summary: "what the running instance covers, and what waits",
    description:
      "Asks the instance that runs on the data folder; when none does, says what its store holds. Exit code 1 when a part is down.",
    groups: ["store"],
    options: [
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json"])
        .default("text"),
    ],
    examples: [
      ["dropscope status", "for people"],
      ["dropscope status -o json", "for programs"],
    ],
    run: async (invocation) => (await import("../run/status.js")).run(invocation),
  });
