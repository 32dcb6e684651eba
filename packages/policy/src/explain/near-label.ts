import { editDistance } from "@dropscope/model";
import { type EndpointLabels, parseLabel } from "../labels.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
  SERVICE_ACCOUNT,
} from "../selector.js";
import type { NearLabel } from "./explanation.js";

/** Longer texts are nobody's slip of typing, and the time grows with the square. */
const MAX_LENGTH = 128;

/**
 * The label of the endpoint that a failing requirement most likely meant: the
 * same key with another value, a key that differs by a slip, or the wanted
 * value under another key. Undefined when nothing is near.
 */
export function nearLabel(requirement: Requirement, labels: EndpointLabels): NearLabel | undefined {
  const { source, key, values, operator } = requirement;
  const value = labels.value(key, source === "any" ? undefined : source);
  if (value !== undefined) {
    const slip = operator === "In" && values.some((wanted) => isSlip(wanted, value));
    return { key, value, by: slip ? "typo" : "value" };
  }
  if (operator !== "In" && operator !== "Exists") return undefined;
  const all = labels.texts
    .map(parseLabel)
    .filter((label) => source === "any" || label.source === source)
    .filter((label) => isOfNamespace(label.key) === isOfNamespace(key) && !derived.has(label.key));
  const typo = all.find((label) => isSlip(label.key, key) && fits(label.value));
  if (typo) return { key: typo.key, value: typo.value, by: "typo" };
  const moved = all.find(({ value: text }) => !commonplace.has(text) && values.includes(text));
  return moved && { key: moved.key, value: moved.value, by: "same-value" };

  function fits(text: string): boolean {
    return (
      operator === "Exists" || values.some((wanted) => wanted === text || isSlip(wanted, text))
    );
  }
}

/** Labels of the namespace share a long prefix, which must not make them near to those of the pod. */
const isOfNamespace = (key: string): boolean => key.startsWith(NAMESPACE_LABEL_PREFIX);

/** Labels that nobody wrote on the pod. */
const derived = new Set([
  POD_NAMESPACE,
  POLICY_CLUSTER,
  SERVICE_ACCOUNT,
  `${NAMESPACE_LABEL_PREFIX}kubernetes.io/metadata.name`,
]);

/** Values that stand under many keys and so say nothing about which was meant. */
const commonplace = new Set(["", "true", "false", "yes", "no", "enabled", "disabled"]);

/** One slip in a short word, two in a longer one; other letter case is one slip. */
export function isSlip(a: string, b: string): boolean {
  if (a === b || Math.max(a.length, b.length) > MAX_LENGTH) return false;
  if (a.toLowerCase() === b.toLowerCase()) return true;
  // `app-1` and `app-2` are two of a row, and nobody's mistake.
  if (a.replaceAll(/\d/g, "") === b.replaceAll(/\d/g, "")) return false;
  const most = Math.min(a.length, b.length) >= 6 ? 2 : 1;
  if (Math.min(a.length, b.length) < 3 || Math.abs(a.length - b.length) > most) return false;
  return editDistance(a, b) <= most;
}
