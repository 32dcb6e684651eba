import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { safe } from "../lib/safe.js";
import { valuesOf } from "../state/flags.js";

/** One of a few, always shown. */
export function Segments<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly { value: Value; text: string; title: string }[];
  onPick: (value: Value) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(({ value, text, title }) => {
        const on = value === props.value;
        return (
          <button
            type="button"
            class={on ? "button on" : "button"}
            aria-pressed={on}
            title={title}
            key={value}
            onClick={() => props.onPick(value)}
          >
            {text}
          </button>
        );
      })}
    </div>
  );
}

/** One of many. What is chosen is offered also where the store does not know it. */
export function Select(props: {
  label: string;
  value: string;
  /** The choice of none of them, where there is one. */
  none?: string;
  options: readonly string[];
  onPick: (value: string) => void;
}) {
  const { value, options, none } = props;
  const all = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <label class="select">
      <span class="dim">{props.label}</span>
      <select value={value} onChange={(event) => props.onPick(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {all.map((each) => (
          <option value={each} key={each}>
            {safe(each, 120)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Namespaces that were seen, the most frequent first; undefined while they load. */
export function useNamespaces(): readonly string[] | undefined {
  const found = useSignal<readonly string[] | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      const { values } = await valuesOf("namespace", "", stop.signal);
      if (!stop.signal.aborted) found.value = values;
    })();
    return () => stop.abort();
  }, [found]);
  return found.value;
}

/** Workloads of a namespace, by name. */
export function useWorkloads(namespace: string): readonly string[] {
  const found = useSignal<readonly string[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    const prefix = `${namespace}/`;
    void (async () => {
      const { values } = await valuesOf("workload", prefix, stop.signal);
      if (stop.signal.aborted) return;
      found.value = values
        .filter((each) => each.startsWith(prefix))
        .map((each) => each.slice(prefix.length))
        .sort();
    })();
    return () => stop.abort();
  }, [found, namespace]);
  return found.value;
}
