import { matchesPeer } from "../../../match/peer.js";
import type { SourceObject } from "../../../objects.js";
import { admits, isOutside, serviceEvidence, targetsOf } from "../../context/admission.js";
import type { LintContext } from "../../context/context.js";
import { podEnd } from "../../context/ends.js";
import { podEvidence } from "../../context/pods.js";
import { list, record, text } from "../../context/raw.js";
import { isolated } from "../../context/reach.js";
import type { LintRule } from "../../rule.js";
import { policyName } from "../say.js";
import { broadest } from "./whom.js";

export const NP107: LintRule = {
  id: "NP107",
  title: "The control plane may not reach a webhook or an extension of the API",
  severity: "high",
  needs: "cluster",
  help: {
    why: "Webhooks, metrics-server and other extensions of the API are called by the API server, which is no pod. When ingress to them is restricted to pods, every request that needs them fails.",
    fix: "Allow ingress on the pod's port from the control plane: an ipBlock of its addresses, in Cilium `fromEntities: [kube-apiserver, remote-node]`.",
  },
  *check(context) {
    const seen = new Set<string>();
    for (const { source, what, namespace, name, port } of calls(context)) {
      const service = context.manifests.services.find(
        (one) => one.namespace === namespace && one.name === name,
      );
      if (!service) continue;
      const entries = service.ports.filter((entry) => entry.port === port);
      for (const target of targetsOf(service, context.pods.behind(service), entries)) {
        if (target.pod.workload.hostNetwork) continue;
        const policies = context.pods.policiesOf(target.pod);
        if (!isolated(policies, "ingress")) continue;
        // Where the control plane is elsewhere its calls may come through agents in kube-system.
        const agent = podEnd(
          "kube-system",
          { "k8s-app": "konnectivity-agent" },
          context.profile.cluster,
          context.namespaces.labels("kube-system"),
        );
        if (
          admits(
            policies,
            target,
            (peer) => isOutside(peer) || matchesPeer(peer, agent, context.match),
          )
        )
          continue;
        const policy = broadest(context, policies, "ingress");
        const on = context.objects.ofPolicy(policy);
        const key = JSON.stringify([policy.kind, policy.namespace, policy.name, namespace, name]);
        if (!on || seen.has(key)) continue;
        seen.add(key);
        yield {
          on,
          path: policy.kind === "NetworkPolicy" ? ["spec", "ingress"] : [],
          message: `${policyName(policy)} restricts ingress of Service ${namespace}/${name}, which the API server calls for ${what} ${source.name}, and no policy allows it from anything but pods.`,
          evidence: [
            {
              kind: source.kind,
              namespace: source.namespace,
              name: source.name,
              place: source.placeOf(""),
            },
            serviceEvidence(service, `port ${port} → ${target.port}`),
            podEvidence(target.pod),
          ],
        };
      }
    }
  },
};

interface Call {
  readonly source: SourceObject;
  readonly what: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Services that the API server calls. */
function calls({ objects }: LintContext): Call[] {
  const webhooks = [
    ...objects.ofKind("ValidatingWebhookConfiguration"),
    ...objects.ofKind("MutatingWebhookConfiguration"),
  ].flatMap((source) =>
    list(source.value["webhooks"]).flatMap((webhook) =>
      callOf(source, "webhook", record(record(webhook)["clientConfig"])["service"]),
    ),
  );
  const extensions = objects
    .ofKind("APIService")
    .flatMap((source) => callOf(source, "API", record(source.value["spec"])["service"]));
  const conversions = objects.ofKind("CustomResourceDefinition").flatMap((source) => {
    const webhook = record(record(record(source.value["spec"])["conversion"])["webhook"]);
    return callOf(source, "conversion of", record(webhook["clientConfig"])["service"]);
  });
  return [...webhooks, ...extensions, ...conversions];
}

function callOf(source: SourceObject, what: string, service: unknown): Call[] {
  const { namespace, name, port } = record(service);
  if (text(name) === "" || text(namespace) === "") return [];
  return [
    {
      source,
      what,
      namespace: text(namespace),
      name: text(name),
      port: typeof port === "number" ? port : 443,
    },
  ];
}
