import { parseArgs } from "node:util";
import { startLoadSource } from "./source.js";

// The load source as a process of its own. Prints {"address":"host:port"} once it
// listens and {"sent":n} when it ends; runs until SIGTERM, or until the process that
// forked it is gone.

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    rate: { type: "string" },
    total: { type: "string" },
    seed: { type: "string", default: "load" },
    distinct: { type: "string", default: "20000" },
  },
});

const source = await startLoadSource({
  host: values.host,
  port: Number(values.port),
  seed: values.seed,
  distinct: Number(values.distinct),
  ...(values.rate === undefined ? {} : { flowsPerSecond: Number(values.rate) }),
  ...(values.total === undefined ? {} : { total: Number(values.total) }),
});
process.stdout.write(`${JSON.stringify({ address: source.address })}\n`);

async function end(): Promise<void> {
  process.stdout.write(`${JSON.stringify({ sent: source.sent() })}\n`);
  await source.stop();
  process.exit(0);
}
process.once("SIGTERM", () => void end());
process.once("SIGINT", () => void end());
process.once("disconnect", () => void end());
