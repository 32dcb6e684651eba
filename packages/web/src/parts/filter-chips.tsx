import { useRef } from "preact/hooks";
import type { TargetedKeyboardEvent } from "preact";
import { type Chip, chips, turned, withoutChip } from "../lib/filter-line.js";
import { safe } from "../lib/safe.js";
import { draft, shownError } from "../state/filter-draft.js";
import { applied } from "../state/live.js";
import { filter, go } from "../state/nav.js";
import { FilterError } from "./filter-help.js";
import { Icon } from "./icons.js";

/** The conditions in force, each with its own way out; or what is wrong with them. */
export function FilterChips() {
  const line = filter.value;
  const list = useRef<HTMLUListElement>(null);
  const error = shownError();
  if (line === "") return null;
  if (error) return <FilterError error={error} applied={applied.value} />;

  function remove(chip: Chip, index: number): void {
    go({ filter: withoutChip(line, chip) });
    // The focus goes to what follows, so that several can be taken out one after the other.
    requestAnimationFrame(() => {
      const left = list.current?.querySelectorAll<HTMLElement>(".chip-text");
      const next = left?.[Math.min(index, left.length - 1)];
      (next ?? document.querySelector<HTMLElement>("#filter"))?.focus();
    });
  }

  function onKeyDown(event: TargetedKeyboardEvent<HTMLElement>, chip: Chip, index: number): void {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    remove(chip, index);
  }

  return (
    <ul class="chips" aria-label="Conditions of the filter" ref={list}>
      {chips(line).map((chip, index) => {
        const name = safe(`${chip.flag} ${chip.value}`.trim(), 200);
        return (
          <li
            class={chip.not ? "chip not" : "chip"}
            key={`${chip.start}`}
            onKeyDown={(event) => onKeyDown(event, chip, index)}
          >
            {chip.flag !== "" && (
              <button
                type="button"
                class="chip-turn"
                aria-pressed={chip.not}
                aria-label={`Leave out ${name}`}
                title={chip.not ? "Left out. Show only these" : "Leave these out"}
                onClick={() => go({ filter: turned(line, chip) })}
              >
                {chip.not ? "not" : "is"}
              </button>
            )}
            <button
              type="button"
              class="chip-text"
              aria-label={`Edit ${chip.not ? "--not " : ""}${name}`}
              title="Edit"
              onClick={() => edit(chip)}
            >
              {chip.flag !== "" && (
                <span class="dim">{safe(chip.flag.replace(/^-+/, ""), 60)} </span>
              )}
              {safe(chip.value, 120)}
            </button>
            <button
              type="button"
              class="chip-close"
              aria-label={`Remove ${name}`}
              title="Remove"
              onClick={() => remove(chip, index)}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Puts the caret on the chip's value in the line: the text is the same thing. */
function edit(chip: Chip): void {
  const field = document.querySelector<HTMLInputElement>("#filter");
  if (!field) return;
  // What was typed and not applied would stand elsewhere than the chip.
  draft.value = filter.peek();
  field.value = filter.peek();
  field.focus();
  field.setSelectionRange(...chip.edit);
}
