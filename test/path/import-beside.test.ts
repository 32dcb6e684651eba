import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createRepository } from "@dropscope/correlator/testing";
import { until } from "@dropscope/ingester/testing";
import type { Problem } from "@dropscope/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp, dashboardUrl, getJson, runCli, scratchDir, startCli } from "../kit/run-cli.js";

// Beside an instance that follows a cluster: what is long over is explained by the same correlator,
// and is not told of as if it were new.

const messages: string[] = [];
let server: Server;
let hook: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      messages.push(body);
      response.end();
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await cleanUp();
  server.closeAllConnections();
  server.close();
});

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ledger-of-then, namespace: archive }
spec: { podSelector: { matchLabels: { app: ledger } } }
`;
const pod = (app: string) => ({
  identity: 5151,
  namespace: "archive",
  pod_name: `${app}-0`,
  labels: [
    `k8s:app=${app}`,
    "k8s:io.kubernetes.pod.namespace=archive",
    "k8s:io.cilium.k8s.policy.cluster=shop",
  ],
});
const flow = (time: string, n: number) => ({
  time,
  uuid: `00000000-0000-4000-8000-00000000000${n}`,
  verdict: "DROPPED",
  drop_reason_desc: "POLICY_DENIED",
  event_type: { type: 5 },
  traffic_direction: "INGRESS",
  node_name: "shop/node-1",
  IP: { source: "10.9.1.5", destination: "10.9.2.9", ipVersion: "IPv4" },
  l4: { TCP: { source_port: 40_000 + n, destination_port: 9000, flags: { SYN: true } } },
  source: pod("report"),
  destination: { ...pod("ledger"), ID: 1 },
});

interface Problems {
  readonly problems: readonly (Problem & { readonly sentence: string })[];
}

test("an old incident is explained by who is there already, and nobody is woken up", async () => {
  const data = scratchDir("beside");
  const words = ["up", "--data", data, "--port", "0", "--incidents", "explicit-deny"];
  const up = startCli(words, { env: { DROPSCOPE_NOTIFY_WEBHOOK: hook } });
  const url = await dashboardUrl(up);
  // Control: of what happens now they do hear.
  await until("a message of the live cluster", () => messages.length > 0, 90_000);

  const repository = await createRepository(scratchDir("gitops"));
  await repository.commit(Date.UTC(2020, 4, 1), { "policies/ledger.yaml": POLICY });
  await repository.commit(Date.UTC(2020, 4, 9), { "policies/ledger.yaml": null, keep: "x" });
  const file = join(scratchDir("old"), "old.jsonl");
  const lines = [flow("2020-05-05T12:00:00Z", 1), flow("2020-05-10T12:00:00Z", 2)];
  writeFileSync(file, lines.map((one) => `${JSON.stringify({ flow: one })}\n`).join(""));
  const args = ["import", file, "--policies", repository.dir, "--data", data];
  const { code, out, err } = await runCli(args);
  expect({ code, out, err }).toMatchObject({ code: 0 });
  expect(out).toContain("2 drops explained: 1 by default deny, 1 unexplained");
  expect(out).toContain(`${url}/?place=problems&from=${Date.UTC(2020, 4, 5, 12)}`);

  const ask = async <T>(path: string): Promise<T> =>
    (await getJson(`${url}/api/v1/${path}`)).body as T;
  // On the pages of then.
  const then = "since=2020-05-05T00:00:00Z&until=2020-05-06T00:00:00Z";
  const { problems } = await ask<Problems>(`problems?${then}`);
  expect(problems).toMatchObject([
    {
      state: "resolved",
      outcome: "default-deny",
      firstSeen: "2020-05-05T12:00:00Z",
      lastSeen: "2020-05-05T12:00:00Z",
      policies: [{ name: "ledger-of-then", namespace: "archive" }],
    },
  ]);
  const names = async (query: string): Promise<string[]> =>
    (await ask<{ policies: { policy: { name: string } }[] }>(`policies?${query}`)).policies.map(
      ({ policy }) => policy.name,
    );
  expect(await names("at=2020-05-05T12:00:00Z")).toEqual(["ledger-of-then"]);
  expect(await names("at=2020-05-10T12:00:00Z")).toEqual([]);
  // On those of now nothing of it.
  const now = await names("");
  expect(now.length).toBeGreaterThan(0);
  expect(now).not.toContain("ledger-of-then");
  const live = await ask<Problems>("problems");
  expect(live.problems.length).toBeGreaterThan(0);
  expect(live.problems.filter(({ source }) => source.namespace === "archive")).toEqual([]);

  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(messages.filter((body) => body.includes("archive"))).toEqual([]);
  expect((await up.stop()).code).toBe(0);
});
