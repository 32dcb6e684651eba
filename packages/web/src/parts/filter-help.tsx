import type { ApiError } from "@dropscope/model";
import { useEffect, useRef } from "preact/hooks";
import { safe } from "../lib/safe.js";
import { ErrorCode } from "./states.js";

export interface Suggestion {
  text: string;
  note?: string;
  value?: string;
}

export function Suggestions(props: {
  list: Suggestion[];
  active: number;
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
          {each.note && <span class="suggest-note">{each.note}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Under the word that is wrong: what, what next, and what the page shows meanwhile. */
export function FilterError({ error, applied }: { error: ApiError; applied: string }) {
  const start = Math.min(error.at?.[0] ?? 0, 48);
  return (
    <div class="filter-error" id="filter-error" role="alert" style={{ "--at": `${start}ch` }}>
      <p class="strong">{safe(error.message)}</p>
      {error.next !== "" && <p>{safe(error.next)}</p>}
      <p class="dim">
        {applied === "" ? "Showing all flows until then." : `Still showing: ${safe(applied, 200)}`} Code{" "}
        <ErrorCode code={error.code} />
      </p>
    </div>
  );
}
