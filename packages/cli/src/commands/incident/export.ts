import { Option } from "commander";
import type { AddCommand } from "../../program.js";

const OPTIONS: readonly Option[] = [
  new Option("--since <TIME>", "when it began: 2h, or RFC 3339"),
  new Option("--until <TIME>", "when it was over: now, 30m, or RFC 3339"),
  new Option("-o, --output <FILE>", "the bundle (default: incident-SINCE-UNTIL.zip)"),
  new Option("--redact <WHAT>", "replace names by others, the same for the same").choices([
    "names",
  ]),
  new Option(
    "--redact-key-file <FILE>",
    "key of the replaced names: bundles with one key call the same things the same (default: one of its own)",
  ),
  new Option("--drop-l7", "leave out what was asked for: DNS names, URLs, headers, topics"),
];

export const addIncidentExport = (add: AddCommand): unknown =>
  add({
    name: "incident export",
    summary: "write an incident into one file",
    description:
      "Writes everything that is known of a range into one file: flows that `hubble observe --input-file` reads, the policies and objects of that time, problems and their explanations, findings, gaps, and a summary with charts for a post-mortem. The range is widened to whole minutes. The same range gives the same bytes.",
    groups: ["store"],
    settings: ["cluster-name"],
    filters: true,
    options: OPTIONS,
    examples: [
      ["dropscope incident export --since 1h --until now -o incident.zip", "the last hour"],
      [
        "dropscope incident export --since 2026-11-17T14:00:00Z --until 2026-11-17T14:30:00Z --namespace payments",
        "what one namespace saw on Tuesday",
      ],
      [
        "dropscope incident export --since 2h --until 1h --redact names --drop-l7 -o vendor.zip",
        "for somebody who must not learn names",
      ],
    ],
    run: async (invocation) => (await import("../../run/incident/export.js")).run(invocation),
  });
