import type { ComponentChildren } from "preact";
import { count } from "../lib/format.js";
import { Icon } from "../parts/icons.js";
import { go, view } from "../state/nav.js";

/** A part of a page that opens and closes; which it is stands in the URL. */
export function Fold(props: {
  /** The switch in the URL: that it is not as it would be by itself. */
  name: string;
  title: string;
  /** In the badge; undefined while it is not known. */
  total: number | undefined;
  wrong: boolean;
  note: string;
  /** How it is by itself. */
  opened: boolean;
  children: ComponentChildren;
}) {
  const flipped = view.value.show.includes(props.name);
  const open = props.opened !== flipped;
  const id = `fold-${props.name}`;
  return (
    <section class={open ? "panel fold open" : "panel fold"} aria-label={props.title}>
      <h2 class="fold-title">
        <button
          type="button"
          class="fold-head"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => {
            const left = view.peek().show.filter((each) => each !== props.name);
            go({ show: flipped ? left : [...left, props.name] }, "replace");
          }}
        >
          <Icon name="chevron" size={12} />
          <span>{props.title}</span>
          {props.total !== undefined && (
            <span
              class={props.wrong && props.total > 0 ? "fold-count wrong num" : "fold-count num"}
            >
              {count(props.total)}
            </span>
          )}
          <span class="dim fold-note">{props.note}</span>
        </button>
      </h2>
      {open && <div id={id}>{props.children}</div>}
    </section>
  );
}
