import { join } from "node:path";
import { DropscopeError, EXIT, systemClock } from "@dropscope/model";
import { readSpace, setRetention } from "@dropscope/store";
import { createQuietLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { parseClassDays } from "../storage/class-days.js";
import { folderSpace } from "../storage/folders.js";
import { retentionText, storageText } from "../storage/text.js";
import { estimatesOf } from "../storage/estimate.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { givenRetention, storeToRead } from "../wire/store.js";

const SETTING = (name: string): string => `ttl-${name}`;

/** Runs `dropscope storage`. */
export async function run(invocation: Invocation): Promise<void> {
  const { loaded, args, options } = invocation;
  const { config } = loaded;
  const [what] = args;
  if (what !== undefined && what !== "retention")
    throw usage(
      `storage has no ${JSON.stringify(what)}.`,
      "There is `dropscope storage retention`.",
    );
  const set = parseClassDays(options["set"] as string | undefined, "--set");
  if (set !== undefined && what === undefined)
    throw usage(
      "--set belongs to `storage retention`.",
      "Write dropscope storage retention --set …",
    );
  const estimate = parseClassDays(options["estimate"] as string | undefined, "--estimate");
  const logger = createQuietLogger(config);
  const store = storeToRead(config, logger);
  const asJson = options["output"] === "json";
  const print = (json: unknown, text: () => string): void =>
    void process.stdout.write(asJson ? `${JSON.stringify(json)}\n` : text());
  await runUntilStopped([{ name: "store", part: store }], logger, {
    async until() {
      if (set !== undefined) {
        const by = `dropscope storage on ${process.platform}`;
        const changed = await setRetention(store.client, set.retention, by);
        // Only a setting that says otherwise undoes it.
        const given = givenRetention(config);
        const undone = set.classes
          .filter(({ key }) => given[key] !== undefined && given[key] !== changed.after[key])
          .map(({ name }) => SETTING(name));
        print({ ...changed, undone }, () => retentionText(changed, undone));
        return;
      }
      const report = await readSpace(store.client, systemClock.now());
      const folders = await folderSpace(config.data, join(config.data, "quarantine"));
      const estimates = estimatesOf(report, estimate?.classes ?? []);
      print({ ...report, ...folders, estimates }, () => storageText(report, folders, estimates));
    },
  });
}

function usage(message: string, next: string): DropscopeError {
  return new DropscopeError("USAGE", message, { next, exitCode: EXIT.usage });
}
