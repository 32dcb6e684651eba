/** The range that is tuned on: pinned, so that every edit is held against the same traffic. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useAgain } from "../state/asked.js";
import { serverNow } from "../state/clock.js";
import { range } from "../state/nav.js";
import { tuningBounds } from "../state/view.js";
import type { Range } from "../state/view.js";

export interface Span {
  /** ms since 1970. */
  readonly since: number;
  readonly until: number;
}

/** Another range, and asking again, pins it anew. */
export function useSpan(): ReadonlySignal<Span> {
  const span = useSignal<Span>(pinned(range.peek()));
  const tries = useSignal(0);
  const last = useRef(`${JSON.stringify(range.peek())} 0`);
  useSignalEffect(() => {
    const key = `${JSON.stringify(range.value)} ${tries.value}`;
    if (key === last.current) return;
    last.current = key;
    span.value = pinned(range.value);
  });
  useAgain(() => {
    tries.value++;
  });
  return span;
}

function pinned(wanted: Range): Span {
  const { from, to } = tuningBounds(wanted, serverNow());
  return { since: from, until: to };
}
