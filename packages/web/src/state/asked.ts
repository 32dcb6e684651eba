/** One question to the server, asked again when it changes, when time has passed, or when the reader says so. */
import type { ApiError } from "@dropscope/model";
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, toApiError } from "./api.js";
import { serverNow } from "./clock.js";
import { link } from "./live.js";

export interface Question {
  /** Below api/v1/. */
  path: string;
  query: Record<string, string | number | undefined>;
  /** A change of it asks again, as a change of the query does: what `at` was made from. */
  key?: string;
  /** Asked again so often, ms; never when absent. */
  every?: number;
  /** An answer about something else must not stay on screen while this one loads. */
  about?: string;
}

export interface Asked<Answer> {
  /** The last good answer; stays while the next one loads or fails. */
  answer: Answer | undefined;
  /** Server clock when it came, ms. */
  at: number;
  failure: ApiError | undefined;
  /** The first answer to this question is on its way. */
  loading: boolean;
  again: () => void;
}

interface Kept<Answer> {
  answer: Answer;
  at: number;
  about: string;
}

/** `question` reads signals; `bounds` of a rolling range belong into `at`, which is called for each request. */
export function useAsked<Answer>(
  question: () => Question | undefined,
  at: () => Record<string, number> = () => ({}),
): ReadonlySignal<Asked<Answer>> {
  const wanted = useComputed(() => JSON.stringify(question() ?? null));
  const kept = useSignal<Kept<Answer> | undefined>(undefined);
  const failure = useSignal<ApiError | undefined>(undefined);
  const loading = useSignal(true);
  const tries = useSignal(0);
  const connected = useComputed(() => link.value.state !== "lost");

  useSignalEffect(() => {
    const asked = JSON.parse(wanted.value) as Question | null;
    void tries.value;
    // A connection that is back is a reason to ask again; a lost one is not.
    const online = connected.value;
    if (!asked) return;
    const about = asked.about ?? "";
    if (kept.peek() && kept.peek()?.about !== about) kept.value = undefined;
    if (!online && kept.peek()) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    loading.value = true;
    const load = async (): Promise<void> => {
      try {
        const query = { ...asked.query, ...at() };
        const answer = await get<Answer>(asked.path, query, stop.signal);
        if (stop.signal.aborted) return;
        kept.value = { answer, at: serverNow(), about };
        failure.value = undefined;
      } catch (thrown) {
        if (stop.signal.aborted) return;
        failure.value = toApiError(thrown);
      }
      loading.value = false;
      if (asked.every !== undefined) timer = setTimeout(next, asked.every);
    };
    const next = (): void => {
      // Nobody looks: the next look asks.
      if (document.visibilityState === "hidden") timer = setTimeout(next, 1000);
      else void load();
    };
    void load();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  });

  return useComputed(() => ({
    answer: kept.value?.answer,
    at: kept.value?.at ?? 0,
    failure: failure.value,
    loading: loading.value,
    again: () => {
      tries.value++;
    },
  }));
}

/** `r` and the menu ask the open page again. */
const askers = new Set<() => void>();

export function useAgain(again: () => void): void {
  useEffect(() => {
    askers.add(again);
    return () => {
      askers.delete(again);
    };
  });
}

export function askAgain(): void {
  for (const again of askers) again();
}
