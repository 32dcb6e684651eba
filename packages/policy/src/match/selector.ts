import type { EndpointLabels } from "../labels.js";
import type { Requirement, Selector } from "../selector.js";

/** Whether every requirement of the selector holds on the labels. */
export function matchesSelector(selector: Selector, labels: EndpointLabels): boolean {
  return selector.requirements.every((requirement) => holds(requirement, labels));
}

/** The requirements that do not hold, in written order; empty when the selector matches. */
export function failingRequirements(selector: Selector, labels: EndpointLabels): Requirement[] {
  return selector.requirements.filter((requirement) => !holds(requirement, labels));
}

export function holds(requirement: Requirement, labels: EndpointLabels): boolean {
  const { source, key, operator, values } = requirement;
  const value = labels.value(key, source === "any" ? undefined : source);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    // An absent key satisfies both negations.
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
