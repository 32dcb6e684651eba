import type { LineMark } from "@dropscope/model";
import { diffLines, markedLines, noteText } from "../lib/marked.js";
import { copy } from "../state/toast.js";
import { Icon } from "./icons.js";

/** Text with line numbers; marked lines have a bar, a ground and their note below them. */
export function Code(props: { text: string; marks?: readonly LineMark[]; label: string }) {
  const lines = markedLines(props.text, props.marks ?? []);
  return (
    <div class="code-box" role="region" aria-label={props.label} tabIndex={0}>
      {lines.map(({ number, text, role, notes }) => (
        <div key={number}>
          <div
            class={role === undefined ? "code-line" : `code-line marked role-${role}`}
            data-line={number}
          >
            <span class="code-number" aria-hidden="true">
              {number}
            </span>
            <code class={/^\s*#/.test(text) ? "dim" : ""}>{text === "" ? " " : text}</code>
          </div>
          {notes
            .map((mark) => ({ mark, note: noteText(mark) }))
            .filter(({ note }) => note !== "")
            .map(({ mark, note }) => (
              <p class={`code-note role-${mark.role}`} key={`${mark.role} ${mark.path} ${note}`}>
                {note}
              </p>
            ))}
        </div>
      ))}
    </div>
  );
}

const SIGNS = { added: "+", removed: "−", same: " ", place: "" };
const SAID = { added: "added: ", removed: "removed: ", same: "", place: "" };

/** A unified diff: signs and ground, no colours, because colours are verdicts. */
export function Diff(props: { diff: string; label: string; copied?: string }) {
  return (
    <div class="diff">
      <div class="code-box" role="region" aria-label={props.label} tabIndex={0}>
        {diffLines(props.diff).map(({ kind, text }, index) => (
          <div class={`code-line diff-${kind}`} key={index}>
            <span class="code-number" aria-hidden="true">
              {SIGNS[kind]}
            </span>
            {SAID[kind] !== "" && <span class="sr">{SAID[kind]}</span>}
            <code>{text === "" ? " " : text}</code>
          </div>
        ))}
      </div>
      {props.copied !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => void copy(props.diff, props.copied ?? "Patch")}
        >
          <Icon name="copy" size={14} /> Copy the patch
        </button>
      )}
    </div>
  );
}

/** Brings a line of a `Code` into sight. */
export function showLine(number: number): void {
  const line = document.querySelector<HTMLElement>(`[data-line="${number}"]`);
  line?.scrollIntoView({ block: "center" });
  line?.classList.add("pointed");
  setTimeout(() => line?.classList.remove("pointed"), 1600);
}
