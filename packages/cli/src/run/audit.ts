import { openWorkloadsAt } from "@dropscope/dashboard";
import { LOCAL_VIEWER, type Part, systemClock } from "@dropscope/model";
import { createAuditReader, createObjectReader } from "@dropscope/store";
import { auditText, openText } from "../audit/audit-text.js";
import { createQuietLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { parseMoment } from "../wire/parse-time.js";
import { createStoredProfile } from "../wire/profile.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputDrained } from "../wire/standard-output.js";
import { storeToRead } from "../wire/store.js";

const MOST = 10_000;

const PAGE = 500;

/** Runs `dropscope audit`. */
export async function run({ loaded, options }: Invocation): Promise<void> {
  const logger = createQuietLogger(loaded.config);
  const since = parseMoment(options["since"] as string, "--since", systemClock.now());
  const namespace = options["namespace"] as string | undefined;
  const asked = Number(options["limit"]);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MOST) : 100;
  const json = options["output"] === "json";
  const store = storeToRead(loaded.config, logger);
  const judged = createStoredProfile({ loaded, client: store.client, clock: systemClock });
  const stopping = new AbortController();
  const { signal } = stopping;
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };

  async function print<One>(one: One, text: (one: One) => string): Promise<void> {
    process.stdout.write(json ? `${JSON.stringify(one)}\n` : text(one));
    if (process.stdout.writableNeedDrain) await outputDrained();
  }

  async function listOpen(): Promise<void> {
    const knowledge = { objects: createObjectReader(store.client), profile: await judged.known() };
    const found = await openWorkloadsAt(knowledge, LOCAL_VIEWER, systemClock.now(), signal);
    const own = found.filter((one) => namespace === undefined || one.namespace === namespace);
    for (const one of own.slice(0, limit)) await print(one, openText);
  }

  async function listPassed(): Promise<void> {
    const reader = createAuditReader(store.client);
    const query = {
      viewer: LOCAL_VIEWER,
      range: { since },
      ...(namespace === undefined ? {} : { namespace }),
    };
    for (let offset = 0; offset < limit; offset += PAGE) {
      const page = Math.min(PAGE, limit - offset);
      const found = await reader.auditFindings({ ...query, limit: page, offset }, signal);
      for (const one of found) await print(one, auditText);
      if (found.length < page) return;
    }
  }

  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "audit", part },
    ],
    logger,
    { until: options["open"] === true ? listOpen : listPassed },
  );
}
