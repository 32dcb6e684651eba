import { DROP_MEANINGS } from "./drop-meanings.js";
import { DROP_TITLES } from "./drop-titles.js";
import { enumName, enumNumber } from "./enum-names.js";
import { DROP_REASONS } from "./enums.gen.js";
import type { EnumName } from "./flow.js";
import type { DropReasonText } from "./live.js";

/**
 * A drop reason in words: the title that the monitor prints, what it means, and where to
 * look next. A reason that this build does not know is named by its number.
 */
export function dropReasonText(reason: EnumName): DropReasonText {
  const number = enumNumber(DROP_REASONS, reason);
  const name = number === undefined ? String(reason) : String(enumName(DROP_REASONS, number));
  const meaning = number === undefined ? undefined : DROP_MEANINGS[number];
  if (number === undefined || meaning === undefined) {
    return {
      name,
      title:
        number === undefined
          ? `Unknown reason ${name}`
          : (DROP_TITLES[number] ?? `Unknown reason ${number}`),
      meaning: "This reason comes from a Cilium that is newer than this product.",
      next: "Look it up in the drop reasons of the Cilium version that runs on the node.",
    };
  }
  return { name, title: titleOf(number), ...meaning };
}

/** 0 is "no reason given" in a flow, while the monitor's text for the code 0 is "Success". */
function titleOf(number: number): string {
  if (number === 0) return "No reason given";
  return DROP_TITLES[number] ?? `Unknown reason ${number}`;
}
