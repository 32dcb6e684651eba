import { matchesPeers } from "../../../match/peer.js";
import type { Endpoint } from "../../../endpoint.js";
import type { Policy, Rule } from "../../../policy.js";
import { POLICY_CLUSTER } from "../../../selector.js";
import { circlesOf } from "../../context/circles.js";
import { reservedEnd } from "../../context/ends.js";
import { servicesOfAny } from "../../context/backends.js";
import type { LintContext } from "../../context/context.js";
import { record, text } from "../../context/raw.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const CN011: LintRule = {
  id: "CN011",
  title: "Entity that leaves out what is expected of it",
  severity: "medium",
  needs: "cluster",
  help: {
    why:
      "The entity world is what no pod or node is. A client outside that comes through a NodePort or LoadBalancer with externalTrafficPolicy Cluster " +
      "may arrive with a node's address, and is then remote-node. The entity cluster is the local cluster, not the others of a mesh.",
    fix: "Add the entity that is missing, or keep the client's address with externalTrafficPolicy: Local.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        yield* checkWorld(context, policy, rule);
        yield* checkCluster(context, policy, rule);
      }
  },
};

function* checkWorld(context: LintContext, policy: Policy, rule: Rule): Iterable<Draft> {
  const peer = entityPeer(rule, "world");
  if (!peer || rule.direction !== "ingress") return;
  const circles = circlesOf(context, policy).filter(
    ({ policies }) =>
      !policies.some((other) => other.rules.some((one) => allowsFrom(context, one, otherNode))),
  );
  const pods = circles.flatMap((circle) => circle.pods);
  const services = servicesOfAny(context, pods).filter(
    ({ type, externalTrafficPolicy }) =>
      (type === "NodePort" || type === "LoadBalancer") && externalTrafficPolicy !== "Local",
  );
  const [first] = services;
  const where = at(context, policy, peer.place);
  if (!first || !where) return;
  yield {
    ...where,
    message:
      `${ruleName(rule)} of ${policyName(policy)} lets in world alone, but ${first.type} ${first.namespace}/${first.name} ` +
      "may bring its clients with the address of another node, which is remote-node.",
    evidence: services.map(({ name, namespace, place, type }) => ({
      kind: "Service",
      namespace,
      name,
      place,
      note: `${type}, externalTrafficPolicy Cluster`,
    })),
    fix: "Set externalTrafficPolicy: Local on the Service, or add the entity remote-node.",
  };
}

function* checkCluster(context: LintContext, policy: Policy, rule: Rule): Iterable<Draft> {
  const peer = entityPeer(rule, "cluster");
  if (!peer || rule.direction !== "egress") return;
  const globals = context.objects.ofKind("Service").filter(({ value }) => {
    const annotations = record(record(value["metadata"])["annotations"]);
    return ["service.cilium.io/global", "io.cilium/global-service"].some(
      (key) => text(annotations[key]) === "true",
    );
  });
  const where = at(context, policy, peer.place);
  if (globals.length === 0 || !where) return;
  const open = circlesOf(context, policy).every(({ policies }) =>
    policies.some((other) => other.rules.some((one) => reachesOtherClusters(context, one))),
  );
  if (open) return;
  yield {
    ...where,
    message:
      `${ruleName(rule)} of ${policyName(policy)} allows the entity cluster, which is this cluster alone; ` +
      `backends of the global Service ${globals[0]!.namespace}/${globals[0]!.name} in other clusters stay out of reach.`,
    evidence: globals.map((service) => ({
      kind: service.kind,
      namespace: service.namespace,
      name: service.name,
      place: service.placeOf("metadata.annotations"),
      note: "global Service",
    })),
    fix: `Add a toEndpoints rule that names the other clusters by ${POLICY_CLUSTER}.`,
  };
}

function entityPeer(rule: Rule, entity: string) {
  if (rule.action !== "allow" || rule.peers === "any") return undefined;
  return rule.peers.find((peer) => peer.of === "entity" && peer.entity === entity);
}

function allowsFrom(context: LintContext, rule: Rule, end: Endpoint): boolean {
  return (
    rule.direction === "ingress" &&
    rule.action === "allow" &&
    matchesPeers(rule, end, context.match)
  );
}

function reachesOtherClusters(context: LintContext, rule: Rule): boolean {
  if (rule.direction !== "egress" || rule.action !== "allow") return false;
  if (rule.peers === "any") return true;
  return rule.peers.some(
    (peer) =>
      (peer.of === "entity" && peer.entity === "all") ||
      (peer.of === "endpoints" &&
        peer.selector.requirements.some(
          ({ key, operator, values }) =>
            key === POLICY_CLUSTER &&
            (operator !== "In" || values.some((value) => value !== context.profile.cluster)),
        )),
  );
}

const otherNode = reservedEnd("remote-node", "remote-node");
