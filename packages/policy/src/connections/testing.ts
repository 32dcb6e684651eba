import { parseManifests } from "../parse/manifests.js";
import { mergeManifests } from "../parse/merge.js";
import type { Manifests } from "../objects.js";
import { PROFILES } from "../profile.js";
import type { ConnectionOptions } from "./list.js";
import { connectionText } from "./set-text.js";
import type { ListedConnection } from "./list.js";

/** Manifests of the documents, and of a Deployment for each `ns/name` with the label app=name. */
export function manifestsOf(workloads: readonly string[], ...documents: string[]): Manifests {
  const deployments = workloads.map((workload) => deployment(workload));
  const text = [...deployments, ...documents].join("\n---\n");
  return mergeManifests([parseManifests(text, "test.yaml")]);
}

export function deployment(workload: string, ports = ""): string {
  const [namespace, name] = workload.split("/");
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: none, ports: [${ports}]}]}
`;
}

export function networkPolicy(namespace: string, name: string, spec: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
}

export const KUBERNETES: ConnectionOptions = { profile: PROFILES.kubernetes };

export function linesOf(connections: readonly ListedConnection[]): string[] {
  return connections.map(
    ({ from, to, set }) => `${from.text} => ${to.text} : ${connectionText(set)}`,
  );
}
