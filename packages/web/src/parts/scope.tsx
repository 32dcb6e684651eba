import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { chips, withFlag, withoutChip } from "../lib/filter-line.js";
import { safe } from "../lib/safe.js";
import { valuesOf } from "../state/flags.js";
import { filter, go } from "../state/nav.js";
import { Icon } from "./icons.js";
import { Popover } from "./popover.js";

function chosen(line: string) {
  return chips(line).filter((chip) => !chip.not && chip.flag === "--namespace");
}

/** Which namespaces: all of them unless somebody says so. It edits the filter line, so that there is one truth. */
export function Scope() {
  const open = useSignal(false);
  const names = chosen(filter.value).map((chip) => chip.value);
  const text = names.length === 0 ? "All namespaces" : names.join(", ");
  return (
    <Popover
      open={open}
      label="Namespaces"
      className="button scope"
      button={
        <>
          <span class="scope-text">{safe(text, 60)}</span> <Icon name="chevron" size={12} />
        </>
      }
    >
      <Names />
    </Popover>
  );
}

function Names() {
  const found = useSignal<string[] | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      found.value = (await valuesOf("namespace", "", stop.signal)).values;
    })();
    return () => stop.abort();
  }, [found]);
  const line = filter.value;
  const picked = chosen(line);
  const names = [...new Set([...picked.map((chip) => chip.value), ...(found.value ?? [])])];
  return (
    <div class="names">
      <label class="check">
        <input
          type="checkbox"
          checked={picked.length === 0}
          onChange={() => {
            let next = line;
            for (const chip of picked.toReversed()) next = withoutChip(next, chip);
            go({ filter: next });
          }}
        />
        All namespaces
      </label>
      {names.map((name) => {
        const chip = picked.find((each) => each.value === name);
        return (
          <label class="check" key={name}>
            <input
              type="checkbox"
              checked={chip !== undefined}
              onChange={() =>
                go({
                  filter: chip ? withoutChip(line, chip) : withFlag(line, "--namespace", name),
                })
              }
            />
            <span class="mono">{safe(name, 120)}</span>
          </label>
        );
      })}
      {found.value === undefined && <p class="dim">Loading…</p>}
      {found.value?.length === 0 && <p class="dim">No namespace has been seen yet.</p>}
    </div>
  );
}
