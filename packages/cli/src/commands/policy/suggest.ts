import { DropscopeError, EXIT, SUGGESTED_KINDS, SUGGESTED_MODES } from "@dropscope/model";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import type { AddCommand } from "../../program.js";
import { trafficOptions, TUNING_SETTINGS } from "../../tuning/options.js";

export const addSuggest = (add: AddCommand): unknown =>
  add({
    name: "policy suggest",
    summary: "the smallest policies that allow what the pods of a namespace really do",
    description:
      "Proposes policies from observed traffic: selectors by labels that last, namespaces by their name, the cluster's real resolver, entities, DNS names and ports. Scans, tries that nobody answered and what was dropped is left out and told. YAML goes to standard output and is the same whenever the same was seen; what it rests on goes to standard error, in full with -o text or -o json. `dropscope policy simulate` says what it would have denied. Exit codes: 0 proposed, 2 the line cannot be understood, 66 nothing was observed or the namespace is not there.",
    groups: ["store"],
    settings: TUNING_SETTINGS,
    options: [
      ...trafficOptions().filter(({ long }) => long !== "--namespace"),
      new Option("-n, --namespace <NS>", "whose pods get policies"),
      new Option("--workload <NAME>", "only one workload of it"),
      new Option(
        "--kind <KIND>",
        "kind of policy (default: NetworkPolicy, or Cilium's where that has no word for some of the traffic)",
      ).choices([...SUGGESTED_KINDS]),
      new Option(
        "--mode <MODE>",
        "a policy for each workload, or one for the namespace that goes by namespaces",
      )
        .choices([...SUGGESTED_MODES])
        .default("workload"),
      new Option("--direction <DIRECTION>", "restrict only one direction").choices([
        "ingress",
        "egress",
      ]),
      new Option(
        "--include <IDS>",
        "allow connections that are left out, by their ids, or all that are dropped, audited or once; separated by commas",
      ).argParser(words),
      new Option(
        "--dns <WHO>",
        "who may look up names: all that connect anywhere (needed), or only who was seen doing so",
      )
        .choices(["needed", "seen"])
        .default("needed"),
      new Option("--cidr <BITS>", "gather IPv4 addresses in blocks of so many bits")
        .argParser(bits(32))
        .default(32),
      new Option("--cidr6 <BITS>", "the same for IPv6").argParser(bits(128)).default(128),
      new Option("--no-default-deny", "leave out the policy that denies what no other allows"),
      new Option("--annotate", "tell flows, pods and times in comments of the YAML"),
      new Option("--out <DIR>", "write a folder for kustomize instead: a file for each policy"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["yaml", "text", "json"])
        .default("yaml"),
    ],
    examples: [
      ["dropscope policy suggest -n shop --since 7d > shop.yaml", "a namespace, by its last week"],
      [
        "dropscope policy suggest -n shop --workload api -o text",
        "one workload, with its evidence",
      ],
      [
        "hubble observe --last 10000 -o jsonpb | dropscope policy suggest -n shop --flows -",
        "without a store, straight from the real CLI",
      ],
      ["dropscope policy suggest -n shop --out policies/shop", "a folder for kubectl apply -k"],
    ],
    run: async (invocation) => (await import("../../run/policy/suggest.js")).run(invocation),
  });

function words(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter((one) => one !== "")];
}

function bits(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number <= most) return number;
    throw new DropscopeError("USAGE", `${JSON.stringify(shown(text))} is no number of bits.`, {
      next: `Give a number from 0 to ${most}.`,
      exitCode: EXIT.usage,
    });
  };
}
