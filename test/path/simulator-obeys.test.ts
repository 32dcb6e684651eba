import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createPolicyEngine } from "@dropscope/cli/policy-engine";
import {
  createSimulator,
  type EditOutcome,
  type Simulator,
  type SimulatorOptions,
} from "@dropscope/ingester/simulator";
import { until } from "@dropscope/ingester/testing";
import type { Clock } from "@dropscope/model";
import { type FlowStream, observerClient } from "../kit/observer-client.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";

// With the policy engine the simulated traffic obeys the folder, whoever writes there.

/** Of Hubble's verdicts. */
const FORWARDED = "1";
const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop(1_000);
});
afterAll(cleanUp);

/** What every node saw up to now, in the order of relay. */
async function flowsOf(simulator: Simulator): Promise<ReturnType<FlowStream["flows"]>> {
  const client = observerClient(simulator.address());
  const stream = client.flows({ since: { seconds: 1n, nanos: 0 } });
  await stream.ended;
  client.close();
  return stream.flows();
}

async function started(options: SimulatorOptions): Promise<Simulator> {
  const simulator = createSimulator({ listen: { port: 0 }, ...options });
  running.push(simulator);
  await simulator.start();
  return simulator;
}

/** Stands still, so that two simulations see the same seconds. */
const STILL: Clock = { now: () => Date.UTC(2026, 0, 1), after: () => () => undefined };

describe("as long as nobody edits the folder", () => {
  test.each(["egress-without-dns", "or-instead-of-and", "renamed-label", "explicit-deny"] as const)(
    "%s: the traffic is the same, byte for byte, as by the simulator's own reading of its policies",
    async (incident) => {
      const options = { incidents: [incident], historySeconds: 60, clock: STILL, ring: 65_535 };
      const own = await flowsOf(await started({ ...options, policiesDir: scratchDir("own") }));
      const obeyed = await flowsOf(
        await started({
          ...options,
          policiesDir: scratchDir("obeyed"),
          engine: createPolicyEngine("shop"),
        }),
      );
      expect(own.length).toBeGreaterThan(3000);
      expect(obeyed.length).toBe(own.length);
      for (const [at, flow] of obeyed.entries()) expect(flow).toEqual(own[at]);
    },
    60_000,
  );
});

describe("as soon as somebody does", () => {
  const ALLOWED = `    - to:
        - namespaceSelector: {}
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: PROTOCOL, port: 53 }]
`;

  async function watched(): Promise<{
    file: string;
    edits: EditOutcome[];
    /** Name lookups of checkout that came after this call: how many passed, how many were dropped. */
    lookups: (atLeast: number) => Promise<{ passed: number; dropped: number }>;
  }> {
    const dir = scratchDir("edited");
    const edits: EditOutcome[] = [];
    const simulator = await started({
      incidents: ["egress-without-dns"],
      rate: 0,
      policiesDir: dir,
      engine: createPolicyEngine("shop"),
      untilRepaired: true,
      onEdit: (edit) => edits.push(edit),
    });
    const all = async (): Promise<boolean[]> =>
      (await flowsOf(simulator)).flatMap(({ l4, verdict }) => {
        const layer = l4?.protocol;
        const isLookup = layer?.case === "UDP" && layer.value.destinationPort === 53;
        return isLookup ? [String(verdict) === FORWARDED] : [];
      });
    return {
      file: join(dir, "checkout-egress.yaml"),
      edits,
      async lookups(atLeast) {
        const before = (await all()).length;
        let seen: boolean[] = [];
        await until("lookups", async () => (seen = (await all()).slice(before)).length >= atLeast);
        return {
          passed: seen.filter(Boolean).length,
          dropped: seen.filter((passed) => !passed).length,
        };
      },
    };
  }

  const edit = (file: string, change: (text: string) => string): void => {
    const text = change(readFileSync(file, "utf8"));
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };

  test("the right rule ends the drops; the wrong one, what does not parse and another policy do not", async () => {
    const { file, edits, lookups } = await watched();
    const says = (outcome: EditOutcome["outcome"], count: number): Promise<void> =>
      until(`${count} edits`, () => edits.length >= count).then(() =>
        expect(edits.at(-1)).toMatchObject({ outcome }),
      );
    expect((await lookups(4)).passed).toBe(0);
    const own = readFileSync(file, "utf8");
    expect(own).not.toContain("kube-dns");

    edit(file, (text) => text + ALLOWED.replace("PROTOCOL", "TCP"));
    await says("obeyed", 1);
    expect((await lookups(4)).passed).toBe(0);

    edit(join(file, "..", "loki-ingress.yaml"), (text) => text.replace("3100", "3101"));
    await says("obeyed", 2);
    expect((await lookups(4)).passed).toBe(0);

    edit(file, (text) => `${text}  - : no yaml\n`);
    await says("refused", 3);
    expect((await lookups(4)).passed).toBe(0);

    edit(file, () => own + ALLOWED.replace("PROTOCOL", "UDP"));
    await says("obeyed", 4);
    expect((await lookups(4)).dropped).toBe(0);

    edit(file, () => own);
    await says("back", 5);
    expect((await lookups(4)).passed).toBe(0);

    // Without the policy nothing isolates checkout any more.
    rmSync(file);
    await says("removed", 6);
    expect((await lookups(4)).dropped).toBe(0);
  }, 120_000);
});
