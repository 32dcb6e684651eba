import type { Requirement, Selector } from "../selector.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, readRecords, readText, readTextMap, readTexts } from "./fields.js";
import { wrongLabelKey, wrongLabelValue } from "./names.js";
import { type Report, show } from "./report.js";

/** How a kind of policy reads the keys of its selectors. */
export interface KeyScope {
  /** A key as it is written → where it is looked up. */
  of(key: string): { readonly source: string; readonly key: string };
  /** The text whose syntax is checked. */
  checked(key: string): string;
}

/** Kubernetes kinds know nothing of sources: every label is the API server's. */
export const kubernetesKey: KeyScope = {
  of: (key) => ({ source: "k8s", key }),
  checked: (key) => key,
};

const known = new Set(["matchLabels", "matchExpressions"]);
const operators = new Set(["In", "NotIn", "Exists", "DoesNotExist"]);

/**
 * Requirements of a `LabelSelector`, checked as the API server does. What is
 * wrong is reported and left out.
 */
export function readRequirements(report: Report, slot: Slot, scope: KeyScope): Requirement[] {
  checkFields(report, slot, known);
  const requirements: Requirement[] = [];
  for (const [key, value, at] of readTextMap(report, child(slot, "matchLabels"))) {
    checkKey(report, at, key, scope);
    checkValue(report, at, value);
    requirements.push({ ...scope.of(key), operator: "In", values: [value], place: placeOf(at) });
  }
  for (const item of readRecords(report, child(slot, "matchExpressions")) ?? []) {
    const requirement = readExpression(report, item, scope);
    if (requirement) requirements.push(requirement);
  }
  return requirements;
}

const knownOfExpression = new Set(["key", "operator", "values"]);

function readExpression(report: Report, item: Slot, scope: KeyScope): Requirement | undefined {
  checkFields(report, item, knownOfExpression);
  const key = readText(report, child(item, "key"));
  const operator = readText(report, child(item, "operator"));
  const values = (readTexts(report, child(item, "values")) ?? []).map(({ text, slot }) => {
    checkValue(report, slot, text);
    return text;
  });
  if (key === undefined)
    report.error("BAD_SELECTOR", item, "no key", "Write the label's name under key.");
  else checkKey(report, child(item, "key"), key, scope);
  if (operator === undefined || !operators.has(operator)) {
    const what = operator === undefined ? "no operator" : `${show(operator)} is not an operator`;
    report.error("BAD_SELECTOR", item, what, "Write In, NotIn, Exists or DoesNotExist.");
    return undefined;
  }
  const takesValues = operator === "In" || operator === "NotIn";
  if (takesValues !== values.length > 0)
    report.error(
      "BAD_SELECTOR",
      item,
      takesValues ? `${operator} without values` : `${operator} with values`,
      takesValues ? "List at least one value." : "Leave the values out.",
    );
  if (key === undefined) return undefined;
  return {
    ...scope.of(key),
    operator: operator as Requirement["operator"],
    values: [...new Set(values)].toSorted(),
    place: placeOf(item),
  };
}

function checkKey(report: Report, at: Slot, key: string, scope: KeyScope): void {
  const wrong = wrongLabelKey(scope.checked(key));
  if (wrong)
    report.error(
      "BAD_SELECTOR",
      at,
      `${show(key)} is not a label key: ${wrong}`,
      "Correct the key.",
    );
}

function checkValue(report: Report, at: Slot, value: string): void {
  const wrong = wrongLabelValue(value);
  if (wrong)
    report.error(
      "BAD_SELECTOR",
      at,
      `${show(value)} is not a label value: it ${wrong}`,
      "Correct the value.",
    );
}

/** A requirement that scoping adds: nobody wrote it. */
export function added(
  key: string,
  operator: Requirement["operator"],
  ...values: string[]
): Requirement {
  return { source: "k8s", key, operator, values };
}

export function selectorOf(...requirements: (readonly Requirement[])[]): Selector {
  return { requirements: requirements.flat() };
}
