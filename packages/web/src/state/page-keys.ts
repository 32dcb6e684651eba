/** Keys of the open page: they come before those that every page has. */
import { useEffect } from "preact/hooks";

export type PageKeys = Readonly<Record<string, () => void>>;

const stack: PageKeys[] = [];

export function usePageKeys(keys: PageKeys): void {
  useEffect(() => {
    stack.push(keys);
    return () => {
      stack.splice(stack.indexOf(keys), 1);
    };
  });
}

/** What the open page does with a key; undefined when it is not its own. */
export function pageKey(key: string): (() => void) | undefined {
  return stack.at(-1)?.[key];
}
