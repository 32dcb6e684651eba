import type { CandidateProblem } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Code } from "../parts/code.js";
import type { Editor } from "./editor-view.js";

/** A text that can be edited, with its problems at their lines. */
export function YamlEditor(props: {
  text: string;
  /** Another one whenever the text is another one that was not typed here. */
  outside: number;
  problems: readonly CandidateProblem[];
  label: string;
  onChange: (text: string) => void;
  /** For whoever wants to show a line. */
  control: { current: Editor | undefined };
}) {
  const { text, outside, problems, label, control } = props;
  const host = useRef<HTMLDivElement>(null);
  const state = useSignal<"loading" | "ready" | "failed">("loading");
  const last = useRef(props);
  last.current = props;

  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      try {
        const { createEditor } = await import("./editor-view.js");
        const place = host.current;
        if (gone || !place) return;
        control.current = createEditor({
          parent: place.shadowRoot ?? place.attachShadow({ mode: "open" }),
          text: last.current.text,
          label: last.current.label,
          onChange: (next) => last.current.onChange(next),
        });
        state.value = "ready";
      } catch {
        // The file did not come. A plain field edits as well.
        if (!gone) state.value = "failed";
      }
    };
    void load();
    return () => {
      gone = true;
      control.current?.destroy();
      control.current = undefined;
    };
  }, [control, state]);

  const ready = state.value === "ready";
  // What was typed comes back as a property a moment later, when more has been typed: it is never set.
  useEffect(() => control.current?.setText(last.current.text), [control, ready, outside]);
  useEffect(() => control.current?.setProblems(problems), [control, ready, problems]);

  return (
    <>
      {/* What is typed in the shadow is for the editor, not for the keys of the page. */}
      <div class={ready ? "editor" : "editor waiting"} ref={host} data-typing />
      {state.value === "loading" && (
        <div class="editor-first">
          <Code text={text} label={label} />
        </div>
      )}
      {state.value === "failed" && (
        <textarea
          class="editor-plain mono"
          aria-label={label}
          spellcheck={false}
          value={text}
          onInput={(event) => props.onChange(event.currentTarget.value)}
        />
      )}
    </>
  );
}
