import {
  DropscopeError,
  EXIT,
  type SuggestedKind,
  type SuggestedMode,
  type SuggestionAnswer,
} from "@dropscope/model";
import type { Direction } from "@dropscope/policy";
import { suggest, type SuggestOptions } from "@dropscope/tuning";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { withTuning } from "../../tuning/inputs.js";
import { writeSuggestion } from "../../tuning/suggestion-folder.js";
import { suggestionNote, suggestionText } from "../../tuning/suggestion-text.js";

/** Runs `dropscope policy suggest`. */
export async function run(invocation: Invocation): Promise<void> {
  const { options } = invocation;
  const namespace = options["namespace"] as string | undefined;
  if (namespace === undefined)
    throw new DropscopeError("USAGE", "--namespace is missing: whose pods are to get policies?", {
      next: "Name a namespace with -n.",
      exitCode: EXIT.usage,
    });
  await withTuning(invocation, { namespace }, ({ traffic, cluster }) =>
    print(suggest(traffic, cluster, optionsOf(namespace, options)), options),
  );
}

function optionsOf(namespace: string, options: Invocation["options"]): SuggestOptions {
  const direction = options["direction"] as Direction | undefined;
  return {
    namespaces: [namespace],
    workload: options["workload"] as string | undefined,
    kind: options["kind"] as SuggestedKind | undefined,
    mode: options["mode"] as SuggestedMode,
    include: (options["include"] as string[] | undefined) ?? [],
    ...(direction === undefined ? {} : { directions: [direction] }),
    dns: options["dns"] as "needed" | "seen",
    ...(options["defaultDeny"] === false ? { defaultDeny: false } : {}),
    prefixes: { v4: options["cidr"] as number, v6: options["cidr6"] as number },
    annotate: options["annotate"] === true,
  };
}

function print(answer: SuggestionAnswer, options: Invocation["options"]): void {
  const out = options["out"] as string | undefined;
  const format = options["output"] as string;
  if (out !== undefined) {
    const { written, removed } = writeSuggestion(out, answer);
    for (const path of written) process.stderr.write(`wrote ${shown(out)}/${shown(path)}\n`);
    for (const path of removed)
      process.stderr.write(`removed ${shown(out)}/${shown(path)}, which is no longer proposed\n`);
  }
  if (format === "json") process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (format === "text") process.stdout.write(suggestionText(answer));
  else {
    if (out === undefined) process.stdout.write(answer.yaml);
    process.stderr.write(suggestionNote(answer));
  }
}
