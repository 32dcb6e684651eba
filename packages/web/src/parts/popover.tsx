import { useEffect, useId, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Signal } from "@preact/signals";
import { onEscape } from "../state/escape.js";

/** A button that opens a panel below itself. Escape and a click outside close it; focus goes back to the button. */
export function Popover(props: {
  open: Signal<boolean>;
  label: string;
  className: string;
  button: ComponentChildren;
  children: ComponentChildren;
  wide?: boolean;
}) {
  const { open } = props;
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open.value) return;
    const away = (event: Event): void => {
      if (!(event.target instanceof Node) || !box.current?.contains(event.target))
        open.value = false;
    };
    document.addEventListener("pointerdown", away);
    const forget = onEscape(() => {
      open.value = false;
      button.current?.focus();
    });
    return () => {
      document.removeEventListener("pointerdown", away);
      forget();
    };
  }, [open.value, open]);
  return (
    <div class="pop" ref={box}>
      <button
        ref={button}
        type="button"
        class={props.className}
        aria-expanded={open.value}
        aria-controls={id}
        aria-label={props.label}
        title={props.label}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {props.button}
      </button>
      {open.value && (
        <div
          id={id}
          class={props.wide ? "pop-panel wide" : "pop-panel"}
          role="dialog"
          aria-label={props.label}
        >
          {props.children}
        </div>
      )}
    </div>
  );
}
