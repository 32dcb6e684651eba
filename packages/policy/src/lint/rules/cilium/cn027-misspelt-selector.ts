import type { CiliumSpecView } from "../../context/cilium-policies.js";
import { isRecord } from "../../context/raw.js";
import type { Draft, LintRule, Path } from "../../rule.js";

export const CN027: LintRule = {
  id: "CN027",
  title: "Operator or key in a spelling that Cilium does not know",
  severity: "error",
  needs: "spec",
  help: {
    why:
      "Operators are case sensitive: Cilium refuses `in`. A label's source is divided from its key by a colon: " +
      "`k8s.io.kubernetes.pod.namespace` is another label, which no pod has. Both stood in old examples.",
    fix: "Write In, NotIn, Exists or DoesNotExist, and `k8s:io.kubernetes.pod.namespace`.",
  },
  *check({ ciliumSpecs }) {
    for (const view of ciliumSpecs) yield* walk(view, view.spec, view.path);
  },
};

const OPERATORS = new Map(
  ["In", "NotIn", "Exists", "DoesNotExist"].map((operator) => [operator.toLowerCase(), operator]),
);

/** A source, a dot, and a key that only Cilium uses. */
const DOTTED = /^(k8s|any)\.(io\.kubernetes\.pod\.namespace|io\.cilium\.k8s\..+)$/;

function* walk(view: CiliumSpecView, value: unknown, path: Path): Iterable<Draft> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(view, item, [...path, index]);
    return;
  }
  if (!isRecord(value)) return;
  const { operator, key } = value;
  const what = `${view.source.kind} ${view.title}`;
  if (typeof operator === "string" && typeof key === "string") {
    const meant = OPERATORS.get(operator.toLowerCase());
    if (meant !== undefined && meant !== operator)
      yield {
        on: view.source,
        path: [...path, "operator"],
        message: `${what} has the operator ${operator}, for which Cilium refuses it; it is written ${meant}.`,
        operations: [{ op: "replace", path: [...path, "operator"], value: meant }],
      };
    const mended = mend(key);
    if (mended !== undefined)
      yield {
        on: view.source,
        path: [...path, "key"],
        severity: "high",
        message: dotted(what, key, mended),
        operations: [{ op: "replace", path: [...path, "key"], value: mended }],
      };
  }
  for (const [name, entry] of Object.entries(value)) {
    const mended = path.at(-1) === "matchLabels" ? mend(name) : undefined;
    if (mended === undefined) yield* walk(view, entry, [...path, name]);
    else
      yield {
        on: view.source,
        path: [...path, name],
        severity: "high",
        message: dotted(what, name, mended),
        operations: [
          { op: "add", path: [...path, mended], value: entry },
          { op: "remove", path: [...path, name] },
        ],
      };
  }
}

function mend(key: string): string | undefined {
  const found = DOTTED.exec(key);
  return found ? `${found[1]}:${found[2]}` : undefined;
}

function dotted(what: string, key: string, mended: string): string {
  return `${what} selects by the label ${key}, which no pod has; the key is written ${mended}.`;
}
