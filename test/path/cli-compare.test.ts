import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CompareAnswer, Flow } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

// What a person types after a deployment went wrong, on flows that were exported.

const folder = scratchDir("compare");
const data = join(folder, "data");
const MINUTE = 60_000;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
const DEPLOYED = START + 10 * MINUTE + 17_500;
const iso = (ms: number): string => new Date(ms).toISOString();

function flow(at: number, to: string, verdict: "FORWARDED" | "DROPPED"): Flow {
  return {
    time: iso(at),
    uuid: crypto.randomUUID(),
    verdict,
    ...(verdict === "DROPPED" ? { drop_reason_desc: "POLICY_DENIED" as const } : {}),
    event_type: verdict === "DROPPED" ? { type: 1, sub_type: 133 } : { type: 4 },
    traffic_direction: "EGRESS",
    node_name: "n1",
    Type: "L3_L4",
    IP: { source: "10.0.0.7", destination: "10.0.0.8", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: 8443 } },
    source: { namespace: "shop", pod_name: "web-7d9f8b6c5-x2k4p", identity: 1001 },
    destination: { namespace: "pay", pod_name: `${to}-5c7b9f8d6-z8v5t`, identity: 1002 },
  };
}

beforeAll(async () => {
  const lines: string[] = [];
  for (let at = START; at < START + 20 * MINUTE; at += 10_000) {
    const after = at >= DEPLOYED;
    lines.push(JSON.stringify({ flow: flow(at, "api", after ? "DROPPED" : "FORWARDED") }));
    lines.push(JSON.stringify({ flow: flow(at + 1, after ? "new" : "old", "FORWARDED") }));
    lines.push(JSON.stringify({ flow: flow(at + 2, "cache", "FORWARDED") }));
  }
  const file = join(folder, "flows.jsonl");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { code, err } = await runCli(["import", file, "--data", data]);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
});
afterAll(cleanUp);

const ranges = [
  ["--since", iso(DEPLOYED)],
  ["--until", iso(START + 20 * MINUTE)],
  ["--with-since", iso(START)],
  ["--with-until", iso(DEPLOYED)],
].flat();
const compare = (...words: string[]) => runCli(["compare", "--data", data, ...words]);

describe("dropscope compare", () => {
  test("tells a program what is different", async () => {
    const { code, out, err } = await compare(...ranges, "-o", "json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const found = JSON.parse(out) as CompareAnswer;
    expect(found.edges.map(({ change, server }) => [change, server.name])).toEqual([
      ["verdict", "api"],
      ["new", "new"],
      ["vanished", "old"],
    ]);
    expect(found.counts).toEqual({ verdict: 1, drops: 0, new: 1, vanished: 1, same: 1 });
    expect(found.before).toMatchObject({ flows: 186, dropped: 0 });
    expect(found.after).toMatchObject({ flows: 174, dropped: 58 });
    expect(found.reasons).toEqual([{ key: "POLICY_DENIED", before: 0, after: 58 }]);
  });

  test("tells a person in aligned lines", async () => {
    const { code, out } = await compare(...ranges);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^verdict changed +shop\/web → pay\/api +8443\/TCP +forwarded 0\.1\/s +→ +dropped POLICY_DENIED 0\.1\/s$/m,
    );
    expect(out).toMatch(/^drops POLICY_DENIED +0\/s +0\.1\/s$/m);
    expect(out).toMatch(/^no policy and no label changed$/m);
    expect(out).toMatch(/^1 verdict changed, 1 new, 1 vanished, 1 as before$/m);
  });

  test("takes the filters of observe", async () => {
    const { out } = await compare(...ranges, "--to-pod", "pay/new", "-o", "json");
    const { edges, counts } = JSON.parse(out) as CompareAnswer;
    expect(edges.map(({ server }) => server.name)).toEqual(["new"]);
    expect(counts.same).toBe(0);
  });

  test.each([
    [["--until", "1h"], "RANGE_OPEN", "--since"],
    [["--since", "1h", "--until", "2h"], "BAD_RANGE", "--since is later than --until"],
    [["--since", "1h", "--with-since", "2h"], "RANGE_OPEN", "--with-until"],
    [["--since", "soon"], "BAD_TIME", "--since"],
    [["--since", "1h", "--until", "2099-01-01"], "BAD_RANGE", "future"],
    [["--nonsense"], "USAGE", "--nonsense"],
  ])("%j: %s", async (words, code, text) => {
    const result = await compare(...words);
    expectClearError(result, code, 2);
    expect(result.err).toContain(text);
  });

  test("of what is not stored any more it says so", async () => {
    const result = await compare("--since", "9d", "--until", "8d");
    expect(result.code).not.toBe(0);
    expect(result.err).toContain("BEFORE_RETENTION");
  });
});
