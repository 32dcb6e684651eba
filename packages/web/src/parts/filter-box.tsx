import { batch, signal, useSignalEffect } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { quoteWord } from "@dropscope/model";
import { completionAt, matchingFlags } from "../lib/filter-line.js";
import type { Completion } from "../lib/filter-line.js";
import { safe } from "../lib/safe.js";
import { flags, needFlags, valuesOf } from "../state/flags.js";
import { FILTER_CAP } from "../state/view.js";
import { filter, go, place } from "../state/nav.js";
import { shownError } from "../state/filter-draft.js";
import { draft } from "../state/filter-draft.js";
import { suggestionsOf } from "./filter-values.js";
import { Suggestions } from "./filter-help.js";
import type { Suggestion } from "./filter-help.js";
import { Icon } from "./icons.js";

const MOST = 40;

export function focusFilter(): void {
  document.querySelector<HTMLInputElement>("#filter")?.focus();
}

export function FilterBox() {
  const input = useRef<HTMLInputElement>(null);
  const ghost = useRef<HTMLDivElement>(null);
  const open = useRef(signal(false)).current;
  const list = useRef(signal<Suggestion[]>([])).current;
  const active = useRef(signal(-1)).current;
  const spot = useRef<Completion | undefined>(undefined);
  const asking = useRef<AbortController | undefined>(undefined);

  useEffect(() => () => asking.current?.abort(), []);

  // The flags come after the first focus: whoever waits in the field gets them then.
  useSignalEffect(() => {
    if (flags.value.length > 0 && document.activeElement === input.current) suggest();
  });

  // What is wrong is to be seen, also in a narrow field whose line is longer.
  const at = shownError()?.at;
  useLayoutEffect(() => {
    const field = input.current;
    const mark = ghost.current?.querySelector("mark");
    if (!field || !mark || !ghost.current) return;
    const { scrollLeft, clientWidth } = field;
    const { offsetLeft, offsetWidth } = mark;
    if (offsetLeft < scrollLeft || offsetLeft + offsetWidth > scrollLeft + clientWidth)
      field.scrollLeft = Math.max(0, offsetLeft - clientWidth / 3);
    ghost.current.scrollLeft = field.scrollLeft;
  }, [at?.[0], at?.[1], filter.value]);

  function show(found: Suggestion[]): void {
    batch(() => {
      list.value = found.slice(0, MOST);
      active.value = -1;
      open.value = found.length > 0;
    });
  }

  /** Looks at the caret and offers what fits there. */
  function suggest(): void {
    const field = input.current;
    if (!field) return;
    asking.current?.abort();
    const found = completionAt(
      field.value,
      field.selectionStart ?? field.value.length,
      flags.peek(),
    );
    spot.current = found;
    if (!found) return show([]);
    if (found.kind === "flag") {
      return show(
        matchingFlags(found.prefix, flags.peek()).map((flag) => ({
          text: flag.name,
          note: flag.help,
          value: flag.value,
        })),
      );
    }
    const { flag, prefix } = found;
    show(suggestionsOf(flag, prefix, undefined));
    const what = flag?.complete;
    if (!what) return;
    const mine = new AbortController();
    asking.current = mine;
    const ask = async (): Promise<void> => {
      if (mine.signal.aborted) return;
      const answer = await valuesOf(what, prefix, mine.signal);
      if (!mine.signal.aborted) show(suggestionsOf(flag, prefix, answer));
    };
    setTimeout(() => void ask(), 100);
  }

  function accept(chosen: Suggestion): void {
    const field = input.current;
    const where = spot.current;
    if (!field || !where) return;
    const text = where.kind === "value" ? quoteWord(chosen.text) : chosen.text;
    const after = field.value.slice(where.end).trimStart();
    // Behind the key of a label its value may follow.
    const gap = chosen.open === true && after === "" ? "" : " ";
    const head = `${field.value.slice(0, where.start)}${text}${gap}`;
    // At once, not with the next drawing: the next key may already be on its way.
    field.value = head + after;
    field.setSelectionRange(head.length, head.length);
    draft.value = field.value;
    suggest();
  }

  function apply(): void {
    asking.current?.abort();
    open.value = false;
    // What is hidden in a pasted text is shown before it is asked.
    draft.value = safe(draft.peek().trim(), FILTER_CAP);
    go({ filter: draft.peek() });
  }

  function onKeyDown(event: TargetedKeyboardEvent<HTMLInputElement>): void {
    const size = list.peek().length;
    const chosen = list.peek()[active.peek()];
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && size > 0) {
      event.preventDefault();
      open.value = true;
      const step = event.key === "ArrowDown" ? 1 : -1;
      active.value = (active.peek() + step + size + (active.peek() < 0 && step < 0 ? 1 : 0)) % size;
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open.peek() && chosen) accept(chosen);
      else apply();
    } else if (event.key === "Tab" && !event.shiftKey && open.peek()) {
      const pick = chosen ?? (spot.current?.prefix ? list.peek()[0] : undefined);
      if (pick) {
        event.preventDefault();
        accept(pick);
      }
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (open.peek()) open.value = false;
      else {
        draft.value = filter.peek();
        input.current?.blur();
      }
    }
  }

  const error = shownError();
  const changed = draft.value.trim() !== filter.value;
  return (
    <search class="filter" aria-label="Filter flows">
      <div class={error ? "filter-field bad" : "filter-field"}>
        <Icon name="filter" size={14} />
        <div class="filter-text">
          <div class="filter-ghost" ref={ghost} aria-hidden="true">
            {error?.at && <Ghost line={filter.value} at={error.at} />}
          </div>
          <input
            id="filter"
            ref={input}
            type="text"
            role="combobox"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            aria-label={
              place.value === "problems"
                ? "Filter: words, and flags of hubble observe"
                : "Filter, in the flags of hubble observe"
            }
            aria-expanded={open.value}
            aria-controls="filter-list"
            aria-autocomplete="list"
            aria-activedescendant={active.value >= 0 ? `filter-option-${active.value}` : undefined}
            aria-invalid={error !== undefined}
            aria-errormessage={error ? "filter-error" : undefined}
            placeholder={
              place.value === "problems"
                ? "checkout --to-port 53"
                : "--verdict DROPPED --to-port 5432"
            }
            value={draft.value}
            onInput={(event) => {
              draft.value = event.currentTarget.value;
              suggest();
            }}
            onFocus={() => {
              needFlags();
              suggest();
            }}
            onClick={suggest}
            onBlur={() => {
              asking.current?.abort();
              open.value = false;
            }}
            onKeyDown={onKeyDown}
            onScroll={(event) => {
              if (ghost.current) ghost.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
          />
        </div>
        {changed && (
          <button
            type="button"
            class="hint"
            onPointerDown={(event) => event.preventDefault()}
            onClick={apply}
          >
            <kbd>Enter</kbd> applies
          </button>
        )}
        {!changed && draft.value === "" && <kbd class="slash">/</kbd>}
        {draft.value !== "" && (
          <button
            type="button"
            class="ghost"
            aria-label="Clear filter"
            title="Clear filter"
            onClick={() => {
              draft.value = "";
              go({ filter: "" });
            }}
          >
            <Icon name="close" size={14} />
          </button>
        )}
      </div>
      {open.value && (
        <Suggestions
          list={list.value}
          active={active.value}
          tab={(spot.current?.prefix ?? "") !== ""}
          onPick={accept}
        />
      )}
    </search>
  );
}

/** The line again, invisible, to put the wavy line under the word that is wrong. */
function Ghost({ line, at }: { line: string; at: [number, number] }) {
  const [start, end] = at;
  const word = line.slice(start, Math.max(end, start + 1));
  return (
    <>
      {line.slice(0, start)}
      <mark>{word === "" ? " " : word}</mark>
      {line.slice(Math.max(end, start + 1))}
    </>
  );
}
