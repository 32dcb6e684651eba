import type { SourceObject } from "../../../objects.js";
import type { LintRule } from "../../rule.js";

const KINDS = new Set([
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
]);

export const NP009: LintRule = {
  id: "NP009",
  title: "Two policies with one name",
  severity: "error",
  needs: "spec",
  help: {
    why: "Objects of one kind, namespace and name are one object: whichever is applied last replaces the other.",
    fix: "Give one of them another name, or merge their rules.",
  },
  *check({ objects, manifests }) {
    // Layers of kustomize repeat names on purpose, in folders of their own.
    const layered = objects.ofKind("Kustomization").length > 0;
    const seen = new Map<string, SourceObject>();
    for (const source of manifests.sources) {
      const { kind, namespace, name } = source;
      if (!KINDS.has(kind) || name === "") continue;
      const { file } = source.placeOf("");
      const folder = layered ? file.slice(0, file.lastIndexOf("/") + 1) : "";
      const key = JSON.stringify([kind, namespace, name, folder]);
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, source);
        continue;
      }
      const place = first.placeOf("");
      yield {
        on: source,
        path: ["metadata", "name"],
        message: `${kind} ${namespace === "" ? name : `${namespace}/${name}`} stands here and in ${place.file === file ? `line ${place.line}` : `${place.file}:${place.line}`}: only the one that is applied last takes effect.`,
        evidence: [{ kind, namespace, name, place }],
      };
    }
  },
};
