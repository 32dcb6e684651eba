import { type StoredPast, storePast } from "@dropscope/correlator";
import { DropscopeError, EXIT, systemClock } from "@dropscope/model";
import type { ExplainedCounts, Store } from "@dropscope/store";
import type { Logger } from "pino";
import type { LoadedConfig } from "../config/load.js";
import { clusterOfFiles, readPast } from "../import/index.js";
import { explainImported } from "./explain-imported.js";
import { profileFor } from "./profile.js";
import { storeLogger } from "./store.js";

/** The policies of a past time on their way into the store, and what follows from them. */
export interface PastImport {
  /** Stores the versions. @throws DropscopeError `GIT_HISTORY`, and when the store cannot be read */
  store(signal: AbortSignal): Promise<void>;
  explain(batches: readonly bigint[], signal: AbortSignal): Promise<ExplainedCounts>;
}

/** Remarks about files that cannot take effect; histories may hold thousands of them. */
const MOST_REMARKS = 20;

/** @throws DropscopeError `USAGE`, `POLICY_FILE`, `POLICY_EMPTY`, `GIT_HISTORY` before anything is stored */
export async function createPastImport(wiring: {
  readonly loaded: LoadedConfig;
  readonly inputs: readonly string[];
  readonly branch: string | undefined;
  readonly store: Pick<Store, "client">;
  readonly logger: Logger;
  readonly say: (line: string) => void;
}): Promise<PastImport> {
  const { loaded, inputs, branch, store, logger, say } = wiring;
  const { config, origins } = loaded;
  if (inputs.includes("-") && config.policies.includes("-"))
    throw new DropscopeError("USAGE", "Standard input cannot be both flows and policies.", {
      next: "Name a file or folder for one of the two.",
      exitCode: EXIT.usage,
    });
  const told = origins["cluster-name"] === "default" ? await clusterOfFiles(inputs) : undefined;
  const cluster = told ?? config["cluster-name"];
  const {
    histories,
    manifests,
    told: sentences,
  } = await readPast(config.policies, {
    cluster,
    branch,
  });
  for (const sentence of sentences) say(sentence);

  return {
    async store(signal) {
      let remarks = 0;
      const stored = await storePast({
        client: store.client,
        histories,
        ...(manifests === undefined ? {} : { manifests }),
        logger: storeLogger(logger),
        clock: systemClock,
        signal,
        onRemark(remark) {
          remarks += 1;
          if (remarks <= MOST_REMARKS) say(remark);
        },
      });
      if (remarks > MOST_REMARKS) say(`… and ${remarks - MOST_REMARKS} more remarks`);
      for (const one of stored) say(storedText(one));
    },
    explain: (batches, signal) =>
      explainImported({
        config,
        store,
        profile: profileFor(config, cluster),
        logger,
        batches,
        signal,
        onWaiting: lineNowAndThen(say),
      }),
  };
}

function storedText({ versions, added, removed }: StoredPast): string {
  const all = versions === 1 ? "1 version" : `${versions} versions`;
  const gone =
    removed === 0 ? "" : `; ${removed} that it told of at the import before no longer count`;
  return `${all} of policies and other objects, ${added} of them new${gone}`;
}

const LINE_EVERY_MS = 5_000;

function lineNowAndThen(say: (line: string) => void): (waiting: number) => void {
  let last = systemClock.now();
  return (waiting) => {
    const now = systemClock.now();
    if (now - last < LINE_EVERY_MS) return;
    last = now;
    say(`being explained: ${waiting} batches wait`);
  };
}
