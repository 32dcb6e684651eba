/** The flow in the drawer. */
import type { ApiError, FlowDetail } from "@dropscope/model";
import { effect, signal } from "@preact/signals";
import { get, toApiError } from "./api.js";
import { openFlow } from "./nav.js";

export type Detail =
  | { state: "closed" }
  /** `before` keeps the last flow on screen while the next loads. */
  | { state: "loading"; uuid: string; before?: FlowDetail }
  | { state: "shown"; uuid: string; detail: FlowDetail }
  | { state: "failed"; uuid: string; error: ApiError };

export const detail = signal<Detail>({ state: "closed" });
const again = signal(0);

let stop: AbortController | undefined;
let wait: ReturnType<typeof setTimeout> | undefined;

export function startDetail(): void {
  effect(() => {
    const uuid = openFlow.value;
    void again.value;
    stop?.abort();
    clearTimeout(wait);
    if (uuid === "") {
      detail.value = { state: "closed" };
      return;
    }
    const last = detail.peek();
    detail.value = {
      state: "loading",
      uuid,
      ...(last.state === "shown" && { before: last.detail }),
      ...(last.state === "loading" && last.before && { before: last.before }),
    };
    // j j j: only the row where the reader stops is fetched.
    wait = setTimeout(() => void load(uuid), last.state === "closed" ? 0 : 90);
  });
}

export function retryDetail(): void {
  again.value++;
}

async function load(uuid: string): Promise<void> {
  const mine = new AbortController();
  stop = mine;
  try {
    const found = await get<FlowDetail>(`flows/${encodeURIComponent(uuid)}`, {}, mine.signal);
    if (!mine.signal.aborted) detail.value = { state: "shown", uuid, detail: found };
  } catch (thrown) {
    if (!mine.signal.aborted) detail.value = { state: "failed", uuid, error: toApiError(thrown) };
  }
}
