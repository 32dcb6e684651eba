import type { ComponentChildren } from "preact";
import { follow, hrefOf } from "../lib/goto.js";
import type { View } from "../state/view.js";

/** A link within the page: it can be opened in a tab of its own, and copied. */
export function Goto(props: {
  to: Partial<View>;
  class?: string;
  label?: string;
  /** It leads to where one is. */
  current?: boolean;
  children: ComponentChildren;
}) {
  return (
    <a
      class={props.class ?? "link"}
      href={hrefOf(props.to)}
      aria-label={props.label}
      aria-current={props.current === true ? "page" : undefined}
      onClick={(event) => follow(event, props.to)}
    >
      {props.children}
    </a>
  );
}
