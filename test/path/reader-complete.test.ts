import { type Flow, LOCAL_VIEWER, type Viewer } from "@dropscope/model";
import { createReader, type FlowReader, newBatchId } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowWriter } from "../kit/flow-rows.js";

// Values for completion: what flows hold, most frequent first, and only what the viewer may see.

let store: TestStore;
let reader: FlowReader;

const end = (namespace: string, pod: string, labels: string[]): NonNullable<Flow["source"]> => ({
  namespace,
  pod_name: pod,
  cluster_name: "c1",
  labels,
  workloads: [{ name: pod.replace(/-\d+$/, ""), kind: "Deployment" }],
});

const web = end("web", "checkout-1", ["k8s:app=checkout", "k8s:tier=front"]);
const db = end("payments", "db-0", ["k8s:app=db", "reserved:none"]);
const dns = end("kube-system", "coredns-1", ["k8s:k8s-app=kube-dns"]);

/** So often, at one second after the other. */
const times = (count: number, flow: Flow): Flow[] =>
  Array.from({ length: count }, (_, second) => ({
    time: new Date(Date.UTC(2026, 3, 1, 12, 0, second)).toISOString(),
    uuid: crypto.randomUUID(),
    node_name: "c1/n1",
    ...flow,
  }));

const tcp = (source: number, destination: number): NonNullable<Flow["l4"]> => ({
  TCP: { source_port: source, destination_port: destination },
});

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  const writer = new RowWriter(newBatchId(Date.now()));
  const flows: Flow[] = [
    ...times(3, {
      source: web,
      destination: db,
      verdict: "DROPPED",
      drop_reason_desc: "POLICY_DENIED",
      l4: tcp(40_000, 5432),
      destination_service: { name: "db", namespace: "payments" },
      node_labels: ["zone=a"],
      egress_denied_by: [{ name: "deny-db", namespace: "web", kind: "CiliumNetworkPolicy" }],
    }),
    ...times(2, {
      source: db,
      destination: web,
      verdict: "FORWARDED",
      is_reply: true,
      l4: tcp(5432, 40_000),
    }),
    ...times(7, {
      source: web,
      destination: dns,
      verdict: "FORWARDED",
      l4: { UDP: { source_port: 5000, destination_port: 53 } },
    }),
    ...times(1, {
      source: web,
      destination: { identity: 2, labels: ["reserved:world"] },
      destination_names: ["api.pay.example", "pay.example"],
      verdict: "DROPPED",
      drop_reason_desc: "POLICY_DENY",
      l4: tcp(40_001, 443),
      egress_denied_by: [{ name: "no-world", kind: "CiliumClusterwideNetworkPolicy" }],
    }),
    // Older than the last stored day.
    { ...times(1, { source: end("old", "gone-1", []) })[0], time: "2026-03-30T12:00:00Z" },
  ];
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
});

afterAll(() => store.close());

const payments: Viewer = { name: "someone", namespaces: ["payments"], seesL7: true };

describe("completion", () => {
  it.each<[Parameters<FlowReader["complete"]>[0], string, string[]]>([
    ["namespace", "", ["web", "kube-system", "payments"]],
    ["namespace", "pay", ["payments"]],
    ["namespace", "SYS", ["kube-system"]],
    ["pod", "web/", ["web/checkout-1"]],
    ["pod", "db", ["payments/db-0"]],
    ["workload", "c", ["checkout", "coredns"]],
    ["service", "", ["payments/db"]],
    ["node", "n1", ["c1/n1"]],
    ["cluster", "", ["c1"]],
    ["fqdn", "pay", ["pay.example", "api.pay.example"]],
    ["label", "", ["k8s:app", "k8s:tier", "k8s:k8s-app", "reserved:none", "reserved:world"]],
    ["label", "app=", ["k8s:app=checkout", "k8s:k8s-app=kube-dns", "k8s:app=db"]],
    ["label", "k8s:app=d", ["k8s:app=db"]],
    ["node-label", "zone=", ["zone=a"]],
    ["port", "", ["53", "5432", "443"]],
    ["port", "5", ["53", "5432"]],
    ["verdict", "", ["FORWARDED", "DROPPED"]],
    ["verdict", "dr", ["DROPPED"]],
    ["drop-reason", "", ["POLICY_DENIED", "POLICY_DENY"]],
    ["drop-reason", "deny", ["POLICY_DENY"]],
    ["policy", "", ["web/deny-db", "no-world"]],
    ["policy", "no", ["no-world"]],
  ])("%s %j", async (what, prefix, expected) => {
    expect(await reader.complete(what, prefix, LOCAL_VIEWER)).toEqual(expected);
  });

  it.each<[Parameters<FlowReader["complete"]>[0], string[]]>([
    ["namespace", ["payments"]],
    ["pod", ["payments/db-0"]],
    ["workload", ["db"]],
    ["fqdn", []],
    ["label", ["k8s:app", "reserved:none"]],
    ["port", ["5432"]],
    ["drop-reason", ["POLICY_DENIED"]],
    ["policy", []],
  ])("S13: of %s a viewer of one namespace is offered only its own", async (what, expected) => {
    expect(await reader.complete(what, "", payments)).toEqual(expected);
  });

  it.each(["'", "\\", "%", "') OR 1=1 --", "{p1:String}", "\u0000", "😀"])(
    "%j is text",
    async (text) => {
      for (const what of ["pod", "label", "policy", "verdict", "fqdn"] as const)
        expect(await reader.complete(what, `${text}=`, LOCAL_VIEWER)).toEqual([]);
    },
  );
});
