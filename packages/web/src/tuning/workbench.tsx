import type {
  CandidateProblem,
  PoliciesAnswer,
  PolicyName,
  PolicyRow,
  ReplayGroup,
} from "@dropscope/model";
import { useComputed, useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { policyItem } from "../lib/policy-name.js";
import { PageHead } from "../parts/page-head.js";
import { useAsked } from "../state/asked.js";
import type { Asked } from "../state/asked.js";
import { range } from "../state/nav.js";
import { momentOf } from "../state/view.js";
import { documentsOf } from "./documents.js";
import { draftOf, keepDraft } from "./draft.js";
import { EditorPanel } from "./editor-panel.js";
import type { Editor } from "./editor-view.js";
import { EvidenceNote } from "./evidence.js";
import { ReplayMapPanel } from "./replay-map-panel.js";
import { ReplayPanel } from "./replay-panel.js";
import { choices } from "./scope.js";
import { useReplay } from "./use-replay.js";
import type { Span } from "./use-span.js";
import { replaySentence } from "./words.js";

const NO_PROBLEMS: readonly CandidateProblem[] = [];
const NO_POLICIES: readonly PolicyRow[] = [];
const NO_GROUPS: readonly ReplayGroup[] = [];

/** A text of policies, and what it would do to the traffic that was seen: anew after each edit. */
export function Workbench(props: {
  /** `Tuning web/cart`. */
  title: string;
  /** What the draft is kept under. */
  about: string;
  /** Empty for all of the cluster. */
  namespace: string;
  span: ReadonlySignal<Span>;
  /** The text as it was proposed, or as it is in force. */
  base: string;
  /** Where that comes from, and how old it is. */
  asked: Asked<unknown>;
  /** What to call going back to it. */
  backTo: string;
  children?: ComponentChildren;
}) {
  const { about, namespace, span, base } = props;
  const draft = useSignal(draftOf(about));
  // Signals notice a change of what a property holds only through one of their own.
  const proposed = useSignal(base);
  const outside = useSignal(0);
  const moved = useSignal(false);
  if (proposed.peek() !== base) {
    proposed.value = base;
    if (draft.peek() === undefined) outside.value++;
    else moved.value = true;
  }
  const text = useComputed(() => draft.value ?? proposed.value);
  const picked = useSignal("");
  const control = useRef<Editor | undefined>(undefined);

  const known = useAsked<PoliciesAnswer>(() => ({
    path: "policies",
    query: { at: momentOf(range.value) },
  }));
  const named = useComputed(
    () => new Set(documentsOf(text.value, namespace).map(({ policy }) => policyItem(policy))),
  );
  const others = useComputed<readonly PolicyName[]>(() =>
    (known.value.answer?.policies ?? [])
      .filter(({ policy, to }) => policy.namespace === namespace && to === null)
      .map(({ policy }) => policy)
      .filter((policy) => !named.value.has(policyItem(policy))),
  );
  const replay = useReplay(() => ({
    ...span.value,
    ...(namespace !== "" && { namespace }),
    policies: text.value,
    ...(choices.value.replace &&
      namespace !== "" &&
      others.value.length > 0 && { remove: others.value.map(policyItem).join(",") }),
  }));
  const { answer } = replay.value;
  const sentence = answer && replaySentence(answer);

  function edit(next: string | undefined): void {
    const kept = next === proposed.peek() ? undefined : next;
    draft.value = kept;
    keepDraft(about, kept);
    if (next === undefined) outside.value++;
    if (kept === undefined) moved.value = false;
  }

  return (
    <>
      <PageHead
        title={props.title}
        wrong={sentence?.wrong === true}
        {...(sentence && { text: sentence.text, rest: sentence.rest })}
        asked={props.asked}
      />
      {answer && <EvidenceNote evidence={answer.evidence} />}
      <div class="tuning-grid">
        <EditorPanel
          text={text.value}
          outside={outside.value}
          edited={draft.value !== undefined}
          edit={edit}
          backTo={props.backTo}
          namespace={namespace}
          problems={answer?.problems ?? NO_PROBLEMS}
          changes={answer?.changes ?? []}
          moved={moved.value}
          known={known.value.answer?.policies ?? (known.value.failure ? NO_POLICIES : undefined)}
          others={others.value}
          control={control}
        />
        <ReplayPanel
          replay={replay.value}
          span={span.value}
          said={sentence?.text ?? ""}
          picked={picked}
        />
      </div>
      <ReplayMapPanel
        namespace={namespace}
        span={span}
        groups={answer?.groups ?? NO_GROUPS}
        busy={replay.value.busy}
        picked={picked}
      />
      {props.children}
    </>
  );
}
