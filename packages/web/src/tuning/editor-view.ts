/** The YAML editor. Loaded when somebody edits: nobody else pays for it. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import type { Text } from "@codemirror/state";
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { CandidateProblem } from "@dropscope/model";
import { safe } from "../lib/safe.js";
import { problemText } from "./words.js";

export interface Editor {
  /** Another text; the step can be undone. */
  setText(text: string): void;
  setProblems(problems: readonly CandidateProblem[]): void;
  /** Puts the cursor into a line, from 1, and shows it. */
  showLine(line: number): void;
  destroy(): void;
}

/** What could hide or reorder text, beyond what the editor itself makes visible. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Colours are those of the page: its variables reach into the shadow. */
const LOOK = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--text)",
    backgroundColor: "var(--bg)",
    fontSize: "var(--editor-size)",
  },
  // The panel around it shows the focus: what stands in the gutter would cover it.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", overflow: "auto" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-gutters": {
    color: "var(--dim)",
    backgroundColor: "var(--bg)",
    border: "none",
    fontSize: "11px",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter": {
    backgroundColor: "var(--sunk)",
  },
  ".cm-content ::selection": { backgroundColor: "var(--accent-wash)" },
  ".cm-specialChar": { color: "var(--text)", outline: "1px solid var(--text)" },
  ".cm-lintRange": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--text)",
    textUnderlineOffset: "3px",
    textDecorationSkipInk: "none",
  },
  ".cm-lintRange-info, .cm-lintRange-hint": { textDecoration: "underline dotted var(--dim)" },
  ".cm-lintRange-active": { backgroundColor: "var(--sunk)" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0" },
  // A shape for each severity: colours are verdicts.
  ".cm-lint-marker": { content: "normal", width: "14px", height: "20px", cursor: "help" },
  ".cm-lint-marker::before": {
    display: "block",
    font: "700 13px/20px var(--mono)",
    textAlign: "center",
    color: "var(--text)",
    content: "'!'",
  },
  ".cm-lint-marker-error::before": { content: "'×'" },
  ".cm-lint-marker-info::before": { content: "'i'", color: "var(--dim)" },
  ".cm-tooltip": {
    maxWidth: "min(460px, 80vw)",
    color: "var(--text)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    boxShadow: "var(--shadow)",
    fontFamily: "var(--sans)",
    fontSize: "13px",
  },
  ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--text)", marginLeft: "0" },
  ".cm-diagnostic-info, .cm-diagnostic-hint": { borderLeftColor: "var(--dim)" },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--surface)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": {
    color: "var(--text)",
    backgroundColor: "var(--sunk)",
  },
});

const INK = HighlightStyle.define([
  { tag: tags.comment, color: "var(--dim)", fontStyle: "italic" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--dim)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--dim)" },
  { tag: tags.meta, color: "var(--dim)", fontWeight: "600" },
]);

export function createEditor(options: {
  /** A shadow root takes style sheets as objects: the page allows none in its markup. */
  parent: ShadowRoot;
  text: string;
  label: string;
  onChange: (text: string) => void;
}): Editor {
  const { parent, text, label, onChange } = options;
  const view = new EditorView({
    parent,
    root: parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        highlightSpecialChars({ addSpecialChars: HIDDEN }),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        history(),
        indentUnit.of("  "),
        yaml(),
        syntaxHighlighting(INK),
        LOOK,
        keymap.of([
          ...defaultKeymap,
          ...historyKeymap,
          ...lintKeymap,
          { key: "Escape", run: leave },
        ]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        EditorView.domEventHandlers({ beforeinput: typeOver }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(next) {
      // The editor has line feeds alone.
      const wanted = next.replaceAll(/\r\n?/g, "\n");
      const { doc } = view.state;
      if (doc.length === wanted.length && doc.toString() === wanted) return;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: wanted } });
    },
    setProblems(problems) {
      const { doc } = view.state;
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map((problem) => diagnosticOf(doc, problem)),
        ),
      );
    },
    showLine(line) {
      const { from } = view.state.doc.line(within(line, view.state.doc.lines));
      view.dispatch({
        selection: { anchor: from },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
    destroy() {
      view.destroy();
    },
  };
}

/** Escape gives the keys back to the page; what is open in it closes with the next one. */
function leave(view: EditorView): boolean {
  view.contentDOM.blur();
  return true;
}

/** What is typed over a selection: the browser would join the lines with inline styles, which the page forbids. */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { state } = view;
  if (event.inputType !== "insertText" || event.data === null || event.isComposing) return false;
  if (state.readOnly || state.selection.main.empty) return false;
  view.dispatch(state.replaceSelection(event.data), {
    userEvent: "input.type",
    scrollIntoView: true,
  });
  return true;
}

function within(line: number, lines: number): number {
  return Math.min(Math.max(1, line), lines);
}

function diagnosticOf(doc: Text, problem: CandidateProblem): Diagnostic {
  const line = doc.line(within(problem.line, doc.lines));
  const end = line.text.trimEnd().length;
  // Of a place beyond the text, or in its indent, what is said of the line.
  const start = Math.min(Math.max(0, problem.column - 1), end);
  const word = Math.max(0, line.text.slice(start).search(/\S/));
  const from = start < end ? start + word : line.text.length - line.text.trimStart().length;
  return {
    from: line.from + Math.min(from, end),
    to: line.from + end,
    severity: problem.severity,
    message: safe(problemText(problem), 800),
  };
}
