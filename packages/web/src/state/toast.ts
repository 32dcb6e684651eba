/** One short line that says what just happened, and goes. */
import { signal } from "@preact/signals";

export const toast = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  toast.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    toast.value = "";
  }, 3500);
}

/** Puts text on the clipboard and says so. Without the clipboard (plain http to a name) it says how else. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr";
    document.body.append(field);
    field.select();
    // The only way on a page without a secure context.
    const done = document.execCommand("copy");
    field.remove();
    say(done ? `${what} copied` : `The browser did not allow to copy the ${what.toLowerCase()}`);
  }
}
