import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@dropscope/ingester/testing";
import type { Flow } from "@dropscope/model";
import { createCorrelatorStore } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { forget, land } from "../kit/correlated.js";
import { cleanUp, dashboardUrl, getJson, scratchDir, startCli } from "../kit/run-cli.js";

let store: TestStore;
beforeAll(async () => {
  store = await startTestStore();
});
beforeEach(() => forget(store.client, ["flows", "batches"]));
afterAll(async () => {
  await store.close();
  await cleanUp();
});

const drop: Flow = {
  time: "2026-03-01T12:00:00.000000001Z",
  uuid: "7b7cbd0c-4b1c-4a0c-8d53-111111111111",
  verdict: "DROPPED",
  drop_reason_desc: "POLICY_DENIED",
  traffic_direction: "INGRESS",
  l4: { TCP: { source_port: 40_000, destination_port: 8080 } },
  source: { namespace: "web", labels: ["k8s:app=shop"] },
  destination: { namespace: "bank", labels: ["k8s:app=vault"] },
};
const end = (more: object): object => ({ ...drop.destination, ...more });

test("either end that the reporting node runs names the cluster; flows that tell nothing are told from none at all", async () => {
  const known = createCorrelatorStore(store.client);
  expect(await known.clusterName()).toBeUndefined();
  await land(store.client, [drop], 10);
  expect(await known.clusterName()).toBe("");
  await land(store.client, [{ ...drop, destination: end({ ID: 7, cluster_name: "east" }) }], 10);
  expect(await known.clusterName()).toBe("east");
});

test("flows that never name a cluster are explained all the same", async () => {
  const dir = scratchDir();
  writeFileSync(join(dir, "flows.jsonl"), `${JSON.stringify({ flow: drop })}\n`);
  writeFileSync(
    join(dir, "closed.yaml"),
    "{ apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: closed, namespace: bank }, spec: { podSelector: {} } }",
  );
  const policies = ["--policies", join(dir, "closed.yaml")];
  const up = startCli(["up", "--from", join(dir, "flows.jsonl"), ...policies, "--port", "0"]);
  const url = await dashboardUrl(up);
  await until(
    "an explanation",
    async () => {
      const { status, body } = await getJson(`${url}/api/v1/flows/${drop.uuid}/explanation`);
      return status === 200 && JSON.stringify(body).includes("bank/closed makes deny the default");
    },
    30_000,
  );
  expect((await up.stop()).code).toBe(0);
});
