/** What is soon true is seen soon; a condition that asks a server or starts a process must not keep it busy, ms. */
const FIRST_LOOK_MS = 4;
const LAST_LOOKS_MS = 150;

/** Waits for a condition that the network brings about; fails with what it waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  let pause = FIRST_LOOK_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(LAST_LOOKS_MS, pause * 1.5);
  }
}
