import { createReader } from "@dropscope/store";
import { type Coverage, type StatusAnswer, systemClock } from "@dropscope/model";
import { countText } from "../import/units.js";
import { createQuietLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { createCoverage } from "../wire/coverage.js";
import { runningDashboard } from "../wire/dashboard.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { storeToRead } from "../wire/store.js";
import { version } from "../version.js";

/** Runs `dropscope status`. */
export async function run(invocation: Invocation): Promise<void> {
  const { loaded, options, outcome } = invocation;
  const running = await askRunning(loaded.config.data);
  const answer = running?.answer ?? (await askStore(invocation));
  process.stdout.write(
    options["output"] === "json"
      ? `${JSON.stringify({ ...answer, dashboard: running?.url ?? null })}\n`
      : statusText(answer, running?.url),
  );
  const { source, store } = answer.coverage;
  if (source.state === "down" || store.state === "down") outcome.exitCode = 1;
}

async function askRunning(
  dataDir: string,
): Promise<{ url: string; answer: StatusAnswer } | undefined> {
  const url = runningDashboard(dataDir)?.url;
  if (!url) return undefined;
  try {
    const response = await fetch(`${url}/api/v1/status`, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? { url, answer: (await response.json()) as StatusAnswer } : undefined;
  } catch {
    // It was killed and could not remove its note.
    return undefined;
  }
}

async function askStore({ loaded }: Invocation): Promise<StatusAnswer> {
  const logger = createQuietLogger(loaded.config);
  const store = storeToRead(loaded.config, logger);
  const reader = createReader(store.client);
  let coverage: Coverage | undefined;
  const watch = createCoverage({ reader, store, source: () => undefined, clock: systemClock });
  await runUntilStopped([{ name: "store", part: store }], logger, {
    until: async () => {
      await watch.start();
      await watch.stop(0);
      coverage = watch.coverage();
    },
  });
  return { version, coverage: coverage! };
}

function ageText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

function statusText({ version, coverage, books }: StatusAnswer, url: string | undefined): string {
  const { source, nodes, lost, lagMs, store, flowsPerSecond } = coverage;
  const rows: [string, string][] = [
    ["dropscope", `${version}${url ? ` at ${url}` : ", no dashboard runs on this store"}`],
    [
      "source",
      source.kind === "none"
        ? "none in this process"
        : `${source.kind} ${source.address}: ${source.state}${source.message ? `: ${source.message}` : ""}`,
    ],
    [
      "nodes",
      `${nodes.connected} of ${nodes.total} connected${nodes.unavailable.length > 0 ? `; unavailable: ${nodes.unavailable.join(", ")}` : ""}`,
    ],
    // One look at a store cannot tell a rate.
    ...(url ? [["flows", `${flowsPerSecond.toFixed(1)} per second`] as [string, string]] : []),
    ["newest flow", lagMs < 0 ? "nothing is stored yet" : `${ageText(lagMs)} ago`],
    [
      "lost",
      `${countText(lost.recent)} events in the last 15 minutes, ${countText(lost.total)} ever`,
    ],
    ["store", `${store.state}${store.message ? `: ${store.message}` : ""}`],
    [
      "waiting",
      `${countText(store.waiting)} flows on disk, ${countText(store.quarantined)} in quarantine`,
    ],
  ];
  if (books) {
    const { read, repeats, rejected, stored } = books;
    if (read !== undefined)
      rows.push([
        "read",
        `${countText(read)} since the start: ${countText(repeats ?? 0)} repeated, ${countText(rejected ?? 0)} rejected`,
      ]);
    if (stored !== undefined) rows.push(["stored", `${countText(stored)} since the start`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")}\n`;
}
