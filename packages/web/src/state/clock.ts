/** The server's clock as this page knows it, and a signal that moves once a second. */
import { signal } from "@preact/signals";

let offset = 0;
/** Server time, ms; moves at most once a second. */
export const now = signal(Date.now());

export function serverNow(): number {
  return Date.now() + offset;
}

/** A frame says what time it is there. Small differences are the network's, not the clock's. */
export function learnServerTime(at: number): void {
  if (Number.isFinite(at) && Math.abs(at - serverNow()) > 400) {
    offset = at - Date.now();
    now.value = at;
  }
}

export function startClock(): void {
  setInterval(() => {
    now.value = serverNow();
  }, 1000);
}
