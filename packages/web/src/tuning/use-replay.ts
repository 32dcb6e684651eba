/** A candidate held against the stored traffic, anew after each edit. */
import type { ApiError, ReplayAnswer, ReplayRequest } from "@dropscope/model";
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { ask, toApiError } from "../state/api.js";

/** Somebody who types on has not said yet what he means, ms. */
const WAIT_MS = 180;

export interface ReplayQuestion extends ReplayRequest {
  /** ms since 1970. */
  readonly since: number;
  readonly until: number;
}

export interface Replayed {
  /** Of the last text that could be asked about; stays while the next one is replayed. */
  answer: ReplayAnswer | undefined;
  failure: ApiError | undefined;
  /** The answer is not about what is in the editor now. */
  busy: boolean;
}

export function useReplay(question: () => ReplayQuestion | undefined): ReadonlySignal<Replayed> {
  const wanted = useComputed(() => JSON.stringify(question() ?? null));
  const answer = useSignal<ReplayAnswer | undefined>(undefined);
  const failure = useSignal<ApiError | undefined>(undefined);
  const busy = useSignal(true);

  useSignalEffect(() => {
    const asked = JSON.parse(wanted.value) as ReplayQuestion | null;
    if (!asked) {
      busy.value = false;
      return;
    }
    busy.value = true;
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      const { since, until, ...rest } = asked;
      try {
        const body = { ...rest, since: String(since), until: String(until) };
        const found = await ask<ReplayAnswer>("tuning/replay", body, stop.signal);
        if (stop.signal.aborted) return;
        answer.value = found;
        failure.value = undefined;
      } catch (thrown) {
        if (stop.signal.aborted) return;
        failure.value = toApiError(thrown);
      }
      busy.value = false;
    };
    const timer = setTimeout(() => void load(), answer.peek() === undefined ? 0 : WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  });

  return useComputed(() => ({
    answer: answer.value,
    failure: failure.value,
    busy: busy.value,
  }));
}
