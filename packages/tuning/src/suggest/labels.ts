import { type EndpointLabels, parseLabel, POD_NAMESPACE } from "@dropscope/policy";

export type Labels = Readonly<Record<string, string>>;

/** Labels that say what a workload is, the most telling first. */
const TELLING = [
  "app.kubernetes.io/name",
  "app",
  "k8s-app",
  "name",
  "app.kubernetes.io/component",
  "component",
  "app.kubernetes.io/instance",
  "role",
  "tier",
  "run",
];

/** How many of them name a workload by themselves; the others say what it is for. */
const NAMING = 4;

/** Set anew by rollouts, releases and runs, or by a place in a row: lint NP116 warns of selectors by them. */
const CHANGING =
  /^(pod-template-hash|controller-revision-hash|rollouts-pod-template-hash|pod-template-generation|controller-uid|(.*\.)?kubernetes\.io\/(pod-name|pod-index|version|managed-by|created-by)|batch\.kubernetes\.io\/.*|job-name|version|track|chart|helm\.sh\/.*|release-date|heritage|image|image-?tag|commit|git-?(commit|sha)|revision|build|build-?id|security\.istio\.io\/.*|service\.istio\.io\/.*|topology\.kubernetes\.io\/.*|argocd\.argoproj\.io\/.*|kustomize\.toolkit\.fluxcd\.io\/.*|helm\.toolkit\.fluxcd\.io\/.*)$/i;

/** A digest, a time stamp or an id: no person chose it. */
const MADE = /^([0-9a-f]{7,}|\d{6,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The pod's own labels among those of an endpoint: without namespace, cluster and service account. */
export function ownLabels({ texts }: EndpointLabels): Labels {
  const own: [string, string][] = [];
  for (const text of texts) {
    const { source, key, value } = parseLabel(text);
    if (source !== "k8s" && source !== "unspec" && source !== "any") continue;
    if (key.startsWith("io.cilium.k8s.") || key.startsWith("io.cilium.") || key === POD_NAMESPACE)
      continue;
    own.push([key, value]);
  }
  return Object.fromEntries(own);
}

/** Labels that will be the same after the next rollout. */
export function lasting(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).filter(
      ([key, value]) => !CHANGING.test(key) && !(MADE.test(value) && /[0-9]/.test(value)),
    ),
  );
}

/** What all of them have in common. */
export function shared(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) =>
      others.every((one) => Object.hasOwn(one, key) && one[key] === value),
    ),
  );
}

/** The most telling first, then by name; the same order for the same labels, whatever order they came in. */
export function byTelling(labels: Labels): string[] {
  const rank = (key: string): number => {
    const at = TELLING.indexOf(key);
    return at < 0 ? TELLING.length : at;
  };
  return Object.keys(labels).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

export function namesWorkload(key: string): boolean {
  return TELLING.slice(0, NAMING).includes(key);
}

export function matches(labels: Labels, wanted: Labels, absent: readonly string[]): boolean {
  return (
    Object.entries(wanted).every(
      ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
    ) && absent.every((key) => !Object.hasOwn(labels, key))
  );
}
