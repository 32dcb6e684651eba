import type { DropExplanation, Flow } from "@dropscope/model";
import type { ExplainedRow, LandedBatch, LandedFlow } from "@dropscope/store";
import { describe, expect, test } from "vitest";
import { createDropPairs, type Explainer } from "../explain/index.js";
import { createProblemBook } from "../problems/index.js";
import { explanationOf, flowOf, minutes, uuidOf } from "../problems/testing.js";
import { type BatchTools, explainBatch } from "./explain-batch.js";

const NODE_TIME = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000000Z`;

function batchOf(id: number, at = minutes(0)): LandedBatch {
  const ns = BigInt(at) * 1_000_000n;
  return { id: BigInt(id), minTimeNs: ns, maxTimeNs: ns, flows: 1, sealedAt: at, storedAt: at };
}

function landed(number: number, flow: Partial<Flow> = {}, at = minutes(0)): LandedFlow {
  return {
    batch: 1n,
    uuid: uuidOf(number),
    timeNs: BigInt(at) * 1_000_000n,
    weight: 1,
    flow: flowOf({ uuid: uuidOf(number), time: NODE_TIME(at), drop_reason: 133, ...flow }),
  };
}

const drop = { event_type: { type: 1, sub_type: 133 } };
const verdict = { event_type: { type: 5 } };

function tools(explain: (flow: Flow) => Partial<DropExplanation> = () => ({})): BatchTools {
  const explainer: Explainer = {
    explain: (flow) =>
      explanationOf({ uuid: flow.uuid ?? "", time: flow.time ?? "", ...explain(flow) }),
  };
  return {
    explainerAt: () => Promise.resolve(explainer),
    pairs: createDropPairs(),
    book: createProblemBook({ clock: { now: () => minutes(0) } }),
    landed: new WeakMap(),
    load: () => Promise.resolve(),
  };
}

const none: ExplainedRow[] = [];

describe("a batch", () => {
  test("is explained row by row; what was not dropped has none", async () => {
    const flows = [
      landed(1, drop),
      landed(2, { verdict: "FORWARDED" }),
      landed(3, { verdict: "AUDIT", ...verdict }),
    ];
    const { rows, minutes: counts } = await explainBatch(
      { batch: batchOf(1), flows, stored: none },
      tools(),
    );
    expect(rows.map(({ uuid, told }) => [uuid, told])).toEqual([
      [uuidOf(1), "drop"],
      [uuidOf(3), "verdict"],
    ]);
    expect(counts).toMatchObject([
      { minute: minutes(0) - (minutes(0) % 60_000), drops: 1, verdicts: 1 },
    ]);
    expect(JSON.parse(rows[0]!.explanation)).not.toHaveProperty("uuid");
  });

  test("counts an aggregated flow for what it stands for, in its own minute", async () => {
    const flows = [
      { ...landed(1, drop), weight: 40 },
      landed(2, drop, minutes(1)),
      landed(3, drop, minutes(1)),
    ];
    const { minutes: counts } = await explainBatch(
      { batch: batchOf(1), flows, stored: none },
      tools(),
    );
    expect(counts.map(({ drops }) => drops)).toEqual([40, 2]);
  });

  test("the drop and the verdict of a packet are one problem, though only one names the policy", async () => {
    const by = [{ kind: "CiliumNetworkPolicy", namespace: "web", name: "deny" }];
    const kit = tools((flow) =>
      flow.egress_denied_by ? { denying: by.map((one) => ({ ...one, rule: "" })) } : {},
    );
    const packet = {
      drop_reason: 181,
      drop_reason_desc: "POLICY_DENY",
      traffic_direction: "EGRESS",
    } as const;
    const first = landed(1, { ...verdict, ...packet, egress_denied_by: by });
    const second = landed(2, { ...drop, ...packet });
    const together = await explainBatch(
      { batch: batchOf(1), flows: [first, second], stored: none },
      kit,
    );
    expect(new Set(together.rows.map(({ problem }) => problem)).size).toBe(1);
    // The same over the border of two batches.
    const third = landed(3, {
      ...drop,
      ...packet,
      l4: { UDP: { source_port: 1, destination_port: 53 } },
    });
    const fourth = landed(4, {
      ...verdict,
      ...packet,
      egress_denied_by: by,
      l4: { UDP: { source_port: 1, destination_port: 53 } },
    });
    const [a] = (await explainBatch({ batch: batchOf(2), flows: [third], stored: none }, kit)).rows;
    const [b] = (await explainBatch({ batch: batchOf(3), flows: [fourth], stored: none }, kit))
      .rows;
    expect(b!.problem).toBe(a!.problem);
  });

  test("that was explained before a kill stays as it is, whatever the policies say now", async () => {
    const flows = [landed(1, drop), landed(2, drop, minutes(1))];
    const before = await explainBatch({ batch: batchOf(1), flows, stored: none }, tools());
    const changed = tools(() => ({ outcome: "unexplained", selecting: [], sentence: "other" }));
    const after = await explainBatch({ batch: batchOf(1), flows, stored: before.rows }, changed);
    expect(after.rows).toEqual(before.rows);
    expect(after.minutes).toEqual(before.minutes);
    expect(changed.book.get(before.rows[0]!.problem)).toMatchObject({ outcome: "default-deny" });
    // Negative control: without what is stored, the new policies would tell another story.
    const fresh = await explainBatch({ batch: batchOf(1), flows, stored: none }, changed);
    expect(fresh.rows).not.toEqual(before.rows);
  });

  test("flows without an id or a time are known by what the store gave them", async () => {
    const { uuid: _uuid, time: _time, ...bare } = flowOf(drop);
    const flows: LandedFlow[] = [{ batch: 1n, uuid: uuidOf(7), timeNs: 0n, weight: 1, flow: bare }];
    const done = await explainBatch({ batch: batchOf(1), flows, stored: none }, tools());
    expect(done.explanations.get(uuidOf(7))).toMatchObject({ uuid: uuidOf(7), time: "" });
    expect(done.minutes).toMatchObject([{ drops: 1 }]);
  });
});
