/** Escape closes what was opened last. */
const stack: (() => void)[] = [];

/** Registers what Escape does next; the returned function takes it back. */
export function onEscape(close: () => void): () => void {
  stack.push(close);
  return () => {
    const index = stack.lastIndexOf(close);
    if (index >= 0) stack.splice(index, 1);
  };
}

/** True when something was closed. */
export function escape(): boolean {
  const close = stack.at(-1);
  close?.();
  return close !== undefined;
}
