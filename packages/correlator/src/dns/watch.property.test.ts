import type { Flow } from "@dropscope/model";
import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { flowMaker, testPod, testPolicies, world } from "./testing.js";
import { createDnsWatch } from "./watch.js";

const POLICIES = testPolicies(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: web}
spec: {podSelector: {matchLabels: {app: closed}}, policyTypes: [Egress]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: names, namespace: web}
spec:
  endpointSelector: {matchLabels: {app: named}}
  egress:
  - toEndpoints:
    - matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}
    toPorts:
    - ports: [{port: "53", protocol: ANY}]
      rules: {dns: [{matchName: a.example}]}
  - toFQDNs: [{matchName: a.example}]`);

const pods = ["closed", "named", "open"].map((name, i) =>
  testPod(`web/${name}`, { node: `node-${i % 2}` }),
);
const flows = flowMaker();

/** Something that happens to one of the pods: one to four flows. */
const happening = record({
  at: integer({ min: 0, max: 3000 }).map((tenths) => tenths / 10),
  client: constantFrom(...pods),
  socket: integer({ min: 1, max: 6 }),
  name: constantFrom("a.example", "b.example", "a.example.web.svc.cluster.local"),
  rcode: constantFrom(0, 0, 2, 3, 5),
  what: constantFrom("drop", "query", "lookup", "retry", "log", "outside", "tcp"),
}).map(({ at, client, socket, name, rcode, what }): Flow[] => {
  const how = { client, socket };
  switch (what) {
    case "drop":
      return flows.dropped(at, how);
    case "tcp":
      return flows.dropped(at, { ...how, protocol: "TCP" });
    case "query":
      return [flows.query(at, how)];
    case "lookup":
      return [flows.query(at, how), flows.reply(at + 0.01, how)];
    case "retry":
      return [flows.query(at, how), flows.query(at + 5, how), flows.reply(at + 5.01, how)];
    case "log":
      return [
        flows.request(at, name, how),
        flows.answer(at + 0.01, name, { ...how, rcode, ips: ["203.0.113.7"], ttl: 9 }),
      ];
    default:
      return flows.dropped(at, {
        ...how,
        server: world("203.0.113.7"),
        port: 443,
        protocol: "TCP",
      });
  }
});

/** In order of time, each delayed by less than the lateness, some delivered twice. */
function delivered(all: readonly Flow[], delays: readonly number[]): Flow[] {
  const at = (i: number): number => delays[i % delays.length] ?? 0;
  const arriving = all.flatMap((flow, i) => {
    const time = Date.parse(flow.time ?? "");
    const once = { flow, arrives: time + at(i) };
    return i % 3 === 0 ? [once, { flow, arrives: time + at(i + 1) }] : [once];
  });
  return arriving.sort((a, b) => a.arrives - b.arrives).map(({ flow }) => flow);
}

test("property: neither order within a minute, nor repetition, nor when one asks changes anything", () => {
  assert(
    property(
      array(happening, { minLength: 1, maxLength: 60 }),
      array(integer({ min: 0, max: 59_000 }), { minLength: 1, maxLength: 20 }),
      integer({ min: 1, max: 40 }),
      (happenings, delays, every) => {
        const all = happenings
          .flat()
          .sort((a, b) => Date.parse(a.time ?? "") - Date.parse(b.time ?? ""));
        const [straight, other] = [watch(), watch()];
        for (const flow of all) straight.see(flow);
        for (const [i, flow] of delivered(all, delays).entries()) {
          other.see(flow);
          if (i % every === 0) other.drain();
        }
        expect(other.findings()).toEqual(straight.findings());
      },
    ),
    { numRuns: 200 },
  );
});

test("negative control: what comes hours late may change the answer", () => {
  const drops = [
    ...flows.dropped(0, { client: pods[0]! }),
    ...flows.dropped(5, { client: pods[0]! }),
  ];
  const late = watch();
  for (const flow of flows.dropped(7200, { client: pods[0]! })) late.see(flow);
  late.drain();
  for (const flow of drops) late.see(flow);
  expect(late.findings()).toEqual([]);
  expect(late.stats().late).toBe(4);
});

function watch() {
  return createDnsWatch({ clock: { now: () => 0 }, policies: POLICIES });
}
