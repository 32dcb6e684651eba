// docs/lints.md from the lints themselves.
import { IGNORE_ANNOTATION, LINT_RULES } from "@dropscope/policy";

const sections = [
  ["NP0", "Invalid or inert"],
  ["NP1", "Traps that break applications"],
  ["NP2", "Over-permissive or suspicious"],
  ["NP3", "Redundant"],
  ["CN", "Cilium's policies"],
  ["AN", "AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy"],
];

const severities = {
  error: "the object is invalid, or certainly does not do what it says",
  high: "an outage or an exposure is likely",
  medium: "worth a look before the next release",
  low: "style, or dead weight",
  info: "nothing is wrong",
};

const needs = { spec: "the policies", cluster: "objects of the cluster" };

/** @returns the page, and which lints are in no section */
export function lintsPage() {
  const placed = new Set();
  const lines = [
    "# Lints",
    "",
    "Written by `npm run docs` from the lints in `packages/policy/src/lint`; `npm test` fails when it is stale.",
    "",
    "`dropscope policy lint DIR` looks for these in policies, and in what else of the cluster stands beside",
    "them. A lint that needs objects of the cluster (pods, namespaces, Services, nodes, or a flag that says",
    "what they would) is silent where the input holds none. What keeps an object from being read at all is",
    "reported too, by its code in [errors.md](errors.md).",
    "",
    `An annotation silences lints on its object: \`${IGNORE_ANNOTATION}: NP011,NP201\`, or \`all\`.`,
    "",
    "| severity | meaning |",
    "| --- | --- |",
    ...Object.entries(severities).map(([severity, meaning]) => `| ${severity} | ${meaning} |`),
    "",
    "The severity below is the worst that a lint gives; a finding may be milder.",
  ];
  for (const [prefix, title] of sections) {
    const rules = LINT_RULES.filter(({ id }) => id.startsWith(prefix));
    if (rules.length === 0) continue;
    lines.push("", `## ${title}`);
    for (const { id, title: name, severity, needs: need, help } of rules) {
      placed.add(id);
      lines.push(
        "",
        `### ${id}: ${name}`,
        "",
        `Severity ${severity}. Needs ${needs[need]}.`,
        "",
        help.why,
        "",
        `**Fix:** ${help.fix}`,
      );
    }
  }
  const problems = LINT_RULES.filter(({ id }) => !placed.has(id)).map(
    ({ id }) => `${id} is in no section of docs/lints.md`,
  );
  return { text: `${lines.join("\n")}\n`, problems };
}
