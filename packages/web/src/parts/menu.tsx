import { useSignal } from "@preact/signals";
import { density, theme, utc } from "../state/settings.js";
import { Icon } from "./icons.js";
import { Popover } from "./popover.js";

function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: readonly [Value, string][];
  onPick: (value: Value) => void;
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      {props.options.map(([value, text]) => (
        <label class={value === props.value ? "on" : ""} key={value}>
          <input
            type="radio"
            name={props.label}
            checked={value === props.value}
            onChange={() => props.onPick(value)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** How this person likes to read; kept in this browser. */
export function ViewMenu() {
  const open = useSignal(false);
  return (
    <Popover
      open={open}
      label="View settings"
      className="button square"
      button={<Icon name="sliders" />}
    >
      <Choice
        label="Theme"
        value={theme.value}
        options={[
          ["system", "System"],
          ["light", "Light"],
          ["dark", "Dark"],
        ]}
        onPick={(value) => (theme.value = value)}
      />
      <Choice
        label="Times"
        value={utc.value ? "utc" : "local"}
        options={[
          ["local", "My zone"],
          ["utc", "UTC"],
        ]}
        onPick={(value) => (utc.value = value === "utc")}
      />
      <Choice
        label="Rows"
        value={density.value}
        options={[
          ["compact", "Compact"],
          ["comfortable", "Comfortable"],
        ]}
        onPick={(value) => (density.value = value)}
      />
    </Popover>
  );
}
