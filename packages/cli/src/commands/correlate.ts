import { systemClock } from "@dropscope/model";
import { createProblemReader } from "@dropscope/store";
import { createLogger } from "../log.js";
import type { AddCommand, Invocation } from "../program.js";
import { wireCorrelator } from "../wire/correlator.js";
import { wireNotices } from "../wire/notices.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed } from "../wire/standard-output.js";
import { wireStore } from "../wire/store.js";

export const addCorrelate = (add: AddCommand): unknown =>
  add({
    name: "correlate",
    summary: "explain each drop that lands in the store",
    description:
      "Follows the store, explains every drop by the policies of its time, folds drops into problems and keeps both in the store. Writes one JSON line for each dropped or audited flow: when, in which direction, why in one sentence, the policies behind it, and the rule that came nearest. One correlator works on a store at a time: beside another one (that of `up`), it prints what that one explains, and takes over when it ends.",
    groups: ["store", "catalog", "notify"],
    settings: ["policies", "resolved-after"],
    examples: [
      ["dropscope correlate --policies manifests/", "beside `ingest` on the same store"],
      ["dropscope correlate | jq -r .sentence", "only the sentences"],
    ],
    run,
  });

async function run({ loaded, env }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createLogger(config);
  const store = wireStore(config, logger, { readOnly: true });
  const correlator = await wireCorrelator({
    loaded,
    env,
    store,
    logger,
    clock: systemClock,
    onExplained({ explanation, node, problem }) {
      process.stdout.write(`${JSON.stringify({ ...explanation, node, problem })}\n`);
    },
  });
  const problems = createProblemReader(store.client, {
    resolvedAfterMs: config["resolved-after"],
  });
  const notices = wireNotices({ config, problems, correlator, logger, clock: systemClock });
  await runUntilStopped(
    [
      { name: "store", part: store },
      // Before the correlator: what is there by then was told of already.
      ...notices,
      { name: "correlator", part: correlator },
    ],
    logger,
    {
      started: () => logger.info("explaining drops"),
      until: outputClosed,
    },
  );
}
