import { LOCAL_VIEWER, systemClock } from "@dropscope/model";
import pino from "pino";
import { expect, test } from "vitest";
import { createMemoryKnowledge } from "../testing/memory-knowledge.js";
import { createWorlds } from "../world/worlds.js";
import { lintAll } from "./lint-run.js";
import type { LintRun } from "./lint-thread.js";
import { createLinter } from "./linter.js";

const policy = (name: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: web }
spec: { podSelector: { matchLabels: { app: nobody } } }
`;
const pod = (name: string, app = "cart"): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: web, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i }] }
`;

function linting(run: LintRun["run"] = async (input) => lintAll(input)) {
  const knowledge = createMemoryKnowledge();
  const worlds = createWorlds(knowledge);
  let runs = 0;
  const linter = createLinter(knowledge, {
    run: {
      run: (input) => {
        runs += 1;
        return run(input);
      },
      stop: () => undefined,
    },
    // Two seconds of patience are over at once.
    clock: { now: () => 0, after: (_ms, then) => systemClock.after(20, then) },
    logger: pino({ level: "silent" }),
  });
  const { signal } = new AbortController();
  const lints = async () =>
    linter.lints(await worlds.at(LOCAL_VIEWER, 1, "all", signal), LOCAL_VIEWER, signal);
  return { knowledge, lints, runs: () => runs };
}

test("findings by policy, found once for as long as nothing that matters changes", async () => {
  const { knowledge, lints, runs } = linting();
  knowledge.addManifests(`${policy("a")}---\n${pod("cart-0")}`);
  const { state, findings } = await lints();
  expect(state).toBe("done");
  expect(findings.get("NetworkPolicy/web/a")?.map(({ id }) => id)).toContain("NP011");
  // A replica more changes nothing that lints look at, a pod with other labels does.
  knowledge.addManifests(pod("cart-1"));
  expect((await lints()).findings).toBe(findings);
  expect(runs()).toBe(1);
  knowledge.addManifests(pod("nobody-0", "nobody"));
  const ids = (await lints()).findings.get("NetworkPolicy/web/a")?.map(({ id }) => id);
  expect(ids ?? []).not.toContain("NP011");
  expect(runs()).toBe(2);
});

test("what takes long is not waited for: the findings of before are told, and that they are", async () => {
  let finish = (): void => undefined;
  let slow = false;
  const { knowledge, lints } = linting(async (input) => {
    if (slow) await new Promise<void>((done) => (finish = done));
    return lintAll(input);
  });
  knowledge.addManifests(`${policy("a")}---\n${pod("cart-0")}`);
  await lints();
  slow = true;
  knowledge.addManifests(policy("b"));
  const late = await lints();
  expect(late.state).toBe("running");
  expect([...late.findings.keys()]).toEqual(["NetworkPolicy/web/a"]);
  finish();
  const done = await lints();
  expect(done.state).toBe("done");
  expect([...done.findings.keys()]).toEqual(["NetworkPolicy/web/a", "NetworkPolicy/web/b"]);
});

test("a thread that dies takes nothing else along", async () => {
  const { knowledge, lints } = linting(() => Promise.reject(new Error("out of memory")));
  knowledge.addManifests(policy("a"));
  expect(await lints()).toEqual({ state: "failed", findings: new Map() });
});
