import { explanationLine } from "@dropscope/correlator";
import type { ClausePlace, DropExplanation } from "@dropscope/model";
import { shown } from "../../observe/paint.js";

/** One explanation as the command prints it, with its line break. */
export function explanationText(explanation: DropExplanation, format: string): string {
  return format === "json"
    ? `${JSON.stringify(explanationLine(explanation))}\n`
    : `${accountText(explanation)}\n\n`;
}

/** The sentence, with the places below. */
function accountText({ time, uuid, sentence, places, change, next }: DropExplanation): string {
  const head = [time, uuid].filter((text) => text !== "").join("  ");
  const lines = [
    ...(head === "" ? [] : [head]),
    sentence,
    ...places.map(placeText),
    ...(change === null
      ? []
      : [
          `  ${change.action} at ${change.time}: ${change.kind} ${nameText(change.namespace, change.name)}`,
        ]),
    ...(next === "" ? [] : [`  next: ${next}`]),
  ];
  return lines.map(shown).join("\n");
}

function placeText({ role, policy, path, source }: ClausePlace): string {
  const { kind, namespace, name } = policy;
  const where = source === "" ? "" : ` (${source})`;
  return `  ${role}: ${kind} ${nameText(namespace, name)}${path === "" ? "" : ` ${path}`}${where}`;
}

const nameText = (namespace: string, name: string): string =>
  namespace === "" ? name : `${namespace}/${name}`;
