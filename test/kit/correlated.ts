import { createFolderSource, createCorrelator, createLiveCatalog } from "@dropscope/correlator";
import { type Flow, LOCAL_VIEWER, parseTimeNs, type Problem, systemClock } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import {
  createCorrelatorStore,
  createProblemReader,
  newBatchId,
  type StoreClient,
} from "@dropscope/store";
import { until } from "@dropscope/ingester/testing";
import { clickhouseTime, RowWriter } from "./flow-rows.js";

/** Flows of `hubble observe -o jsonpb`. */
export function flowsOfLines(lines: string): Flow[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { flow: Flow }).flow);
}

/** Stores flows as batches of some rows, each visible as a whole. Gives how many there are. */
export async function land(
  client: StoreClient,
  flows: readonly Flow[],
  rows: number,
): Promise<number> {
  let batches = 0;
  for (let at = 0; at < flows.length; at += rows) {
    const some = flows.slice(at, at + rows);
    const id = newBatchId(Date.now());
    const writer = new RowWriter(id);
    for (const flow of some) writer.add(flow);
    await writer.insert(client);
    const times = some.map((flow) => flow.time ?? "").sort();
    const row = {
      batch: String(id),
      writer: "test",
      flows: some.length,
      bytes: 1,
      min_time: clickhouseTime(times[0] ?? ""),
      max_time: clickhouseTime(times.at(-1) ?? ""),
      sealed_at: (Date.now() / 1000).toFixed(3),
    };
    await client.insertRows("batches", [row], `${id}-batches`);
    batches += 1;
  }
  return batches;
}

/** Runs a correlator with the policies of a folder until everything that landed is done. */
export async function correlateAll(
  client: StoreClient,
  policies: string,
  cluster: string,
): Promise<void> {
  const profile = { ...PROFILES.cilium, cluster };
  const knowledge = createLiveCatalog({
    sources: [createFolderSource({ paths: [policies], cluster })],
    profile,
  });
  const correlator = createCorrelator({
    store: createCorrelatorStore(client),
    leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
    knowledge,
    profile,
    clock: systemClock,
    pollMs: 50,
  });
  await knowledge.start();
  await correlator.start();
  await until("everything is explained", async () => (await notDone(client)) === 0, 60_000);
  await correlator.stop(5_000);
  await knowledge.stop(5_000);
}

/** Batches that landed behind the cursor of the correlator. */
export async function notDone(client: StoreClient): Promise<number> {
  const store = createCorrelatorStore(client);
  const cursor = await store.cursor();
  const { batches } = await store.tail(cursor?.tail ?? { storedAt: "0", seen: [] });
  return batches.length;
}

export const CORRELATED_TABLES = [
  "explanations",
  "problem_minutes",
  "problems",
  "dns_findings",
  "audit_findings",
  "correlator_state",
] as const;

export async function forget(client: StoreClient, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.command(`TRUNCATE TABLE ${table}`);
}

/** Problems without what depends on the moment of asking, by id. */
export async function knownProblems(
  client: StoreClient,
): Promise<Omit<Problem, "rate" | "state">[]> {
  const problems = await createProblemReader(client).problems({ viewer: LOCAL_VIEWER });
  return problems
    .map(({ rate: _rate, state: _state, ...rest }) => rest)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Packets of dropped flows: what is told as a drop and as a verdict is one. */
export function packets(flows: readonly Flow[]): number {
  const dropped = flows.filter(({ verdict }) => verdict === "DROPPED");
  const verdicts = dropped.filter(({ event_type }) => event_type?.type === 5).length;
  return Math.max(verdicts, dropped.length - verdicts);
}

export const timeNs = (flow: Flow): bigint => parseTimeNs(flow.time ?? "") ?? 0n;
