import { has, record } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP010: LintRule = {
  id: "NP010",
  title: "No namespace",
  severity: "low",
  needs: "spec",
  help: {
    why: "A policy without metadata.namespace lands wherever it is applied, which is `default` unless somebody says otherwise. It protects only the pods there.",
    fix: "Write metadata.namespace, or say --namespace when the whole folder is applied with one.",
  },
  *check({ manifests }) {
    for (const source of manifests.sources) {
      const { kind, namespace, name, value } = source;
      if (kind !== "NetworkPolicy" && kind !== "CiliumNetworkPolicy") continue;
      // Another namespace than `default` was given from outside: then this is how they are applied.
      if (namespace !== "default" || has(record(value["metadata"]), "namespace")) continue;
      yield {
        on: source,
        path: ["metadata"],
        message: `${kind} ${name} names no namespace and is judged as one of default.`,
      };
    }
  },
};
