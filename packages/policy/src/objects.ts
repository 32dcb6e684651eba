import type { NamedPort } from "./endpoint.js";
import type { Place } from "./place.js";
import type { Policy } from "./policy.js";

/** Everything that a set of manifests says, read and checked. */
export interface Manifests {
  readonly policies: readonly Policy[];
  readonly namespaces: readonly Namespace[];
  /** Pods and the pod templates of workloads. */
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly nodes: readonly Node[];
  readonly cidrGroups: readonly CidrGroup[];
  /** Ingress and Route objects: who is published from outside. */
  readonly publications: readonly Publication[];
  /** Hand-written backends; `mergeManifests` puts their addresses into the services. */
  readonly backends?: readonly Backends[];
  readonly problems: readonly ManifestProblem[];
  /** The objects as they were written, for what looks at the text rather than its meaning (lint, patches). */
  readonly sources: readonly SourceObject[];
}

export interface Namespace {
  readonly name: string;
  /** `kubernetes.io/metadata.name` is always among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined for one that is only used, never declared. */
  readonly place?: Place;
}

/** A pod, or what the template of a workload makes pods of. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** The pod's labels (a template's, for a workload). */
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly NamedPort[];
  readonly addresses: readonly string[];
  readonly nodeName?: string;
  /** The controller that owns a pod; replicas of one owner are one workload. */
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly place: Place;
}

export interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined: no selector, the backends are written by hand. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly clusterAddresses: readonly string[];
  readonly externalTrafficPolicy?: "Cluster" | "Local";
  readonly ports: readonly ServicePort[];
  /** Addresses of hand-written Endpoints or EndpointSlices. */
  readonly backendAddresses: readonly string[];
  readonly place: Place;
}

/** A hand-written Endpoints object or an EndpointSlice: which service it belongs to, and its addresses. */
export interface Backends {
  readonly service: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
  /** A number, or a container port's name; the service's own port when it is not written. */
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
  readonly place: Place;
}

export interface CidrGroup {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
  readonly place: Place;
}

/** A service port that an Ingress or Route publishes. */
export interface Publication {
  readonly kind: "Ingress" | "Route";
  readonly name: string;
  readonly namespace: string;
  readonly backends: readonly {
    readonly service: string;
    /** Number or name of the service's port; for a Route also a target port. Undefined: every port. */
    readonly port?: number | string;
  }[];
  readonly place: Place;
}

/** A document or object that was refused, or accepted with a warning. The others of the same file still count. */
export interface ManifestProblem {
  readonly code: ProblemCode;
  /** `error`: the object does not take effect. `warning`: it does, but a part is not what it seems. */
  readonly severity: "error" | "warning";
  /** Names the object, says what is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  readonly place: Place;
  /** The object it is about, when it could be told. */
  readonly object?: { readonly kind: string; readonly namespace: string; readonly name: string };
}

export type ProblemCode =
  | "YAML"
  | "TOO_LARGE"
  | "TOO_DEEP"
  | "NOT_AN_OBJECT"
  | "NO_NAME"
  | "BAD_NAME"
  | "BAD_TYPE"
  | "BAD_VALUE"
  | "BAD_SELECTOR"
  | "BAD_CIDR"
  | "BAD_PORT"
  | "BAD_PEER"
  | "BAD_SUBJECT"
  | "BAD_ACTION"
  | "BAD_PRIORITY"
  | "BAD_PATTERN"
  | "EMPTY_POLICY"
  | "CONFLICTING_FIELDS"
  | "DUPLICATE"
  | "UNSUPPORTED"
  | "UNKNOWN_FIELD"
  | "UNKNOWN_KIND"
  | "UNKNOWN_VERSION";

/** One object as it was written. */
export interface SourceObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Plain data without prototypes. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a path within it stands: `placeOf("spec.ingress[0].from")`; the nearest parent that is written when the path itself is not. */
  placeOf(path: string): Place;
  /** Text of the whole file that it stands in, and the byte range of the object's own document in it. */
  readonly text: string;
  readonly range: readonly [start: number, end: number];
}
