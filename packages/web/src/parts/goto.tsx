import type { ComponentChildren } from "preact";
import { follow, hrefOf } from "../lib/goto.js";
import type { View } from "../state/view.js";

/** A link within the page: it can be opened in a tab of its own, and copied. */
export function Goto(props: {
  to: Partial<View>;
  class?: string;
  label?: string;
  children: ComponentChildren;
}) {
  return (
    <a
      class={props.class ?? "link"}
      href={hrefOf(props.to)}
      aria-label={props.label}
      onClick={(event) => follow(event, props.to)}
    >
      {props.children}
    </a>
  );
}
