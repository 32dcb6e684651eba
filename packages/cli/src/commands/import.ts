import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addImport = (add: AddCommand): unknown =>
  add({
    name: "import",
    arguments: "<files...>",
    summary: "store exported flows, and explain them by the policies of their time",
    description:
      "Reads flows that Hubble's tools wrote: JSON lines, arrays or pretty-printed JSON, wrapped or plain, exporter files, gzipped or not; '-' is standard input. Importing a file twice stores nothing twice. With --policies every drop is explained by what the policies were at its own time: of a folder in a git checkout each commit holds from its own time on, and what any other folder holds is taken to have held always.",
    groups: ["store", "keeping"],
    settings: [
      "redact",
      "redact-allow-headers",
      "policies",
      "cluster-name",
      "profile",
      "resolved-after",
    ],
    options: [
      new Option(
        "--policies-branch <NAME>",
        "branch, tag or commit whose history counts (default: what is checked out)",
      ),
    ],
    examples: [
      ["dropscope import flows.jsonl", "one file"],
      [
        "dropscope import /var/run/cilium/hubble/events*.log*",
        "an exporter's files, rotated and gzipped",
      ],
      ["hubble observe --all -o jsonpb | dropscope import -", "straight from the real CLI"],
      [
        "dropscope import tuesday.jsonl.gz --policies gitops/clusters/prod",
        "an incident of last week, by the policies of last week",
      ],
    ],
    run: async (invocation) => (await import("../run/import.js")).run(invocation),
  });
