import { DropscopeError, EXIT, nearest } from "@dropscope/model";
import { type Cni, LINT_RULES, type LintSettings, type Resolver } from "@dropscope/policy";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";

const CNIS: readonly Cni[] = [
  "cilium",
  "calico",
  "antrea",
  "ovn-kubernetes",
  "openshift-sdn",
  "kube-router",
  "weave",
  "kindnet",
  "aws",
  "azure",
  "flannel",
];

const RESOLVERS: readonly Resolver[] = ["kube-dns", "node-local", "openshift"];

/** Flags for what objects of the cluster would tell, where the input does not hold them. */
export function settingOptions(): Option[] {
  return [
    new Option("--cni <NAME>", "network plugin (default: told by its DaemonSet)").choices(CNIS),
    new Option(
      "--resolver <KIND>",
      "what answers DNS: pods of kube-dns, NodeLocal DNSCache or OpenShift's (default: told by their objects)",
    ).choices(RESOLVERS),
    new Option("--dual-stack", "the cluster speaks IPv4 and IPv6"),
    new Option("--pod-cidrs <CIDRS>", "addresses of pods (default: those of the nodes)").argParser(
      list,
    ),
    new Option("--service-cidrs <CIDRS>", "addresses of Services").argParser(list),
    new Option(
      "--node-cidrs <CIDRS>",
      "addresses of nodes (default: those of Node objects)",
    ).argParser(list),
    new Option(
      "--excluded-labels <KEYS>",
      "label keys, or prefixes with * at the end, that Cilium keeps out of identities beside its default",
    ).argParser(list),
    new Option("--mutual-auth", "Cilium's mutual authentication is on"),
  ];
}

export function settingsOf(options: Readonly<Record<string, unknown>>): {
  -readonly [Name in keyof LintSettings]?: LintSettings[Name];
} {
  const settings: { -readonly [Name in keyof LintSettings]?: LintSettings[Name] } = {};
  const cni = options["cni"] as Cni | undefined;
  if (cni !== undefined) {
    settings.cni = cni;
    settings.enforces = cni !== "flannel";
  }
  if (options["resolver"] !== undefined) settings.resolver = options["resolver"] as Resolver;
  if (options["dualStack"] === true) settings.dualStack = true;
  if (options["mutualAuth"] === true) settings.mutualAuth = true;
  if (options["hostFirewall"] === true) settings.hostFirewall = true;
  for (const name of ["podCidrs", "serviceCidrs", "nodeCidrs", "excludedLabels"] as const)
    if (options[name] !== undefined) settings[name] = options[name] as string[];
  return settings;
}

/** Ids of lints or codes of problems. @throws DropscopeError `USAGE` for what is neither */
export function readIds(text: string, before: readonly string[] = []): string[] {
  const ids = list(text.toUpperCase(), before);
  const known = LINT_RULES.map(({ id }) => id);
  for (const id of ids) {
    // Codes of problems are words; lints are letters and a number.
    if (known.includes(id) || /^[A-Z_]+$/.test(id)) continue;
    const guess = nearest(id, known);
    throw new DropscopeError("USAGE", `There is no lint ${shown(id)}.`, {
      next: guess
        ? `Did you mean ${guess}? docs/lints.md lists them.`
        : "docs/lints.md lists them.",
      exitCode: EXIT.usage,
    });
  }
  return ids;
}

function list(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(/[\s,]+/).filter((word) => word !== "")];
}
