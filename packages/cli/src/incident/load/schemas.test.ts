import { DropscopeError } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { valuesOf } from "../archive/lines.js";
import type { OpenBundle } from "../archive/read.js";
import * as schema from "./schemas.js";

// Who writes a bundle by hand can make all hashes right: what lines say is checked all the same.

async function refusal(lines: string, of: z.ZodType): Promise<string> {
  const bundle = {
    path: "x.zip",
    async *read() {
      await Promise.resolve();
      yield Buffer.from(lines);
    },
  } as unknown as OpenBundle;
  try {
    for await (const _ of valuesOf(bundle, "some.jsonl", of));
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(DropscopeError);
    expect((error as DropscopeError).code).toBe("INCIDENT_DAMAGED");
    return (error as DropscopeError).message;
  }
}

const POLICY = { kind: "NetworkPolicy", namespace: "web", name: "p" };
const PEER = { kind: "workload", namespace: "web", name: "w" };
const TIME = "2026-01-01T00:00:00.123456789Z";
const UUID = "00000000-0000-4000-8000-000000000001";
const BODY = {
  direction: "egress",
  outcome: "default-deny",
  selecting: [POLICY],
  denying: [],
  nearest: {
    policy: "web/p",
    rule: "spec.egress[0]",
    failed: [{ part: "peer", wanted: "a", got: "b" }],
  },
  agreement: "same",
  sentence: "s",
  next: "",
  reason: "POLICY_DENIED",
  audited: false,
  change: null,
  places: [],
};
const PROBLEM = {
  id: "00ff00ff00ff00ff",
  families: [],
  outcome: "default-deny",
  reason: "POLICY_DENIED",
  direction: "egress",
  source: PEER,
  destination: PEER,
  protocol: "UDP",
  port: 53,
  policies: [POLICY],
  folded: "",
  count: 3,
  first_seen: TIME,
  last_seen: TIME,
  first: 1,
  episode: 1,
  pods: { names: ["web/w-1"], count: 1 },
  nodes: { names: [], count: 0 },
  peers: { names: [], count: 0 },
  agreement: "same",
  explanation: { uuid: UUID, time: TIME, ...BODY },
  change: null,
  samples: [{ uuid: UUID, time: TIME }],
  dns: ["d1"],
};

const GOOD: Record<string, [z.ZodType, object]> = {
  explanation: [schema.ExplanationLine, { id: 1, explanation: BODY }],
  problem: [schema.ProblemLine, PROBLEM],
  minute: [schema.MinuteLine, { problem: PROBLEM.id, minutes: [[60, 1, 2]] }],
  gap: [
    schema.GapLine,
    { id: UUID, time: TIME, node: "n", cause: "perf-ring", source: 1, count: 3 },
  ],
  version: [
    schema.VersionLine,
    {
      kind: "Pod",
      namespace: "web",
      name: "p",
      uid: "",
      from: null,
      to: TIME,
      content: "c",
      resource_version: "",
      source: "folder",
    },
  ],
  content: [schema.ContentLine, { hash: "c", kind: "Pod", spec: {}, manifest: "" }],
  watch: [schema.WatchLine, { source: "folder", kind: "Pod", listed_at: TIME, until: TIME }],
};

describe("lines of a bundle", () => {
  test.each(Object.entries(GOOD))("negative control: a %s is read", async (_, [of, value]) => {
    expect(await refusal(`${JSON.stringify(value)}\n`, of)).toBe("");
  });

  test.each<[string, keyof typeof GOOD, object]>([
    [
      "a sentence that is an object",
      "explanation",
      { explanation: { ...BODY, sentence: { toString: 1 } } },
    ],
    [
      "a part that is none",
      "explanation",
      {
        explanation: {
          ...BODY,
          nearest: { ...BODY.nearest, failed: [{ part: "x", wanted: "", got: "" }] },
        },
      },
    ],
    ["an outcome that is none", "explanation", { explanation: { ...BODY, outcome: "magic" } }],
    ["an id that is SQL", "problem", { id: "0 OR 1=1" }],
    ["a port beyond all", "problem", { port: 70_000 }],
    ["a time that is none", "problem", { last_seen: "yesterday" }],
    ["names that are no list", "problem", { pods: { names: "x", count: 1 } }],
    ["a count below nothing", "problem", { count: -1 }],
    ["policies without end", "problem", { policies: Array.from({ length: 10_001 }, () => POLICY) }],
    ["minutes before 1970", "minute", { minutes: [[-60, 1, 1]] }],
    ["a gap without a cause", "gap", { cause: "weather" }],
    ["a gap whose id is no uuid", "gap", { id: "x" }],
    ["a kind that is no word", "version", { kind: "Pod'; DROP TABLE flows" }],
    ["a content that is a text", "content", { spec: "x" }],
    ["a manifest beyond all", "content", { manifest: "x".repeat(4 * 1024 * 1024 + 1) }],
    ["a list at no time", "watch", { listed_at: "" }],
  ])("%s is refused, with its line", async (_, kind, change) => {
    const [of, value] = GOOD[kind] as [z.ZodType, object];
    const lines = [value, { ...value, ...change }].map((one) => `${JSON.stringify(one)}\n`);
    const message = await refusal(lines.join(""), of);
    expect(message).toContain("line 2 of some.jsonl");
    expect(message.length).toBeLessThan(200);
  });

  test.each(["{", "[]", "null", '"x"', "", "[".repeat(100_000)])("%j is no line", async (text) => {
    expect(await refusal(`${text}\n`, schema.ProblemLine)).toContain("line 1");
  });
});
