// A process for kill tests: a correlator on a store that somebody else runs. It ends by itself
// when everything that landed is done. Standard input: { target, policies, cluster } as JSON.
import { readFileSync } from "node:fs";
import { createCorrelator, createFolderSource, createLiveCatalog } from "@dropscope/correlator";
import { systemClock } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import { createCorrelatorStore, createStoreClient } from "@dropscope/store";

const { target, policies, cluster } = JSON.parse(readFileSync(0, "utf8"));
const client = createStoreClient(target);
const store = createCorrelatorStore(client);
const profile = { ...PROFILES.cilium, cluster };
const knowledge = createLiveCatalog({
  sources: [createFolderSource({ paths: [policies], cluster })],
  profile,
});
const correlator = createCorrelator({
  store,
  leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
  knowledge,
  profile,
  clock: systemClock,
  pollMs: 50,
});
await knowledge.start();
await correlator.start();
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const cursor = await store.cursor();
  if (cursor !== undefined && (await store.tail(cursor.tail)).batches.length === 0) break;
}
await correlator.stop(5_000);
await knowledge.stop(5_000);
await client.close();
