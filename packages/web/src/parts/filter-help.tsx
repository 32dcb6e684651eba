import type { ApiError } from "@dropscope/model";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { safe } from "../lib/safe.js";
import { ErrorCode } from "./states.js";

export interface Suggestion {
  text: string;
  note?: string;
  value?: string;
  /** More of the same word may follow. */
  open?: boolean;
}

export function Suggestions(props: {
  list: Suggestion[];
  active: number;
  /** Tab takes the first one. */
  tab: boolean;
  onPick: (chosen: Suggestion) => void;
}) {
  const box = useRef<HTMLUListElement>(null);
  useEffect(() => {
    box.current?.children[props.active]?.scrollIntoView({ block: "nearest" });
  }, [props.active]);
  return (
    <ul class="suggest" id="filter-list" role="listbox" aria-label="Suggestions" ref={box}>
      {props.list.map((each, index) => (
        <li
          key={each.text}
          id={`filter-option-${index}`}
          role="option"
          aria-selected={index === props.active}
          class={index === props.active ? "active" : ""}
          // Before the field loses the focus, which would close the list.
          onPointerDown={(event) => {
            event.preventDefault();
            props.onPick(each);
          }}
        >
          <span class="mono">
            {safe(each.text, 120)}
            {each.value && <span class="dim"> {each.value}</span>}
          </span>
          {index === 0 && props.active < 0 && props.tab && <kbd>Tab</kbd>}
          {each.note && <span class="suggest-note">{safe(each.note, 200)}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Under the word that is wrong: what, what next, and what the page shows meanwhile. */
export function FilterError({ error, applied }: { error: ApiError; applied: string }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = (): void => {
      const field = document.querySelector<HTMLInputElement>("#filter");
      const row = box.current;
      if (!field || !row) return;
      const wanted = wordLeft(field, error.at?.[0] ?? 0) - row.getBoundingClientRect().left;
      const most = row.clientWidth - Math.min(row.clientWidth, 460);
      row.style.setProperty("--at", `${Math.max(0, Math.min(wanted, most))}px`);
    };
    place();
    addEventListener("resize", place);
    return () => removeEventListener("resize", place);
  }, [error]);
  return (
    <div class="filter-error" id="filter-error" role="alert" ref={box}>
      <p>
        <b>{safe(error.message)}</b> {safe(error.next)}
      </p>
      <p class="dim">
        {applied === "" ? "Showing all flows until then." : `Still showing ${safe(applied, 200)}`}{" "}
        Code <ErrorCode code={error.code} />
      </p>
    </div>
  );
}

/** Client x of the character at `index`; the field is set in one fixed-width face. */
function wordLeft(field: HTMLInputElement, index: number): number {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return 0;
  pen.font = getComputedStyle(field).font;
  return field.getBoundingClientRect().left + pen.measureText("0").width * index - field.scrollLeft;
}
