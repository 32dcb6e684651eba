import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { createPolicyEngine } from "@dropscope/cli/policy-engine";
import { FlowSchema } from "@dropscope/hubble";
import { createSimulator, type EditOutcome, type Simulator } from "@dropscope/ingester/simulator";
import { createManualClock } from "@dropscope/ingester/testing";
import { EVENT, type Flow, layer4, parseTimeNs, peerOf } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import {
  type Candidate,
  candidateOf,
  clusterOfManifests,
  foldFlows,
  replay,
} from "@dropscope/tuning";
import { afterAll, expect, test } from "vitest";
import { observerClient } from "../kit/observer-client.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";

// What a replay foretells comes true: the candidate is applied to the simulated cluster, whose data path
// is judged by other code, and its traffic is held against every word of the answer.

const CLUSTER = "shop";
let simulator: Simulator | undefined;
afterAll(async () => {
  await simulator?.stop(1_000);
  await cleanUp();
});

async function seen(from: Simulator): Promise<Flow[]> {
  const client = observerClient(from.address());
  const stream = client.flows({ since: { seconds: 1n, nanos: 0 } });
  await stream.ended;
  client.close();
  return stream
    .flows()
    .map((flow) => toJson(FlowSchema, flow, { useProtoFieldName: true }) as unknown as Flow);
}

const read = (dir: string) =>
  mergeManifests(
    readdirSync(dir)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) =>
        parseManifests(readFileSync(join(dir, name), "utf8"), name, { cluster: CLUSTER }),
      ),
  );

/** Which connection a flow is of, as groups of a replay name it. */
function connectionOf(flow: Flow): string {
  const found = layer4(flow);
  const ends = [peerOf(flow, "source"), peerOf(flow, "destination")];
  return JSON.stringify([...ends, found?.name, found?.ports?.destination]);
}

/** Packets that policies judge: the first of a connection, and every one that carries a verdict or was dropped. */
function isJudged({ verdict, event_type: event, is_reply: reply, l4, l7 }: Flow): boolean {
  if (l7 !== undefined || reply === true) return false;
  if (verdict === "DROPPED" || event?.type === EVENT.policyVerdict) return true;
  const { SYN = false, ACK = false } = l4?.TCP?.flags ?? {};
  return (SYN && !ACK) || l4?.UDP !== undefined;
}

test("what is newly denied is dropped once the candidate is applied, what is newly allowed passes, all else stays", async () => {
  const dir = scratchDir("replayed");
  const edits: EditOutcome[] = [];
  const clock = createManualClock();
  simulator = createSimulator({
    listen: { port: 0 },
    clock,
    incidents: ["cloud-metadata"],
    untilRepaired: true,
    rate: 100,
    historySeconds: 60,
    ring: 65_535,
    policiesDir: dir,
    engine: createPolicyEngine(CLUSTER),
    onEdit: (edit) => edits.push(edit),
  });
  await simulator.start();
  const before = await seen(simulator);
  expect(before.length).toBeGreaterThan(3000);

  const manifests = read(dir);
  const cluster = clusterOfManifests(manifests, {
    at: clock.now(),
    profile: { ...PROFILES.cilium, cluster: CLUSTER },
  });
  const traffic = foldFlows(before);
  const text = (name: string): string => readFileSync(join(dir, name), "utf8");
  const metadata = manifests.policies.find(({ rules }) =>
    rules.some(({ action, direction }) => action === "deny" && direction === "egress"),
  );
  expect(metadata).toBeDefined();
  const changed = new Map([
    // A wrong port, a rule that is forgotten, and a policy more.
    ["loki-ingress.yaml", text("loki-ingress.yaml").replaceAll("3100", "3101")],
    ["checkout-egress.yaml", text("checkout-egress.yaml").replaceAll("port: 8443", "port: 8444")],
    [
      "redis-more.yaml",
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: catalog-closed, namespace: web }
spec:
  podSelector: { matchLabels: { app: catalog } }
  policyTypes: [Egress]
  egress: []
`,
    ],
  ]);
  const removed = `${metadata?.name}.yaml`;
  const set = mergeManifests(
    [...changed].map(([name, yaml]) => parseManifests(yaml, name, { cluster: CLUSTER })),
  );
  const gone = [`${metadata?.kind}/${metadata?.namespace}/${metadata?.name}`];
  const candidate: Candidate = candidateOf(set, gone);
  const answer = replay(cluster, traffic, candidate);
  expect(answer.problems).toEqual([]);
  expect(answer.counts.unknown).toEqual({ edges: 0, flows: 0 });
  const foretold = new Map(
    answer.groups.map(({ client, server, protocol, port, change }) => [
      JSON.stringify([client, server, protocol, port]),
      change,
    ]),
  );
  expect(
    [...foretold.values()].filter((change) => change === "newly-denied").length,
  ).toBeGreaterThan(2);
  expect([...foretold.values()]).toContain("newly-allowed");
  const was = new Map(
    before.filter(isJudged).map((flow) => [connectionOf(flow), flow.verdict === "DROPPED"]),
  );

  for (const [name, yaml] of changed) {
    writeFileSync(join(dir, `${name}.new`), yaml);
    renameSync(join(dir, `${name}.new`), join(dir, name));
  }
  rmSync(join(dir, removed));
  await clock.pass(500);
  expect(edits.map(({ outcome }) => outcome).sort()).toEqual([
    "obeyed",
    "obeyed",
    "obeyed",
    "removed",
  ]);
  const applied = BigInt(clock.now()) * 1_000_000n;
  await clock.pass(25_000);
  const after = (await seen(simulator)).filter(
    (flow) => (parseTimeNs(flow.time ?? "") ?? 0n) > applied && isJudged(flow),
  );
  const again = new Set(after.map((flow) => connectionOf(flow)));
  for (const key of foretold.keys()) expect(again).toContain(key);

  const wrong = new Set<string>();
  const checked = { denied: 0, allowed: 0, same: 0 };
  for (const flow of after) {
    const key = connectionOf(flow);
    const dropped = flow.verdict === "DROPPED";
    const change = foretold.get(key);
    if (change === undefined && !was.has(key)) continue;
    const expected = change === undefined ? was.get(key) === true : change === "newly-denied";
    // Of a packet that the server's node drops, the client's node says that it left.
    const passedBy = !dropped && expected && flow.traffic_direction === "EGRESS";
    if (dropped !== expected && !passedBy) wrong.add(`${key} ${change} ${flow.verdict}`);
    else checked[change === undefined ? "same" : expected ? "denied" : "allowed"] += 1;
  }
  expect([...wrong]).toEqual([]);
  for (const [what, count] of Object.entries(checked)) expect(count, what).toBeGreaterThan(0);
}, 90_000);
