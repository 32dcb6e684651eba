/** Ways into the comparison. */
import { serverNow } from "../state/clock.js";
import { go, range } from "../state/nav.js";

/** What is shown, against as much time right before it. */
export function openCompare(): void {
  const shown = range.peek();
  go({
    place: "compare",
    flow: "",
    // A moment has no length of its own: what came after it is compared with what was before.
    ...(shown.kind === "at" && aroundChange(shown.at)),
  });
}

const HOUR = 3_600_000;
const LEAST = 60_000;

/** Before and after a moment, as much time on either side as has passed since, an hour at most. */
export function aroundChange(
  at: number,
  most = HOUR,
): Pick<Parameters<typeof go>[0], "range" | "against"> {
  const length = Math.max(LEAST, Math.min(most, serverNow() - at));
  return {
    range: { kind: "between", from: at, to: Math.min(at + length, serverNow()) },
    against: { kind: "between", from: at - length, to: at },
  };
}
