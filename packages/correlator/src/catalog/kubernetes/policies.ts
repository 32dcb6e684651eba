import { parseManifests, type CatalogObject, type PolicyKind } from "@dropscope/policy";
import { stringify } from "yaml";
import { clusterwide } from "../objects.js";
import type { RawObject } from "./list-watch.js";
import type { Resource } from "./resources.js";

export interface ReadPolicy {
  readonly object: CatalogObject;
  /** In YAML, as it would be written by hand. */
  readonly manifest: string;
  /** Why it has no effect here; empty when all is well. */
  readonly problem: string;
}

/** Annotations of tools that repeat the whole object. */
const REPEATING = new Set(["kubectl.kubernetes.io/last-applied-configuration"]);

/**
 * A policy or CIDR group of the API server. One that cannot be read is there without any rule, and
 * says so: what it would deny or allow is not invented.
 */
export function readPolicy(raw: RawObject, resource: Resource, cluster: string): ReadPolicy {
  const version = resource.versions[0] ?? "v1";
  const manifest = stringify({
    apiVersion:
      typeof raw["apiVersion"] === "string" ? raw["apiVersion"] : apiVersion(resource, version),
    kind: resource.kind,
    metadata: metadataOf(raw),
    ...(raw["spec"] === undefined ? {} : { spec: raw["spec"] }),
    ...(raw["specs"] === undefined ? {} : { specs: raw["specs"] }),
  });
  const { policies, cidrGroups, problems } = parseManifests(manifest, "", { cluster });
  const error = problems.find(({ severity }) => severity === "error");
  const { name = "", namespace = "" } = raw.metadata ?? {};
  const [group] = cidrGroups;
  const object: CatalogObject =
    resource.kind === "CiliumCIDRGroup"
      ? clusterwide("CiliumCIDRGroup", group ?? emptyGroup(name))
      : { kind: resource.kind as PolicyKind, namespace, name, value: policies };
  return { object, manifest, problem: error?.message ?? "" };
}

/** Items of a list do not say what they are. */
function apiVersion({ group }: Resource, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

function metadataOf({ metadata = {} }: RawObject): Record<string, unknown> {
  const { name, namespace, uid, labels, annotations } = metadata;
  const kept = Object.entries((annotations ?? {}) as Record<string, unknown>).filter(
    ([key]) => !REPEATING.has(key),
  );
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(labels === undefined ? {} : { labels }),
    ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
  };
}

const emptyGroup = (name: string) => ({
  name,
  labels: {},
  cidrs: [],
  place: { file: "", line: 1, column: 1, path: "" },
});
