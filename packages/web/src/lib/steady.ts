import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

/** Those that are still there keep their places; new ones come last. */
export function keepOrder<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): Item[] {
  const fresh = new Map(after.map((item) => [keyOf(item), item]));
  const kept: Item[] = [];
  for (const item of before) {
    const now = fresh.get(keyOf(item));
    if (now !== undefined) kept.push(now);
    fresh.delete(keyOf(item));
  }
  return [...kept, ...fresh.values()];
}

/** A list that keeps its order while the pointer is over it: the row one is about to click must not move away. */
export function useSteady<Item>(
  sorted: readonly Item[],
  keyOf: (item: Item) => string,
): {
  items: readonly Item[];
  hold: { onPointerEnter: (event: PointerEvent) => void; onPointerLeave: () => void };
} {
  const over = useSignal(false);
  const still = useRef<readonly Item[]>([]);
  const items = over.value ? keepOrder(still.current, sorted, keyOf) : sorted;
  still.current = items;
  return {
    items,
    hold: {
      onPointerEnter: (event) => {
        over.value = event.pointerType !== "touch";
      },
      onPointerLeave: () => {
        over.value = false;
      },
    },
  };
}
