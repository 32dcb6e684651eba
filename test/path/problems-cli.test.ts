import { join } from "node:path";
import type { DropExplanation, Problem } from "@dropscope/model";
import { createProblemReader, openStore } from "@dropscope/store";
import { until } from "@dropscope/ingester/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cleanUp,
  dashboardUrl,
  expectClearError,
  runCli,
  scratchDir,
  startCli,
  type Cli,
} from "../kit/run-cli.js";

// What a person types: the demo explains its drops by itself, and problems are listed beside it.

const data = join(scratchDir(), "data");
let up: Cli;
let url: string;

beforeAll(async () => {
  up = startCli([
    "up",
    "--port",
    "0",
    "--data",
    data,
    "--incidents",
    "egress-without-dns",
    "--rate",
    "30",
  ]);
  url = await dashboardUrl(up);
});
afterAll(cleanUp);

async function problems(...args: string[]): Promise<Problem[]> {
  const { code, out, err } = await runCli(["problems", "--data", data, "-o", "json", ...args]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Problem);
}

describe("the demo", () => {
  test("drops are a problem with the policy that causes it, without any setting", async () => {
    let found: Problem[] = [];
    await until(
      "the lookups that fail are a problem",
      async () => (found = await problems()).some(({ port }) => port === 53),
      60_000,
    );
    const own = found.filter(({ port }) => port === 53);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({
      state: "new",
      outcome: "default-deny",
      direction: "egress",
      source: { namespace: "web", name: "checkout" },
      destination: { namespace: "kube-system", name: "coredns" },
      policies: [{ kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" }],
      explanation: { nearest: { policy: "web/checkout-egress" } },
    });
  });

  test("`correlate` beside it prints what it explains, and writes nothing itself", async () => {
    const beside = startCli(["correlate", "--data", data]);
    // Between two of them the incident pauses for minutes; on a quick machine it is still the first.
    const [line] = await beside.says(/^\{.*"sentence".*\}$/m, 300_000);
    const told = JSON.parse(line) as DropExplanation & { problem: string; node: string };
    expect((await beside.stop()).code).toBe(0);
    const store = openStore({ dataDir: data, share: true, readOnly: true, requireStore: true });
    await store.start();
    const stored = await createProblemReader(store.client).explanationOf(told.uuid, {
      name: "all",
      namespaces: "all",
      seesL7: true,
    });
    await store.stop(5_000);
    const { problem, node: _node, ...explanation } = told;
    expect(stored).toMatchObject({ problem, explanation });
    expect(told.selecting).toMatchObject([{ name: "checkout-egress" }]);
  }, 360_000);

  test("problems are filtered, and told to a person in words", async () => {
    expect(await problems("--namespace", "payments")).toEqual([]);
    const [dns] = await problems("checkout", "--to-port", "53", "--limit", "1");
    expect(dns).toMatchObject({ port: 53 });
    const same = await problems("--policy", "web/checkout-*", "--problem", dns?.id ?? "");
    expect(same.map(({ id }) => id)).toEqual([dns?.id]);
    expect(await problems("--not", "--policy", "web/*", "--to-port", "53")).toEqual([]);
    expect(await problems("nobody-says-this")).toEqual([]);
    expect(await problems("--state", "resolved")).toEqual([]);
    expect(await problems("--limit", "1")).toHaveLength(1);
    const { code, out } = await runCli(["problems", "--data", data]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^NEW +web\/checkout → kube-system\/coredns on UDP 53 {2}egress default-deny$/m,
    );
    expect(out).toMatch(
      /^ {2}web\/checkout to kube-system\/coredns on UDP 53 was dropped: .*checkout-egress/m,
    );
    expect(out).toMatch(/drops?, .* [0-9a-f]{16}$/m);
  });

  test("--follow goes on until it is stopped", async () => {
    const following = startCli(["problems", "--follow", "--data", data, "-o", "json"]);
    const [line] = await following.says(/^\{.*"port":53.*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ source: { name: "checkout" } });
    expect((await following.stop()).code).toBe(0);
  });

  test("metrics tell outcomes, problems and how far behind it is", async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(
      /^dropscope_correlator_drops_explained_total\{outcome="default-deny"\} [1-9]/m,
    );
    expect(text).toMatch(
      /^dropscope_correlator_drops_explained_total\{outcome="unexplained"\} 0$/m,
    );
    expect(text).toMatch(
      /^dropscope_correlator_agreement_total\{agreement="cilium-silent"\} [1-9]/m,
    );
    expect(text).toMatch(
      /^dropscope_correlator_problems\{state="new",outcome="default-deny"\} [1-9]/m,
    );
    expect(text).toMatch(/^dropscope_correlator_leading 1$/m);
    expect(text).toMatch(/^dropscope_correlator_lag_seconds [\d.]+$/m);
  });

  test("a restart changes no problem", async () => {
    const before = await problems();
    expect((await up.stop()).code).toBe(0);
    const known = await problems("--state", "new", "ongoing", "back");
    for (const one of before) {
      const same = known.find(({ id }) => id === one.id)!;
      expect(same).toMatchObject({ firstSeen: one.firstSeen, policies: one.policies });
      expect(same.count).toBeGreaterThanOrEqual(one.count);
    }
    up = startCli(["up", "--port", "0", "--data", data, "--incidents", "none", "--rate", "30"]);
    await dashboardUrl(up);
    expect(await problems()).toMatchObject(
      known.map(({ id, count, pods, samples, firstSeen, lastSeen }) => ({
        id,
        count,
        pods,
        samples,
        firstSeen,
        lastSeen,
      })),
    );
  });
});

describe("what a person may get wrong", () => {
  test("a folder without a store, a state that is none", async () => {
    const nowhere = join(scratchDir(), "none");
    expectClearError(await runCli(["problems", "--data", nowhere]), "DATA_MISSING", 66);
    const wrong = await runCli(["problems", "--data", data, "--state", "old"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/new.*ongoing.*back.*resolved/s);
    const label = await runCli(["problems", "checkout", "--label", "app=web", "--data", data]);
    expectClearError(label, "FILTER_UNSUPPORTED", 2);
    expect(label.err).toContain("    checkout --label app=web\n             ^^^^^^^^^^^^^^^\n");
  });

  test("policies that are not there are said before anything starts", async () => {
    const result = await runCli([
      "up",
      "--port",
      "0",
      "--data",
      nowhere(),
      "--policies",
      nowhere(),
    ]);
    expectClearError(result, "POLICY_FILE", 66);
  });

  function nowhere(): string {
    return join(scratchDir(), "none");
  }
});
