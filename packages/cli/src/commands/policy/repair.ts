import { Option } from "commander";
import type { AddCommand } from "../../program.js";
import { TUNING_SETTINGS } from "../../tuning/options.js";
import { END_FORMS } from "./ends.js";

export const addRepair = (add: AddCommand): unknown =>
  add({
    name: "policy repair",
    arguments: "[from] [to] [port]",
    summary: "the smallest edits of policies that let a denied connection pass",
    description: `Asks about a problem, a flow, or a connection FROM TO PORT (${END_FORMS}). Tries ports and peers added to rules that are there, selectors mended that mean nobody, new rules, new policies and exceptions, at both ends where both deny; each is read again and evaluated for every pod, and what newly passes is counted: the edit that opens least comes first. Edits that would deny something that passes now are left out. Observed traffic is replayed over each. A patch keeps comments and layout. With --policies the files of a repository are what is edited; together with --problem or --flow, pods and traffic still come from the store, else no store is needed. Exit codes: 0 an edit was found or none is needed, 3 none was found, 2 the line cannot be understood, 65 the flow does not tell enough, 66 something that is named is not there.`,
    groups: ["store"],
    settings: TUNING_SETTINGS,
    options: [
      new Option("--problem <ID>", "a problem of the store, as `dropscope problems` prints its id"),
      new Option("--flow <UUID>", "a denied flow of the store, or of the file of --flows"),
      new Option(
        "--protocol <PROTOCOL>",
        "with FROM TO PORT: TCP, UDP, SCTP, ICMP or ICMPv6",
      ).default("TCP"),
      new Option(
        "--flows <FILE>",
        "traffic of a file instead of the store, in every format that import reads; - is standard input",
      ),
      new Option("--since <TIME>", "replayed traffic: beginning of the range (default: 7d)"),
      new Option("--until <TIME>", "its end, and the moment whose cluster counts (default: now)"),
      new Option("--no-replay", "do not look at observed traffic"),
      new Option("--namespace <NS>", "namespace of objects and ends that name none").default(
        "default",
      ),
      new Option("--limit <N>", "at most so many proposals").default("3"),
      new Option("--choose <N>", "which proposal -o patch, yaml, command and --write take").default(
        "1",
      ),
      new Option("--write [DIR]", "write the changed files: in their place, or below a folder"),
      new Option("-o, --output <FORMAT>", "output format; the last three print one proposal alone")
        .choices(["text", "json", "patch", "yaml", "command"])
        .default("text"),
    ],
    examples: [
      ["dropscope policy repair --problem 5a0a4c2e1f6b7d88", "what would end a problem"],
      [
        "dropscope policy repair web/checkout payments/payments-api 9464 --policies gitops/ --write",
        "change the files of a checkout, ready to be committed",
      ],
      [
        "dropscope policy repair --flow 1b4e28ba-2fa1-4d2b-883f-0016d3cca427 -o command | sh",
        "apply the first proposal with kubectl",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/repair.js")).run(invocation),
  });
