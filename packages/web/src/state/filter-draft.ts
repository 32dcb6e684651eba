/** The filter line while it is being typed; Enter makes it the filter. */
import { effect, signal } from "@preact/signals";
import { filterError } from "./live.js";
import { filter } from "./nav.js";

export const draft = signal(filter.peek());
effect(() => {
  draft.value = filter.value;
});

/** The error of the line as it stands; while it is being changed there is none yet. */
export function shownError() {
  return draft.value.trim() === filter.value ? filterError.value : undefined;
}
