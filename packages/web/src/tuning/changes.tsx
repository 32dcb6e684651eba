import type { PolicyAnswer, PolicyName, PolicyRow } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { saveText } from "../lib/save.js";
import { Diff } from "../parts/code.js";
import { Icon } from "../parts/icons.js";
import { Skeleton } from "../parts/states.js";
import { policyText } from "../policies/words.js";
import { get } from "../state/api.js";
import { range } from "../state/nav.js";
import { copy } from "../state/toast.js";
import { momentOf } from "../state/view.js";
import { patchOf } from "./documents.js";
import type { Document } from "./documents.js";

/** The text as a patch of what is in force, and as commands. */
export function Changes(props: {
  documents: readonly Document[];
  /** One for each document. */
  files: readonly string[];
  namespace: string;
  /** Policies in force; undefined while they load. */
  known: readonly PolicyRow[] | undefined;
  removed: readonly PolicyName[];
  /** Name of the file with all of them. */
  file: string;
}) {
  const { documents, files, removed } = props;
  const inForce = new Set(
    (props.known ?? []).filter(({ to }) => to === null).map(({ policy }) => policyItem(policy)),
  );
  const before = useTexts(
    documents.map(({ policy }) => policyItem(policy)).filter((item) => inForce.has(item)),
  );
  if (!before || !props.known) {
    return (
      <div class="pad">
        <Skeleton rows={6} label="Loading the policies in force" />
      </div>
    );
  }
  const patches = documents.map(({ policy, text }, index) => {
    const item = policyItem(policy);
    const file = files[index] ?? "policy.yaml";
    return { item, policy, file, patch: patchOf(file, before.get(item), text) };
  });
  const patch = patches.map((each) => each.patch).join("");
  const commands = [
    `kubectl diff -f ${props.file}`,
    `kubectl apply -f ${props.file}`,
    ...removed.map(
      ({ kind, namespace, name }) => `kubectl delete ${kind.toLowerCase()} -n ${namespace} ${name}`,
    ),
  ];
  return (
    <div class="pad patches">
      {patches.map((each) => (
        <div key={each.file}>
          <p class="patch-head">
            <span class="mono">{safe(each.file, 300)}</span>{" "}
            <span class="dim">
              {each.patch === ""
                ? "is as it is in force"
                : before.has(each.item)
                  ? `changes ${safe(policyText(each.policy), 400)}`
                  : "is new"}
            </span>
          </p>
          {each.patch !== "" && <Diff diff={each.patch} label={`Patch of ${each.file}`} />}
        </div>
      ))}
      {patch !== "" && (
        <p class="row-of-buttons">
          <button type="button" class="button" onClick={() => void copy(patch, "Patch")}>
            <Icon name="copy" size={14} /> Copy the patch
          </button>
          <button
            type="button"
            class="button"
            onClick={() => saveText(props.file.replace(/\.yaml$/, ".patch"), patch)}
          >
            <Icon name="download" size={14} /> Download the patch
          </button>
        </p>
      )}
      <Commands lines={commands} />
    </div>
  );
}

function Commands({ lines }: { lines: readonly string[] }) {
  const text = lines.join("\n");
  return (
    <div class="commands">
      <pre>
        {safe(lines[0] ?? "", 400)}
        {lines.slice(1).map((line) => `\n${safe(line, 400)}`)}
      </pre>
      <button
        type="button"
        class="ghost"
        aria-label="Copy the commands"
        title="Copy the commands"
        onClick={() => void copy(text, "Commands")}
      >
        <Icon name="copy" size={14} />
      </button>
    </div>
  );
}

/** Texts of policies in force by item; one that cannot be had is as if it were new. */
function useTexts(items: readonly string[]): ReadonlyMap<string, string> | undefined {
  const found = useSignal<ReadonlyMap<string, string> | undefined>(undefined);
  const key = items.join(" ");
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      const texts = await Promise.all(
        key
          .split(" ")
          .filter((item) => item !== "")
          .map(async (item) => [item, await textInForce(item, stop.signal)] as const),
      );
      if (stop.signal.aborted) return;
      found.value = new Map(texts.filter(([, text]) => text !== ""));
    };
    void load();
    return () => stop.abort();
  }, [found, key]);
  return found.value;
}

async function textInForce(item: string, signal: AbortSignal): Promise<string> {
  const path = `policies/${item.split("/").map(encodeURIComponent).join("/")}`;
  try {
    const { versions } = await get<PolicyAnswer>(path, { at: momentOf(range.peek()) }, signal);
    return versions.find(({ to }) => to === null)?.yaml ?? "";
  } catch {
    return "";
  }
}
