import { existsSync } from "node:fs";
import { createSimulator, type EditOutcome, type ServerTls } from "@dropscope/ingester/simulator";
import { DropscopeError, EXIT } from "@dropscope/model";
import type { Logger } from "pino";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { createPolicyEngine } from "../wire/policy-engine.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { SIMULATED_CLUSTER, simulatorOptions } from "../wire/source.js";
import { parseHostPort } from "../config/host-port.js";
import type { Config } from "../config/settings.js";

/** Runs `dropscope simulate`. */
export async function run({ loaded }: Invocation): Promise<void> {
  const { config } = loaded;
  const tls = tlsFiles(config);
  const [policiesDir] = config.policies;
  const logger = createLogger(config);
  if (config.watch && policiesDir === undefined)
    throw new DropscopeError("CONFIG_VALUE", "--watch needs a folder to watch.", {
      next: "Name it with --policies.",
      exitCode: EXIT.usage,
    });
  const simulator = createSimulator({
    ...simulatorOptions(config),
    cluster: SIMULATED_CLUSTER,
    listen: parseHostPort("--listen", config.listen),
    ...(tls ? { tls } : {}),
    ...(policiesDir === undefined ? {} : { policiesDir }),
    ...(config.watch
      ? {
          engine: createPolicyEngine(SIMULATED_CLUSTER),
          untilRepaired: true,
          onEdit: (edit: EditOutcome) => logEdit(edit, logger),
        }
      : {}),
  });
  await runUntilStopped([{ name: "simulator", part: simulator }], logger, {
    started: () =>
      void process.stdout.write(`the simulated relay listens on ${simulator.address()}\n`),
  });
}

function logEdit({ file, outcome, why }: EditOutcome, logger: Logger): void {
  switch (outcome) {
    case "refused":
      logger.warn({ file, why }, "a policy is refused; the version before stays in force");
      return;
    case "obeyed":
      logger.info({ file }, "the traffic obeys the edited policy");
      return;
    case "removed":
      logger.info({ file }, "the policy is gone, and holds no more");
      return;
    case "back":
      logger.info({ file }, "the policy is the simulation's own again");
  }
}

function tlsFiles(config: Config): ServerTls | undefined {
  const certFile = config["tls-cert-file"];
  const keyFile = config["tls-key-file"];
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new DropscopeError("CONFIG_VALUE", "A certificate and its key come together.", {
      next: "Give both --tls-cert-file and --tls-key-file, or neither.",
      exitCode: EXIT.usage,
    });
  for (const file of [certFile, keyFile])
    if (!existsSync(file))
      throw new DropscopeError("TLS_FILE", `There is no file ${file}.`, {
        next: "Check the path.",
        exitCode: EXIT.noInput,
      });
  const clientCaFile = config["tls-client-ca-file"];
  return { certFile, keyFile, ...(clientCaFile === undefined ? {} : { clientCaFile }) };
}
