// What the corpora of plain NetworkPolicies share: a world of pods, and a verdict per side.
import { matchContext, PROFILES, parseManifests, podEndpoint } from "@dropscope/policy";

/** Policies of objects (not text); a problem that refuses one is an error of the corpus' reading. */
export function policiesOf(objects, file) {
  const { policies, problems } = parseManifests(JSON.stringify(listOf(objects)), file);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(`${file}: ${errors.map(({ message }) => message).join("; ")}`);
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
