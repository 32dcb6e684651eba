import { systemClock } from "@dropscope/model";
import { createProblemReader } from "@dropscope/store";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { wireCorrelator } from "../wire/correlator.js";
import { wireNotices } from "../wire/notices.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed } from "../wire/standard-output.js";
import { wireStore } from "../wire/store.js";

/** Runs `dropscope correlate`. */
export async function run({ loaded, env }: Invocation): Promise<void> {
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
