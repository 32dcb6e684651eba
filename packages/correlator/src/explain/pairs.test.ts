import type { Flow } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { createDropPairs, type PairedDrop } from "./pairs.js";
import { AT, drop } from "./testing.js";

const BY = [{ name: "no", namespace: "web", kind: "CiliumNetworkPolicy" }];
const at = (ms: number): string => new Date(AT + ms).toISOString();

let made = 0;
const event = (type: 1 | 5, ms: number, patch: Flow = {}): Flow =>
  drop({
    uuid: String((made += 1)),
    time: at(ms),
    event_type: { type },
    drop_reason_desc: "POLICY_DENY",
    ...(type === 5 ? { ingress_denied_by: BY } : {}),
    ...patch,
  });

function run(flows: readonly Flow[], options = {}): PairedDrop[] {
  const pairs = createDropPairs(options);
  return [...flows.flatMap((flow) => pairs.push(flow)), ...pairs.flush()];
}

const attributed = (ready: readonly PairedDrop[]): boolean[] =>
  ready.map(({ told }) => told.ingress_denied_by === BY);

describe("the two events of a packet", () => {
  test.each([
    ["verdict first", [5, 1]],
    ["drop first", [1, 5]],
  ] as const)("%s: both know the policy, one counts, the order stays", (_, [first, second]) => {
    const flows = [event(first, 0), event(second, 1)];
    const ready = run(flows);
    expect(ready.map(({ flow }) => flow)).toEqual(flows);
    expect(attributed(ready)).toEqual([true, true]);
    expect(ready.map(({ counts }) => counts)).toEqual([true, false]);
    // Whoever leaves before the other came knows all the same: that is the verdict.
    expect(ready[1]?.partner).toBe(flows[0]);
  });

  test("packets of one connection are joined one by one", () => {
    const flows = [
      event(5, 0),
      event(5, 1),
      event(1, 2),
      event(1, 3),
      event(5, 1000),
      event(1, 1001),
    ];
    const ready = run(flows);
    expect(ready.map(({ counts }) => counts)).toEqual([true, true, false, false, true, false]);
    expect(ready[2]?.partner).toBe(flows[0]);
    expect(ready[5]?.partner).toBe(flows[4]);
  });

  test.each([
    ["another node", { node_name: "node-2" }],
    ["the other direction", { traffic_direction: "EGRESS" }],
    ["another port", { l4: { TCP: { source_port: 40001, destination_port: 5432 } } }],
    ["another reason", { drop_reason_desc: "POLICY_DENIED" }],
    ["much later", { time: at(501) }],
    ["no addresses", { IP: {} }],
  ])("%s is another packet", (_, patch) => {
    const ready = run([event(5, 0), event(1, 0, patch)]);
    expect(attributed(ready)).toEqual([true, false]);
    expect(ready.map(({ counts }) => counts)).toEqual([true, true]);
  });

  test("drops that are no policy's doing, and requests, are never joined and never wait", () => {
    const pairs = createDropPairs();
    const other = event(1, 0, { drop_reason_desc: "STALE_OR_UNROUTABLE_IP" });
    expect(pairs.push(other)).toHaveLength(1);
    const request = event(1, 0, { event_type: { type: 129 }, l7: { http: { method: "GET" } } });
    expect(pairs.push(request)).toHaveLength(1);
  });
});

describe("waiting", () => {
  test("a drop waits until its node is a second on, and all behind it with it", () => {
    const pairs = createDropPairs();
    expect(pairs.push(event(1, 0))).toEqual([]);
    expect(pairs.push(event(5, 1, { node_name: "node-2" }))).toEqual([]);
    expect(pairs.push(event(5, 999, { l4: { UDP: {} } }))).toEqual([]);
    expect(pairs.push(event(5, 1000, { l4: { UDP: {} } }))).toHaveLength(4);
  });

  test("after a flush what left is still known, so that its packet counts once", () => {
    const pairs = createDropPairs();
    pairs.push(event(1, 0));
    expect(pairs.flush()).toMatchObject([{ counts: true }]);
    expect(pairs.push(event(5, 1))).toMatchObject([{ counts: false }]);
  });

  test("memory is bounded: the oldest leave", () => {
    const pairs = createDropPairs({ most: 10 });
    let left = 0;
    for (let n = 0; n < 100; n++)
      left += pairs.push(
        event(1, 0, { l4: { TCP: { source_port: n + 1, destination_port: 1 } } }),
      ).length;
    expect(left).toBe(90);
  });
});
