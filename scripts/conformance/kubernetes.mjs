// What the corpora of plain NetworkPolicies share: a world of pods, and a verdict per side.
import { matchContext, PROFILES, parseManifests, podEndpoint } from "@dropscope/policy";

/** Policies of objects (not text). Each that is refused fails, since whoever wrote the corpus had it accepted. */
export function policiesOf(objects, name, report) {
  const { policies, problems } = parseManifests(JSON.stringify(listOf(objects)), name);
  for (const { severity, message } of problems)
    if (severity === "error") report.fail(`${name}: accepted`, "no error", message);
  return policies;
}

function listOf(items) {
  return { apiVersion: "v1", kind: "List", items };
}

/** Pods as the corpora write them: `{namespace, name, labels, ip, ports}`. */
export function podOf({ namespace, name, labels, ip, ports }, namespaceLabels) {
  return podEndpoint(
    {
      namespace,
      name: `${namespace}/${name}`,
      labels: labels ?? {},
      ports: ports ?? [],
      addresses: ip === undefined ? [] : [ip],
    },
    { "kubernetes.io/metadata.name": namespace, ...namespaceLabels },
    "default",
  );
}

export const kubernetes = matchContext(PROFILES.kubernetes);
export const cilium = matchContext(PROFILES.cilium);

/** `[ingress, egress, combined]` of a decision, each `allowed` or `blocked`. */
export function verdicts(decision) {
  const word = ({ outcome }) =>
    outcome === "denied" || outcome === "default-denied" ? "blocked" : "allowed";
  const ingress = word(decision.ingress);
  const egress = word(decision.egress);
  return [ingress, egress, ingress === "allowed" && egress === "allowed" ? "allowed" : "blocked"];
}

/** `TCP/80` in its parts. */
export function parsePort(text) {
  const [protocol, port] = text.split("/");
  return { protocol, port: Number(port) };
}
