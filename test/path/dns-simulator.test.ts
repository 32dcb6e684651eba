import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { catalogOfManifests, dnsFindings } from "@dropscope/correlator";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { createSimulator, type IncidentName } from "@dropscope/ingester/simulator";
import type { DnsFinding, Flow } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { afterAll, expect, test } from "vitest";
import { observerClient } from "../kit/observer-client.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

/** What the rules find in a simulated cluster, by the policies that are in force at the end. */
async function found(
  incidents: IncidentName[],
  seconds: number,
  rate: number,
): Promise<DnsFinding[]> {
  const policiesDir = scratchDir();
  const simulator = createSimulator({
    listen: { port: 0 },
    cluster: "default",
    incidents,
    rate,
    historySeconds: seconds,
    ring: 65_535,
    policiesDir,
  });
  await simulator.start();
  const client = observerClient(simulator.address());
  const stream = client.flows({ since: { seconds: 1n, nanos: 0 } });
  await stream.ended;
  client.close();
  await simulator.stop(1_000);
  const flows = stream.responses
    .filter(({ responseTypes }) => responseTypes.case === "flow")
    .map((response) => toJson(GetFlowsResponseSchema, response, { useProtoFieldName: true }))
    .map((line) => (line as unknown as { flow: Flow }).flow);
  const manifests = readdirSync(policiesDir).map((file) =>
    parseManifests(readFileSync(join(policiesDir, file), "utf8"), file),
  );
  const profile = PROFILES.cilium;
  const history = catalogOfManifests(mergeManifests(manifests), profile);
  return dnsFindings(flows, { history, profile });
}

test("default-deny egress without DNS is one finding of the affected workload, and nothing else", async () => {
  const [finding, ...others] = await found(["egress-without-dns"], 50, 0);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    rule: "D1",
    severity: "critical",
    client: { kind: "workload", namespace: "web", name: "checkout" },
    server: { kind: "workload", namespace: "kube-system", name: "coredns" },
    policies: [{ kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" }],
  });
  expect(finding?.count).toBeGreaterThan(50);
});

test("the shop's normal traffic is healthy: at most a search list is found to be long", async () => {
  const all = await found([], 60, 100);
  expect(all.filter(({ rule, severity }) => rule !== "D10" || severity !== "info")).toEqual([]);
});

test("incidents that are not about names make no DNS finding", async () => {
  const all = await found(
    ["cloud-metadata", "scrape-port", "or-instead-of-and", "renamed-label", "explicit-deny"],
    170,
    0,
  );
  expect(all).toEqual([]);
});

test("packets that conntrack could not take are no policy's fault, whatever they carried", async () => {
  const all = await found(["conntrack-full", "stale-ip", "lost-events"], 260, 0);
  expect(all.filter(({ policies }) => policies.length > 0)).toEqual([]);
});
