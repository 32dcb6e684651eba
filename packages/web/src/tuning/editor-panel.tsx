import type { CandidateProblem, PolicyName, PolicyRow, ReplayAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { plural } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { saveText } from "../lib/save.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { policyText } from "../policies/words.js";
import { copy } from "../state/toast.js";
import { Changes } from "./changes.js";
import { documentsOf, fileNames } from "./documents.js";
import type { Editor } from "./editor-view.js";
import { choices, choose } from "./scope.js";
import { changesText, problemText } from "./words.js";
import { YamlEditor } from "./yaml-editor.js";

/** The text, what is wrong with it, and the ways to take it along. */
export function EditorPanel(props: {
  text: string;
  outside: number;
  edited: boolean;
  /** Without a text: back to where it began. */
  edit: (text: string | undefined) => void;
  backTo: string;
  /** Where it began is not what it was when the edit began. */
  moved: boolean;
  namespace: string;
  problems: readonly CandidateProblem[];
  /** What becomes of the policies in force. */
  changes: ReplayAnswer["changes"];
  known: readonly PolicyRow[] | undefined;
  others: readonly PolicyName[];
  control: { current: Editor | undefined };
}) {
  const { text, edited, namespace, problems } = props;
  const changes = useSignal(false);
  const documents = documentsOf(text, namespace);
  const files = fileNames(documents);
  const file = files.length === 1 && files[0] ? files[0] : `${namespace || "policies"}.yaml`;
  return (
    <section class="panel editor-panel" aria-label="Policies">
      <div class="panel-head">
        <h2>{changes.value ? "Against what is in force" : "YAML"}</h2>
        <span class="dim panel-note num">
          {plural(documents.length, "policy", "policies")}
          {edited ? ", edited" : ""}
          {props.changes.length > 0 && ` (${changesText(props.changes)})`}
        </span>
        <span class="panel-actions">
          {edited && (
            <button type="button" class="button" onClick={() => props.edit(undefined)}>
              {props.backTo}
            </button>
          )}
          <button
            type="button"
            class={changes.value ? "button on" : "button"}
            aria-pressed={changes.value}
            onClick={() => (changes.value = !changes.value)}
          >
            Patch
          </button>
          <button type="button" class="button" onClick={() => void copy(text, "YAML")}>
            <Icon name="copy" size={14} /> Copy
          </button>
          <button
            type="button"
            class="button primary"
            disabled={documents.length === 0}
            onClick={() => saveText(file, text)}
          >
            <Icon name="download" size={14} /> Download
          </button>
        </span>
      </div>
      {changes.value ? (
        <Changes
          documents={documents}
          files={files}
          namespace={namespace}
          known={props.known}
          removed={choices.value.replace ? props.others : []}
          file={file}
        />
      ) : (
        <YamlEditor
          text={text}
          outside={props.outside}
          problems={problems}
          label="YAML of the policies"
          onChange={props.edit}
          control={props.control}
        />
      )}
      {props.moved && (
        <p class="moved" role="status">
          <Icon name="warn" size={14} /> Another text is proposed by now; your edit stays as it is
          until you go back.
        </p>
      )}
      <Problems
        problems={problems}
        show={(line) => {
          changes.value = false;
          // The editor may be drawn only now.
          requestAnimationFrame(() => props.control.current?.showLine(line));
        }}
      />
      <Others {...props} />
    </section>
  );
}

function Problems(props: { problems: readonly CandidateProblem[]; show: (line: number) => void }) {
  if (props.problems.length === 0) return null;
  return (
    <ul class="text-problems" aria-label="Problems of the text" aria-live="polite">
      {props.problems.slice(0, 50).map((problem) => (
        <li key={`${problem.line} ${problem.column} ${problem.rule} ${problem.message}`}>
          <button type="button" onClick={() => props.show(problem.line)}>
            <span class={`severity severity-${problem.severity}`}>{problem.severity}</span>
            <span>{safe(problemText(problem), 600)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const FEW = 6;

/** Policies that the text says nothing of: they stay, unless somebody tries without them. */
function Others({ others, namespace }: { others: readonly PolicyName[]; namespace: string }) {
  if (others.length === 0) return null;
  const { replace } = choices.value;
  return (
    <div class="others">
      <p class="dim">
        {plural(others.length, "other policy", "other policies")} of {safe(namespace, 253)}{" "}
        {replace ? "would be taken away: " : `${others.length === 1 ? "stays" : "stay"} in force: `}
        {others.slice(0, FEW).map((policy, index) => (
          <span key={policyItem(policy)}>
            {index > 0 && ", "}
            <Goto to={policyTarget(policy)}>
              {safe(policyText({ ...policy, namespace: "" }), 253)}
            </Goto>
          </span>
        ))}
        {others.length > FEW && ` and ${others.length - FEW} more`}
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={replace}
          onChange={(event) => choose("replace", event.currentTarget.checked)}
        />
        Try without {others.length === 1 ? "it" : "them"}
      </label>
    </div>
  );
}
