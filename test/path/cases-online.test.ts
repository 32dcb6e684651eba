import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { type ClusterKnowledge, createCorrelator, explanationLine } from "@dropscope/correlator";
import { FakeRelay, until } from "@dropscope/ingester/testing";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { type Clock, formatTimeNs, LOCAL_VIEWER, parseTimeNs, systemClock } from "@dropscope/model";
import { type Catalog, type Profile, PROFILES } from "@dropscope/policy";
import {
  createCorrelatorStore,
  createProblemReader,
  openStore,
  type ProblemReader,
  type Store,
} from "@dropscope/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CaseFolder,
  caseNames,
  catalogOf,
  expectDns,
  expectExplained,
  findingText,
  linesOf,
  profileOf,
  readCase,
} from "../kit/cases.js";
import { CORRELATED_TABLES, forget } from "../kit/correlated.js";
import { cleanUp, scratchDir, startCli } from "../kit/run-cli.js";

// Every case as it comes in real life: a relay sends it over gRPC, the product stores it, the
// correlator reads it from the store, and what is stored then is read again.

const NODES = ["worker-1", "worker-2", "worker-3"];
const HOUR_MS = 3_600_000;
const MS_NS = 1_000_000n;
/** All cases begin then. */
const BEGIN = Date.UTC(2026, 4, 12, 9, 30) - 60_000;
const TABLES = [...CORRELATED_TABLES, "flows", "batches", "gaps"];

/** Everything has landed before the correlator begins: it need not wait for more. */
const HURRIED: Clock = {
  now: () => Date.now(),
  after: (ms, run) => systemClock.after(ms / 20, run),
};

let relay: FakeRelay;
let store: Store;
let reader: ProblemReader;

beforeAll(async () => {
  relay = await new FakeRelay({ nodes: NODES }).start();
  const data = scratchDir("cases");
  // The flows of the cases lie in the past, and none of them may be left out for that.
  const words = ["ingest", "--relay", relay.address, "--data", data, "--backfill", "36500d"];
  const ingest = startCli(words, { env: { DROPSCOPE_REDACT: "off" } });
  await until("the engine", () => existsSync(join(data, "engine.json")), 30_000);
  await until("a stream", () => relay.streams > 0, 30_000);
  expect(ingest.child.exitCode).toBeNull();
  store = openStore({ dataDir: data, share: true, requireStore: true });
  await store.start();
  reader = createProblemReader(store.client);
});
afterAll(async () => {
  await store.stop(5_000);
  await cleanUp();
  relay.stop();
});

const folders = caseNames().map(readCase);

describe("every case is explained as it should be", () => {
  const about = folders.filter(({ expected }) => expected.explained !== undefined);
  const shifts = about.map((_, i) => i * HOUR_MS);
  const ids: string[][] = [];

  // One after the other in time, so that all of them can be sent at once: what the cluster was
  // like at a moment is what it was like in the case of that moment.
  beforeAll(async () => {
    await forget(store.client, TABLES);
    for (const [i, folder] of about.entries()) ids.push(emit(folder, shifts[i]));
    await stored(about);
    const catalogs = about.map((folder, i) => catalogOf(folder, shifts[i]));
    const catalogAt = (time: number): Catalog =>
      catalogs[Math.floor((time - BEGIN) / HOUR_MS)] ?? catalogs[0]!;
    const catalog = {
      ...catalogs[0]!,
      at: (time: number) => catalogAt(time).at(time),
      changes: (from: number, to: number) => catalogAt(to).changes(from, to),
    };
    await correlate(catalog, PROFILES.cilium);
  });

  test.each(about.map((folder, i) => [folder.name, folder, i] as const))(
    "%s",
    async (_, folder, i) => {
      const found = await Promise.all(
        ids[i]!.map((uuid) => reader.explanationOf(uuid, LOCAL_VIEWER)),
      );
      const lines = found.flatMap((one) => (one === undefined ? [] : [one.explanation]));
      expect(lines).toHaveLength(ids[i]!.length);
      expectExplained(
        folder,
        lines.map((one) => Object.assign(explanationLine(one), { change: one.change })),
      );
    },
  );
});

describe("every DNS rule finds what is in a case, and nothing else", () => {
  const about = folders.filter(({ expected }) => expected.dns !== undefined);

  test.each(about.map((folder) => [folder.name, folder] as const))("%s", async (_, folder) => {
    await forget(store.client, TABLES);
    emit(folder, 0, randomUUID);
    await stored([folder]);
    await correlate(catalogOf(folder), profileOf(folder));
    const found = await reader.dnsFindings({ viewer: LOCAL_VIEWER });
    expectDns(folder, found.map(findingText));
  });
});

/**
 * Lets the relay tell all of a case. Gives the ids of what was dropped or audited.
 * @param newId where the flows were told before: what has an id that is known is told once
 */
function emit(folder: CaseFolder, shiftMs = 0, newId?: () => string): string[] {
  const dropped: string[] = [];
  const later = (time = ""): { time?: string } =>
    time === "" ? {} : { time: formatTimeNs((parseTimeNs(time) ?? 0n) + BigInt(shiftMs) * MS_NS) };
  for (const item of linesOf(folder)) {
    const id = newId === undefined ? {} : { uuid: newId() };
    const flow = item.flow && { ...item.flow, ...later(item.flow.time), ...id };
    const shifted = { ...item, ...later(item.time), ...(flow === undefined ? {} : { flow }) };
    const message = fromJson(GetFlowsResponseSchema, shifted as JsonValue);
    const timeNs = parseTimeNs(shifted.time ?? "") ?? 0n;
    relay.emit(item.node_name ?? "worker-1", timeNs, toBinary(GetFlowsResponseSchema, message));
    if (flow?.verdict === "DROPPED" || flow?.verdict === "AUDIT") dropped.push(flow.uuid ?? "");
  }
  return dropped;
}

async function stored(all: readonly CaseFolder[]): Promise<void> {
  const count = all.reduce((sum, { flows }) => sum + flows.length, 0);
  const losses = all.reduce((sum, { gaps }) => sum + gaps.length, 0);
  await until(`${count} stored flows`, async () => {
    const [row] = await store.client.query<{ flows: string; gaps: string }>(
      "SELECT (SELECT sum(flows) FROM batches) AS flows, (SELECT count() FROM gaps) AS gaps",
    );
    return Number(row?.flows) >= count && (losses === 0 || Number(row?.gaps) > 0);
  });
}

async function correlate(catalog: Catalog, profile: Profile): Promise<void> {
  const knowledge: ClusterKnowledge = {
    catalog,
    historyAt: () => Promise.resolve(catalog),
    ready: () => Promise.resolve(),
    revisions: () => catalog.revisions(),
  };
  const known = createCorrelatorStore(store.client);
  const correlator = createCorrelator({
    store: known,
    leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
    knowledge,
    profile,
    clock: HURRIED,
    pollMs: 20,
  });
  await correlator.start();
  await until("everything is explained", async () => {
    const cursor = await known.cursor();
    if (cursor === undefined) return false;
    return (await known.tail(cursor.tail)).batches.length === 0;
  });
  // What it has found by then is written when it ends.
  await correlator.stop(5_000);
}
