import type { Peer } from "../../../policy.js";
import type { Place } from "../../../place.js";
import type { Service, ServicePort } from "../../../objects.js";
import { admits, isOutside, serviceEvidence, targetsOf } from "../../context/admission.js";
import type { LintContext } from "../../context/context.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import { list, record, text } from "../../context/raw.js";
import { isolated } from "../../context/reach.js";
import { namespacesOf } from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { policyName } from "../say.js";
import { broadest } from "./whom.js";

export const NP108: LintRule = {
  id: "NP108",
  title: "The ingress controller may not reach a published backend",
  severity: "high",
  needs: "cluster",
  help: {
    why: "An Ingress, Route or Gateway route publishes these pods, and the controller that forwards the requests is not among those that may connect to them.",
    fix: "Allow ingress on the pod's port from the controller's namespace; in Cilium `fromEntities: [ingress]` for its own controller.",
  },
  *check(context) {
    const controllers = context.pods.all.filter(isController);
    const seen = new Set<string>();
    for (const { publication, service, entries } of published(context))
      for (const target of targetsOf(service, context.pods.behind(service), entries)) {
        if (target.pod.workload.hostNetwork) continue;
        const policies = context.pods.policiesOf(target.pod);
        if (!isolated(policies, "ingress")) continue;
        if (
          admits(policies, target, (peer) =>
            mayBeController(context, controllers, target.pod, peer),
          )
        )
          continue;
        const policy = broadest(context, policies, "ingress");
        const on = context.objects.ofPolicy(policy);
        const key = JSON.stringify([
          policyName(policy),
          publication.kind,
          publication.name,
          service.name,
        ]);
        if (!on || seen.has(key)) continue;
        seen.add(key);
        const { kind, namespace, name, place } = publication;
        yield {
          on,
          path: policy.kind === "NetworkPolicy" ? ["spec", "ingress"] : [],
          message: `${policyName(policy)} restricts ingress of Service ${service.namespace}/${service.name}, which ${kind} ${namespace}/${name} publishes, and no policy allows the controller to reach port ${target.port}.`,
          evidence: [
            { kind, namespace, name, place },
            serviceEvidence(service),
            podEvidence(target.pod),
            ...controllers.slice(0, 2).map((pod) => podEvidence(pod, "controller")),
          ],
          basis:
            controllers.length === 0
              ? "no controller is in the input: any pod of another namespace would do"
              : `${controllers.length} controllers in the input`,
        };
      }
  },
};

interface Published {
  readonly publication: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly place: Place;
  };
  readonly service: Service;
  readonly entries: readonly ServicePort[];
}

const ROUTES = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"];

function* published({ manifests, objects }: LintContext): Iterable<Published> {
  const find = (namespace: string, name: string): Service | undefined =>
    manifests.services.find((one) => one.namespace === namespace && one.name === name);
  for (const publication of manifests.publications)
    for (const { service: name, port } of publication.backends) {
      const service = find(publication.namespace, name);
      if (!service) continue;
      const entries = service.ports.filter(
        (entry) => port === undefined || [entry.port, entry.name, entry.targetPort].includes(port),
      );
      yield { publication, service, entries };
    }
  for (const source of ROUTES.flatMap((kind) => objects.ofKind(kind)))
    for (const rule of list(record(source.value["spec"])["rules"]))
      for (const backend of list(record(rule)["backendRefs"]).map(record)) {
        const namespace = text(backend["namespace"]) || source.namespace || "default";
        const service = find(namespace, text(backend["name"]));
        if (!service) continue;
        const { kind, name } = source;
        const entries = service.ports.filter(({ port }) => port === backend["port"]);
        yield {
          publication: { kind, name, namespace: source.namespace, place: source.placeOf("") },
          service,
          entries,
        };
      }
}

const NAMES =
  /^(ingress-nginx|nginx-ingress|kubernetes-ingress|traefik|haproxy-ingress|contour|envoy|kong|emissary-ingress|istio-ingressgateway|istio-gateway|router)$/;

function isController({ workload: { labels, namespace } }: Pod): boolean {
  const names = [labels["app.kubernetes.io/name"], labels["app"], labels["istio"]];
  return (
    names.some((name) => name !== undefined && NAMES.test(name)) ||
    Object.hasOwn(labels, "ingresscontroller.operator.openshift.io/deployment-ingresscontroller") ||
    namespace === "openshift-ingress"
  );
}

function mayBeController(
  context: LintContext,
  controllers: readonly Pod[],
  backend: Pod,
  peer: Peer,
): boolean {
  if (isOutside(peer) || (peer.of === "entity" && peer.entity === "ingress")) return true;
  if (peer.of !== "endpoints") return false;
  if (controllers.length > 0) {
    const meant = new Set(context.pods.of(peer));
    return controllers.some((controller) => meant.has(controller));
  }
  // Of a controller that is not in the input it is only known that it is in another namespace.
  const namespaces = namespacesOf(context, peer.selector);
  return namespaces.length !== 1 || namespaces[0]?.name !== backend.workload.namespace;
}
